"""What the upload page's script asks, and the plain form."""

import hashlib
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Membership
from findme.refusals import code_and_reason
from photos.imaging import formats
from photos.intake import desk_upload
from photos.models import Photo
from tests.builders import add_member, make_photo, make_user
from tests.fakes import picture

pytestmark = pytest.mark.django_db

PAGES = ["upload", "known", "receive", "progress"]


def address(name, event):
    return reverse(f"admin:photos_photo_{name}", args=[event.pk])


def ask(client, event, hashes):
    body = json.dumps({"sha256": hashes})
    return client.post(address("known", event), body, content_type="application/json")


def send(client, event, data, name="a.jpg"):
    return client.post(
        address("receive", event),
        data,
        content_type="application/octet-stream",
        headers={"X-File-Name": name},
    )


@pytest.fixture
def photographer(event):
    user = make_user("Pia", is_staff=True)
    add_member(event, user, Membership.Role.PHOTOGRAPHER)
    return user


def test_of_the_hashes_asked_those_of_this_event_are_known(event, organizer, as_user):
    mine, other = make_photo(event), make_photo(add_member_elsewhere(organizer))
    answer = ask(as_user(organizer), event, [mine.sha256, other.sha256, "f" * 64]).json()
    assert answer == {"known": [mine.sha256], "open": True}


def test_the_page_names_each_format_and_tells_its_script_how_it_starts(
    event, organizer, as_user, monkeypatch
):
    known = formats.Format(
        "NEW", "image/new", "new", ("NEW",), (((4, b"ftyp"),),), frozenset([b"new1"])
    )
    monkeypatch.setitem(formats.FORMATS, "NEW", known)
    page = as_user(organizer).get(address("upload", event)).content.decode()
    assert page.count("JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or NEW") == 2
    found = re.search(r'<script id="upload-formats" type="application/json">(.*?)</script>', page)
    starts = json.loads(found[1])
    assert starts["bytes"] == formats.START_BYTES
    assert len(starts["formats"]) == len(formats.FORMATS)
    assert starts["formats"][-1] == {
        "starts": [[[4, list(b"ftyp")]]],
        "brands": ["new1"],
        "isLikeRaw": False,
    }


def test_a_form_in_which_no_file_has_a_name_is_answered_in_words(event, organizer, as_user):
    """Django leaves such parts out, and so nothing would be said."""
    boundary, client = "x", as_user(organizer)
    for part in ('filename=""', 'filename="."', 'filename="../"'):
        head = f'--x\r\nContent-Disposition: form-data; name="photos"; {part}\r\n\r\n'
        body = head.encode() + picture([1]) + b"\r\n--x--\r\n"
        kind = f"multipart/form-data; boundary={boundary}"
        answer = client.generic("POST", address("upload", event), body, content_type=kind)
        assert (answer.status_code, Photo.objects.count()) == (200, 0)
        assert "Please choose or take a picture first." in answer.content.decode()


def add_member_elsewhere(user):
    from tests.builders import make_event

    event = make_event()
    add_member(event, user, Membership.Role.ORGANIZER)
    return event


def test_asking_is_one_query_whatever_is_asked(
    event, organizer, as_user, django_assert_num_queries
):
    client = as_user(organizer)
    with django_assert_num_queries(5):  # session, user, event, second factor, photos
        ask(client, event, [f"{n:064x}" for n in range(desk_upload.HASHES_PER_QUESTION)])


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"sha256": 1}', '{"sha256": [1]}', '{"sha256": ["../x"]}', "\x00"],
)
def test_a_question_that_is_none_is_refused(event, organizer, as_user, body):
    client = as_user(organizer)
    answer = client.post(address("known", event), body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, code_and_reason("bad_request"))


def test_too_many_hashes_at_once_are_refused(event, organizer, as_user):
    assert ask(as_user(organizer), event, ["0" * 64] * 501).status_code == 400


def test_a_file_is_accepted_once_and_then_known(event, organizer, as_user):
    client, data = as_user(organizer), picture([1])
    assert send(client, event, data, name="F%C3%AAte.jpg").json() == {"state": "accepted"}
    assert send(client, event, data).json() == {"state": "known"}
    photo = Photo.objects.get()
    assert (photo.name, photo.uploader) == ("Fête.jpg", organizer)
    assert ask(client, event, [hashlib.sha256(data).hexdigest()]).json()["known"]


def test_a_refused_file_comes_back_with_its_reason_in_the_users_language(event, organizer, as_user):
    client = as_user(organizer)
    client.cookies["django_language"] = "fr"
    answer = send(client, event, b"<html>").json()
    assert (answer["state"], answer["code"]) == ("refused", "not_an_image")
    assert answer["reason"] == "Ce fichier n’est pas une image."


def test_a_file_larger_than_allowed_is_refused(event, organizer, as_user, settings):
    settings.PHOTO_MAX_BYTES = 1000
    assert send(as_user(organizer), event, picture([1])).json()["code"] == "too_large"


def test_a_body_that_the_web_server_keeps_in_a_file_is_taken_from_there(rf, tmp_path):
    with (tmp_path / "body").open("w+b") as kept:
        kept.write(picture([1]))
        request = rf.generic("POST", "/", **{"wsgi.input": kept})
        assert desk_upload._body(request).__enter__() is kept


