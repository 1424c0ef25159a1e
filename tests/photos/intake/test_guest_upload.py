"""Guests' photos: where allowed, within the quota, seen by others only after approval."""

import hashlib
import html
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from events import audit
from events.models import Event
from findme.refusals import words_of
from photos.intake import guest_upload
from photos.intake.ingest import UploadNotAllowed
from photos.models import Photo
from photos.store.faults import StoreUnavailable
from tests.builders import make_photo
from tests.fakes import picture

pytestmark = pytest.mark.django_db
AS_SCRIPT = {"accept": "application/json"}


@pytest.fixture
def open_event(event):
    event.guest_uploads = True
    event.guest_upload_quota = 3
    event.save()
    return event


def files(count, first=0):
    numbers = range(first, first + count)
    return [SimpleUploadedFile(f"{n}.jpg", picture([1], seed=n), "image/jpeg") for n in numbers]


def send(client, event, uploads, **options):
    return client.post(reverse("uploads", args=[event.slug]), {"photos": uploads}, **options)


def make_ready(photo):
    data = picture([])
    Photo.objects.filter(pk=photo.pk).update(status="ready", thumbnail_data=data, preview_data=data)


def test_outsiders_get_404(open_event, as_user, stranger, rival_organizer):
    photo = make_photo(open_event)
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert client.get(reverse("uploads", args=[open_event.slug])).status_code == 404
        assert send(client, open_event, files(1)).status_code == 404
        url = reverse("remove_upload", args=[open_event.slug, photo.pk])
        assert client.post(url).status_code == 404
    assert Photo.objects.count() == 1


def test_members_get_403_where_guests_may_not_add(event, as_user, guest):
    assert as_user(guest).get(reverse("uploads", args=[event.slug])).status_code == 403
    assert send(as_user(guest), event, files(1)).status_code == 403
    assert not Photo.objects.exists()


def test_a_photo_that_waits_is_seen_by_its_uploader_only(open_event, as_user, guest, other_guest):
    assert send(as_user(guest), open_event, files(1)).status_code == 200
    photo = Photo.objects.get()
    make_ready(photo)
    thumbnail = reverse("thumbnail", args=[open_event.slug, photo.pk])
    assert as_user(guest).get(thumbnail).status_code == 200
    for name in ("thumbnail", "preview", "photo", "download"):
        url = reverse(name, args=[open_event.slug, photo.pk])
        assert as_user(other_guest).get(url).status_code == 404
    page = as_user(guest).get(reverse("uploads", args=[open_event.slug]))
    assert "Waits for approval" in page.content.decode()


def test_without_moderation_everybody_sees_it(open_event, as_user, guest, other_guest):
    Event.objects.update(guest_upload_moderation=False)
    send(as_user(guest), open_event, files(1))
    make_ready(Photo.objects.get())
    page = as_user(other_guest).get(reverse("general", args=[open_event.slug]))
    assert len(page.context["page"].photos) == 1


@pytest.mark.parametrize(
    ("action", "shown", "state", "told"),
    [
        ("approve", 1, "", "Approved guests’ photos (1)"),
        ("reject", 0, "rejected", "Rejected guests’ photos (1)"),
    ],
)
def test_the_organizer_decides_at_the_desk(
    open_event, as_user, guest, organizer, other_guest, action, shown, state, told
):
    send(as_user(guest), open_event, files(1))
    photo = Photo.objects.get()
    make_ready(photo)
    data = {"action": action, "_selected_action": [photo.pk]}
    as_user(organizer).post(reverse("admin:photos_photo_changelist"), data)
    page = as_user(other_guest).get(reverse("general", args=[open_event.slug]))
    assert len(page.context["page"].photos) == shown
    assert Photo.objects.get().moderation == state
    line = audit.lines(audit.entries(open_event)[:1])[0]
    assert (line.who, line.what) == (str(organizer), told)


def test_a_rival_organizer_decides_nothing(open_event, as_user, guest, rival_organizer):
    send(as_user(guest), open_event, files(1))
    data = {"action": "approve", "_selected_action": [Photo.objects.get().pk]}
    as_user(rival_organizer).post(reverse("admin:photos_photo_changelist"), data)
    assert Photo.objects.get().moderation == "pending"


