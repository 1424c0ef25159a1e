"""The one door: what comes in is kept once, what does not is refused with its reason."""

import hashlib
import zipfile
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from faces.models import PhotoScan
from findme.refusals import WORDS
from photos.imaging.images import UnusableImage
from photos.intake import direct_upload, sources
from photos.intake.ingest import UnusableUpload, UploadNotAllowed, clean_name, ingest
from photos.models import Photo
from photos.store import reading
from tests.builders import image_bytes
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def take(event, data, name="a.jpg"):
    return ingest(event=event, data=data, name=name, uploader=None)


def test_an_accepted_photo_its_scan_and_its_job_are_there_together(event):
    photo = take(event, picture([1])).photo
    assert PhotoScan.objects.get().photo == photo
    assert OrmQ.objects.count() == 1


def test_second_upload_of_the_same_bytes_returns_the_existing_photo(event):
    first, second = take(event, picture([1])), take(event, picture([1]), "b.jpg")
    assert (first.is_new, second.is_new) == (True, False)
    assert second.photo == first.photo
    assert PhotoScan.objects.count() == OrmQ.objects.count() == 1


def test_the_bytes_are_kept_as_they_came(event):
    data = picture([1])
    photo = take(event, data).photo
    assert reading.read(Photo, photo.pk, "original") == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html><body>no</body></html>", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (picture([1])[:5000], "truncated"),
        (image_bytes(kind="BMP"), "unsupported_format"),
        (image_bytes((20, 20)), "too_small"),
    ],
)
def test_bad_input_is_refused_with_a_stable_code_and_stores_nothing(event, data, code, caplog):
    caplog.set_level("INFO")
    with pytest.raises(UnusableImage) as refused:
        take(event, data)
    assert refused.value.code == code
    assert str(WORDS[code])
    assert f"photo_refused code={code}" in caplog.text
    assert not Photo.objects.exists()


def test_bytes_must_be_those_that_their_sender_hashed(event):
    data = picture([1])
    sent = {"event": event, "data": data, "name": "a.jpg", "uploader": None}
    with pytest.raises(UnusableUpload, match="hash_differs"):
        ingest(**sent, announced_sha256="0" * 64)
    assert not Photo.objects.exists()
    assert ingest(**sent, announced_sha256=hashlib.sha256(data).hexdigest()).is_new


def test_limits_are_settings(event, settings):
    settings.PHOTO_MAX_BYTES = 1000
    with pytest.raises(UnusableImage, match="too_large"):
        take(event, picture([1]))
    settings.PHOTO_MAX_BYTES = 10**6
    settings.PHOTO_MAX_MEGAPIXELS = 0
    with pytest.raises(UnusableImage, match="too_many_pixels"):
        take(event, picture([1]))


def test_a_closed_event_takes_no_photos(event):
    event.closed_at = timezone.now()
    with pytest.raises(UploadNotAllowed, match="event_closed"):
        take(event, picture([1]))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("a\x00b\n\tc.jpg", "ab c.jpg"),
        ("", "photo"),
        ("///", "photo"),
        ("été.jpg", "été.jpg"),
        ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
    ],
)
def test_names_are_made_fit_to_show(name, clean):
    assert clean_name(name) == clean


def exif(**tags):
    data = Image.Exif()
    data.get_ifd(0x8769).update({int(tag[1:], 16): value for tag, value in tags.items()})
    return data


def test_a_camera_without_zone_was_in_the_events_zone(event):
    event.time_zone = "America/New_York"
    data = image_bytes(exif=exif(x9003="2026:06:20 12:00:00"))
    assert take(event, data).photo.taken_at == datetime(2026, 6, 20, 16, tzinfo=UTC)


def test_a_camera_with_offset_knows_best(event):
    data = image_bytes(exif=exif(x9003="2026:06:20 12:00:00", x9011="+02:00"))
    assert take(event, data).photo.taken_at == datetime(2026, 6, 20, 10, tzinfo=UTC)


def test_without_a_camera_time_the_photo_has_a_place_and_no_time(event):
    before = timezone.now()
    photo = take(event, image_bytes()).photo
    assert (photo.taken_at >= before, photo.has_capture_time) == (True, False)
    unlikely = take(event, image_bytes(exif=exif(x9003="2099:06:20 12:00:00"))).photo
    assert not unlikely.has_capture_time


def test_a_burst_that_arrives_backwards_is_in_its_order(event):
    burst = [
        take(event, image_bytes(exif=exif(x9003="2026:06:20 12:00:00", x9291=part))).photo
        for part in ("9", "50", "05")
    ]
    assert all(photo.has_capture_time for photo in burst)
    assert list(Photo.objects.in_event(event).oldest_first()) == burst[::-1]


@pytest.mark.parametrize(
    ("name", "code"), [("DSC_1.NEF", "raw_file"), ("clip.mov", "video"), ("scan.bmp", None)]
)
def test_every_door_says_of_raw_files_and_videos_what_they_are(
    event, organizer, tmp_path, name, code
):
    data = (b"II*\0" if code == "raw_file" else b"BM").ljust(500, b"\0")
    unread, unseen = code or "unsupported_format", code or "too_large"
    with pytest.raises(UnusableImage, match=unread):
        ingest(event=event, data=data, name=name, uploader=None)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnusableImage, match=unseen):
        sources.of_file(tmp_path / name).read(100)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(f"card/{name}", data)
    (source,) = sources.find([tmp_path / "all.zip"])
    with pytest.raises(UnusableImage, match=unseen):
        source.read(100)
    with pytest.raises(UnusableImage, match=unseen):
        direct_upload.begin(event=event, uploader=organizer, name=name, byte_size=10**12)
