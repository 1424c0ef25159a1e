"""Whatever is asked, the answer is never a 500."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.builders import agreeing, make_photo
from tests.fakes import picture

pytestmark = pytest.mark.django_db

NASTY = ["\x00", "a\x00b", "x" * 3000, "%", "../../..", "'\"><script>", "é中🙂", " ", "-1", "1e9"]


@pytest.fixture(params=["visitor", "guest", "organizer"])
def client(request, as_user):
    client = (
        Client() if request.param == "visitor" else as_user(request.getfixturevalue(request.param))
    )
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_in_addresses_and_fields(client, event, text):
    answers = [
        client.get(f"/e/{event.slug}/join/{text.replace('/', '')}/"),
        client.get(f"/e/{text.replace('/', '')}/"),
        client.get("/join/", {"code": text}),
        client.post("/join/", {"code": text}),
        client.get(reverse("general", args=[event.slug]), {"before": text}),
        client.get(reverse("my_photos", args=[event.slug]), {"after": text}),
        client.post(event.get_join_url(), {"name": text, "email": text}),
        client.post(event.get_join_url(), {"name": text, "email": "new@example.com"}),
        client.post(reverse("account_login"), {"email": text}),
        client.get("/", headers={"accept-language": text.replace("\n", "")}),
        client.post(reverse("set_language"), {"language": text, "next": text}),
        *taking_home(client, event, text),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def taking_home(client, event, text):
    """Requests that choose photos, download them and say something of them."""
    photo = make_photo(event)
    for name in ("download_selection", "mark_favourites", "download_favourites", "download_mine"):
        data = {"photo": text, "photos": text, "size": text, "next": text, "on": text}
        yield client.post(reverse(name, args=[event.slug]), data)
    yield client.get(reverse("download", args=[event.slug, photo.pk]), {"size": text})
    yield client.get(reverse("photo_faces", args=[event.slug, photo.pk]), {"face": text})
    data = {"verdict": text, "face": text}
    yield client.post(reverse("say_verdict", args=[event.slug, photo.pk]), data)
    data = {"answer": text, "face": text, "on": text, "after": text}
    for number in (photo.pk, 10**40):
        yield client.post(reverse("answer_question", args=[event.slug, number]), data)
    yield client.post(reverse("take_answer_back", args=[event.slug]), data)
    yield client.get(reverse("questions", args=[event.slug]), {"after": text, "answered": text})
    yield client.post(reverse("together", args=[event.slug]), {"share": text})
    yield client.post(reverse("children", args=[event.slug]), {"name": text, "guardian": text})
    yield client.post(reverse("look_as", args=[event.slug]), {"person": text, "page": text})
    yield client.post(reverse("keep_selfie", args=[event.slug]), {"person": text})
    yield client.post(reverse("uploads", args=[event.slug]), {"photos": text})
    for name in ("ask_to_hide", "take_hiding_back"):
        data = {"words": text, "gallery": text, "next": text}
        yield client.post(reverse(name, args=[event.slug, photo.pk]), data)


@pytest.mark.parametrize("photo_id", [0, 2**31, 2**63, 10**40])
def test_ids_out_of_range_are_not_found(client, event, photo_id):
    pages = ["photo", "my_photo", "thumbnail", "medium", "preview", "original"]
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
