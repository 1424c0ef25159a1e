"""What is too much is refused by its length, before any of it is read."""

import io

import pytest
from django.urls import resolve, reverse

from findme.http import BadJson, read_json
from findme.refusals import words_of
from findme.serving import bodies

pytestmark = pytest.mark.django_db
MANY = 300 * 2**20


class Unread(io.BytesIO):
    """A body that must not be asked for."""

    def read(self, *args):
        raise AssertionError("the body was read")


def send(client, address, length, kind="multipart/form-data; boundary=b", **more):
    body = {"wsgi.input": Unread(), "CONTENT_TYPE": kind, **more}
    if length is not None:
        body["CONTENT_LENGTH"] = str(length)
    return client.generic("POST", address, **body)


@pytest.mark.parametrize("address", ["/join/", "/account/login/", "/admin/login/", "/"])
def test_a_page_without_files_reads_no_long_body(client, address):
    answer = send(client, address, MANY)
    assert answer.status_code == 413
    assert words_of("body_too_large") in answer.content.decode()


def test_scripts_are_told_in_json(client):
    answer = send(client, "/join/", MANY, HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("length", ["9" * 19, "9" * 5_000, "-1", "1e9", "x", "²"])
@pytest.mark.parametrize("more", [{}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_length_that_is_none_is_too_much_wherever_files_of_any_size_are_taken(
    client, event, length, more
):
    for address in ("/join/", reverse("admin:photos_photo_upload", args=[event.pk])):
        assert send(client, address, length, **more).status_code == 413


@pytest.mark.parametrize("length", [None, ""])
def test_a_body_that_does_not_say_how_long_it_is_is_not_waited_for(client, length):
    answer = send(client, "/join/", length, HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411
    assert words_of("length_missing") in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "code"),
    [("selfie", "too_large"), ("check_selfie", "too_large"), ("uploads", "too_much_at_once")],
)
def test_a_page_with_files_takes_so_much_and_only_of_its_guests(
    client, as_user, event, guest, name, code, settings
):
    settings.SELFIE_MAX_BYTES = settings.PHOTO_MAX_BYTES = 2**20
    address = reverse(name, args=[event.slug])
    assert words_of(code) in send(as_user(guest), address, MANY).content.decode()
    visitor = send(client, address, 2**20)
    assert visitor.url == f"{reverse('account_request_login_code')}?next={address}"


def test_the_desk_takes_a_photographers_folder(event, client):
    upload, receive = (
        reverse(f"admin:photos_photo_{name}", args=[event.pk]) for name in ("upload", "receive")
    )
    assert getattr(resolve(upload).func, bodies._TAKES)[0]() == 2 * 2**30
    assert send(client, upload, MANY).status_code == 302
    assert getattr(resolve(receive).func, bodies._TAKES)[0]() == 120 * 2**20
    assert send(client, receive, MANY).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b"NaN",
        b"{",
        b"\xff",
        b'"' + b"x" * 2**18 + b'"',
    ],
)
def test_json_is_bounded_in_length_and_depth(rf, body):
    with pytest.raises(BadJson):
        read_json(rf.post("/", body, "application/json"))


def test_brackets_in_texts_are_no_depth(rf):
    text = {"a": ["[[[[[[[[[[", '"[[[[[[[[[[\\']}
    assert read_json(rf.post("/", text, "application/json")) == text


def test_deep_json_is_a_bad_request_wherever_it_is_sent(event, organizer, as_user):
    client = as_user(organizer)
    address = reverse("admin:photos_photo_known", args=[event.pk])
    answer = client.post(address, b'{"sha256":' + b"[" * 100_000, "application/json")
    assert answer.status_code == 400
