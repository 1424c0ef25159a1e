"""Wrong requests are answered as such; `tests/trust/test_fuzz.py` sends more of them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.builders import agreeing, make_photo
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["visitor", "guest", "organizer"])
def client(request, as_user):
    client = (
        Client() if request.param == "visitor" else as_user(request.getfixturevalue(request.param))
    )
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("photo_id", [0, 2**31, 2**63, 10**40])
def test_ids_out_of_range_are_not_found(client, event, photo_id):
    pages = ["photo", "my_photo", "favourite_photo", "thumbnail", "medium", "preview", "original"]
    for name in [*pages, "download", "photo_faces", "together_with"]:
        answer = client.get(reverse(name, args=[event.slug, photo_id]))
        assert answer.status_code in (302, 404)
    for name in ("say_verdict", "remove_upload", "download_together", "ask_to_hide"):
        answer = client.post(reverse(name, args=[event.slug, photo_id]))
        assert answer.status_code in (302, 404)


@pytest.mark.parametrize("name", ["a" * 300 + ".jpg", "../../x.jpg", "\x01\x02.jpg", "", "é🙂.jpg"])
def test_nasty_file_names_are_no_trouble(event, organizer, as_user, name):
    client = as_user(organizer)
    body = picture([1])
    head = f'--b\r\nContent-Disposition: form-data; name="photos"; filename="{name}"\r\n\r\n'
    data = head.encode() + body + b"\r\n--b--\r\n"
    address = reverse("admin:photos_photo_upload", args=[event.pk])
    answer = client.post(address, data, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 200


def test_an_upload_that_breaks_off_is_no_trouble(event, organizer, as_user):
    client = as_user(organizer)
    client.raise_request_exception = False
    address = reverse("admin:photos_photo_upload", args=[event.pk])
    data = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\nabc'
    answer = client.post(address, data, content_type="multipart/form-data; boundary=b")
    assert answer.status_code < 500


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=b"])
def test_a_form_that_nobody_can_read_is_sent_to_no_page(guest, as_user, kind):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = as_user(guest).cookies
    client.get("/")  # which gives it a token
    body = b"--b\r\nContent-Disposition: form-data; name=a\r\n"
    body += b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--b--\r\n"
    for path in ("/nothing/", "/nothing"):
        assert client.generic("POST", path, body, content_type=kind).status_code == 404


def test_a_selfie_that_is_no_file_is_refused(event, guest, as_user):
    address = reverse("selfie", args=[event.slug])
    assert as_user(guest).post(address, {"image": "text", **agreeing(event)}).status_code == 422
    html = SimpleUploadedFile("x.jpg", b"<html>", "image/jpeg")
    assert as_user(guest).post(address, {"image": html, **agreeing(event)}).status_code == 422


def test_a_head_request_is_answered_like_a_get_without_a_body(event, guest, as_user):
    photo = make_photo(event)
    for name in ("photo", "thumbnail"):
        answer = as_user(guest).head(reverse(name, args=[event.slug, photo.pk]))
        assert (answer.status_code, answer.content) == (200, b"")