def test_approving_leaves_hidden_photos_of_photographers_hidden(open_event, as_user, organizer):
    photo = make_photo(open_event, hidden=True)
    data = {"action": "approve", "_selected_action": [photo.pk]}
    as_user(organizer).post(reverse("admin:photos_photo_changelist"), data)
    assert Photo.objects.get().hidden


def test_the_quota_ends_it_with_a_clear_word_and_removing_makes_room(open_event, as_user, guest):
    client = as_user(guest)
    answer = send(client, open_event, files(4), headers=AS_SCRIPT)
    assert [one["code"] for one in answer.json()["refused"]] == ["quota_reached"]
    assert Photo.objects.count() == 3
    url = reverse("remove_upload", args=[open_event.slug, Photo.objects.first().pk])
    assert client.post(url).status_code == 302
    assert send(client, open_event, files(1, first=9), headers=AS_SCRIPT).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_do_not_exceed_the_quota(open_event, guest):
    together, refused = threading.Barrier(6), []

    def add(number):
        together.wait(5)
        try:
            data = picture([1], seed=number)
            guest_upload.add(event=open_event, user=guest, data=data, name="a.jpg")
        except UploadNotAllowed as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (Photo.objects.count(), refused) == (3, ["quota_reached"] * 3)


def test_only_own_uploads_can_be_removed(open_event, as_user, guest, other_guest):
    others = make_photo(open_event, uploader=other_guest)
    url = reverse("remove_upload", args=[open_event.slug, others.pk])
    assert as_user(guest).post(url).status_code == 404
    assert as_user(other_guest).post(url).status_code == 302
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"<html>", "not_an_image"), (b"BM" * 9, "unsupported_format")],
)
def test_bad_files_are_refused_with_a_reason(open_event, as_user, guest, data, code):
    bad = SimpleUploadedFile("x.jpg", data or b"", "image/jpeg")
    answer = send(as_user(guest), open_event, [bad, *files(1)], headers=AS_SCRIPT)
    outcome = answer.json()
    assert [one["code"] for one in outcome["refused"]] == [code]
    assert outcome["accepted"] == ["0.jpg"]


def test_no_file_at_all_is_said(open_event, as_user, guest):
    answer = as_user(guest).post(reverse("uploads", args=[open_event.slug]))
    assert answer.status_code == 422
    assert "Please choose or take a picture first." in answer.content.decode()


def test_a_photo_that_is_there_already_stays_whose_it_was(open_event, as_user, guest, organizer):
    known = make_photo(open_event, uploader=organizer)
    data = picture([1], seed=7)
    Photo.objects.filter(pk=known.pk).update(sha256=hashlib.sha256(data).hexdigest())
    same = SimpleUploadedFile("same.jpg", data, "image/jpeg")
    outcome = send(as_user(guest), open_event, [same], headers=AS_SCRIPT).json()
    assert outcome["known"] == ["same.jpg"]
    assert Photo.objects.get().uploader == organizer


def test_the_organizer_allows_it_at_the_desk(event, as_user, organizer):
    page = as_user(organizer).get(reverse("admin:events_event_change", args=[event.pk]))
    form = page.content.decode()
    for field in ("guest_uploads", "guest_upload_quota", "guest_upload_moderation"):
        assert f'name="{field}"' in form


def test_a_storage_that_cannot_be_reached_is_said_and_nothing_is_kept(
    open_event, as_user, guest, monkeypatch
):
    def refuse(**_):
        raise StoreUnavailable("store_busy")

    monkeypatch.setattr("photos.intake.guest_upload.ingest.ingest", refuse)
    answer = send(as_user(guest), open_event, files(1))
    assert answer.status_code == 422
    assert words_of("store_busy") in html.unescape(answer.content.decode())
    refused = send(as_user(guest), open_event, files(1), headers=AS_SCRIPT).json()["refused"]
    assert [file["code"] for file in refused] == ["store_busy"]