def test_a_file_that_breaks_off_is_not_taken_for_whole(event, organizer, as_user):
    data = picture([1])
    cut = {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": len(data) + 1}
    answer = as_user(organizer).generic("POST", address("receive", event), **cut)
    assert (answer.status_code, answer.json()) == (400, code_and_reason("broken_off"))
    assert not Photo.objects.exists()


def test_a_closed_event_takes_nothing_and_says_so(event, organizer, as_user):
    event.closed_at = timezone.now()
    event.save()
    client = as_user(organizer)
    assert ask(client, event, []).json()["open"] is False
    assert send(client, event, picture([1])).json()["code"] == "event_closed"
    page = client.get(address("upload", event)).content.decode()
    assert "This event is closed" in page
    assert "data-uploader" not in page


def test_an_ended_session_is_told_to_the_script_and_the_person_sent_to_log_in(event, guest):
    nobody = Client()
    for name in PAGES[1:3]:
        answer = nobody.post(address(name, event), b"x" * 100_000, content_type="image/jpeg")
        assert (answer.status_code, answer.json()) == (401, code_and_reason("signed_out"))
    assert nobody.get(address("progress", event)).status_code == 401
    assert nobody.get(address("upload", event)).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_outsiders_get_404_and_members_without_the_right_403(event, rival_organizer, as_user, name):
    rival = as_user(rival_organizer)
    method = rival.get if name in ("upload", "progress") else rival.post
    assert method(address(name, event)).status_code == 404
    add_member(event, rival_organizer)
    assert method(address(name, event)).status_code == 403


def test_the_token_of_forms_is_needed(event, organizer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(organizer, backend="events.entrance.backends.DeskBackend")
    assert send(strict, event, picture([1])).status_code == 403


def test_a_photographer_uploads_and_sees_but_changes_nothing(event, photographer, as_user):
    client = as_user(photographer)
    assert send(client, event, picture([1])).json() == {"state": "accepted"}
    photo = make_photo(event)
    listed = client.get(reverse("admin:photos_photo_changelist")).content.decode()
    assert photo.name in listed
    assert "_selected_action" not in listed
    act = reverse("admin:photos_photo_act")
    for button in ("hide", "show", "remove", "retry"):
        assert client.post(act, {button: photo.pk}).status_code == 403
    assert client.get(reverse("admin:photos_photo_delete", args=[photo.pk])).status_code == 403


def form(client, event, name, data):
    sent = SimpleUploadedFile(name, data)
    return client.post(address("upload", event), {"photos": [sent]}).context["summary"]


def zipped(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_the_plain_form_takes_an_archive(event, organizer, as_user):
    entries = {"day/a.jpg": picture([1]), "../b.jpg": picture([2]), "c.txt": b"text"}
    summary = form(as_user(organizer), event, "Photos.ZIP", zipped(entries))
    assert sorted(summary.accepted) == ["a.jpg", "b.jpg"]
    assert [(file["name"], file["code"]) for file in summary.refused] == [("c.txt", "not_an_image")]


def test_the_plain_form_refuses_what_would_take_minutes_or_cannot_be_read(
    event, organizer, as_user, monkeypatch
):
    monkeypatch.setattr(desk_upload, "FORM_ARCHIVE_ENTRIES", 1)
    client = as_user(organizer)
    large = zipped({"a.jpg": picture([1]), "b.jpg": picture([2])})
    for data, code in [(large, "archive_too_large"), (b"PK\3\4", "bad_archive")]:
        (refused,) = form(client, event, "x.zip", data).refused
        assert (refused["name"], refused["code"]) == ("x.zip", code)
    assert not Photo.objects.exists()


def upload(client, event, files):
    sent = [SimpleUploadedFile(name, data, "text/html") for name, data in files]
    return client.post(reverse("admin:photos_photo_upload", args=[event.pk]), {"photos": sent})


def test_every_uploaded_file_is_in_the_summary_once(event, organizer, as_user):
    files = [("a.jpg", picture([1])), ("b.jpg", picture([1])), ("c.jpg", b"<svg/>"), ("d.jpg", b"")]
    page = upload(as_user(organizer), event, files)
    summary = page.context["summary"]
    assert (summary.accepted, summary.known) == (["a.jpg"], ["b.jpg"])
    assert {file["name"]: file["code"] for file in summary.refused} == {
        "c.jpg": "not_an_image",
        "d.jpg": "empty",
    }
    assert Photo.objects.get().uploader == organizer


def test_a_rival_organizer_and_a_guest_cannot_open_the_upload_page(
    event, rival_organizer, guest, as_user
):
    address = reverse("admin:photos_photo_upload", args=[event.pk])
    assert as_user(rival_organizer).get(address).status_code == 404
    assert as_user(guest).get(address).status_code == 302  # to the desk's log-in


def test_a_photographer_may_upload_but_not_change_the_event(event, as_user):
    photographer = make_user("Pia", is_staff=True)
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    client = as_user(photographer)
    assert upload(client, event, [("a.jpg", picture([1]))]).status_code == 200
    assert client.get(reverse("admin:events_event_change", args=[event.pk])).status_code == 404
