"""A disk that is nearly full: nothing more comes in, and all else goes on."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from events.models import Event
from faces.finding import enrolling, scanning
from faces.models import Consent, PhotoScan
from findme import space
from photos.intake import direct_upload, guest_upload, hot_folder
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store.faults import StoreUnavailable
from tests.builders import consent, find, make_photo
from tests.fakes import picture

pytestmark = [pytest.mark.faults, pytest.mark.django_db]


@pytest.fixture
def fill(settings, monkeypatch):
    """From now on the database's disk, as it really is, has less than is kept of it. Of that of
    temporary files, which may be full where tests run, next to nothing is kept."""

    def fill():
        settings.STORE_RESERVE_BYTES = 2**62
        monkeypatch.setattr(space, "PART_OF_TEMPORARY", 2**62)

    return fill


def refused(call):
    with pytest.raises(StoreUnavailable) as caught:
        call()
    return caught.value.code


def test_every_way_in_is_refused_in_words(event, organizer, guest, fill, settings):
    consent(guest, event)
    data = {"event": event, "data": picture([1]), "name": "a.jpg"}
    fill()
    codes = {
        refused(lambda: ingest(**data, uploader=organizer)),
        refused(lambda: guest_upload.add(**data, user=guest)),
        refused(lambda: enrolling.add_selfie(user=guest, data=picture([1]))),
        refused(
            lambda: direct_upload.begin(event=event, uploader=organizer, name="a", byte_size=9)
        ),
    }
    assert (codes, Photo.objects.count()) == ({"store_full"}, 0)


def test_the_desk_is_answered_503_and_what_is_there_is_still_known(event, organizer, as_user, fill):
    client, url = as_user(organizer), reverse("admin:photos_photo_receive", args=[event.pk])
    body = {"data": picture([1]), "content_type": "application/octet-stream"}
    assert client.post(url, **body).json() == {"state": "accepted"}
    fill()
    assert client.post(url, **body).json() == {"state": "known"}
    answer = client.post(url, **body | {"data": picture([2])})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_full")


def test_folders_and_files_wait(event, organizer, fill, tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture([1]))
    folder = hot_folder.HotFolder(tmp_path, event, None, settle_seconds=0)
    fill()
    assert refused(lambda: folder.poll(0, stopped=lambda: False)) == "store_full"
    with pytest.raises(CommandError, match="no space left"):
        call_command("import_photos", event.slug, str(tmp_path), verbosity=0)


def test_galleries_pictures_and_goodbyes_go_on(event, guest, as_user, fill):
    find(guest, event)
    photo = make_photo(event, original=picture([1]))
    Event.objects.update(downloads="original")
    fill()
    client = as_user(guest)
    for address in (
        reverse("general", args=[event.slug]),
        reverse("my_photos", args=[event.slug]),
        reverse("thumbnail", args=[event.slug, photo.pk]),
        reverse("preview", args=[event.slug, photo.pk]),
        reverse("download", args=[event.slug, photo.pk]),
    ):
        assert client.get(address).status_code == 200
    client.post(reverse("privacy_withdraw"), {"event": event.pk})
    assert not Consent.objects.of(guest).in_force().exists()
    assert event.delete()
    assert not Photo.objects.exists()


def test_a_photo_is_looked_at_when_there_is_space_again(event, fill, settings):
    kept = settings.STORE_RESERVE_BYTES
    photo = ingest(event=event, data=picture([1]), name="a.jpg", uploader=None).photo
    scan = PhotoScan.objects.get()
    fill()
    scanning.run(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == ("queued", 0)
    settings.STORE_RESERVE_BYTES = kept
    PhotoScan.objects.update(available_at=scan.photo.uploaded_at)
    scanning.run(scan.pk)
    photo.refresh_from_db()
    assert (photo.status, PhotoScan.objects.get().state) == ("ready", "done")
