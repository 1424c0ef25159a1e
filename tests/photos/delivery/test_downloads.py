"""Taking photos home: in the allowed sizes, without place and serial numbers, each one recorded."""

from __future__ import annotations

import errno
import io
import tempfile
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.test import Client
from PIL import ExifTags, Image

from events.models import Event
from photos import audience
from photos.delivery import downloads
from photos.delivery.downloads import PhotoGone, Size
from photos.imaging import stripping
from photos.models import Download, Favourite, Photo
from photos.store import reading
from tests.builders import make_match, make_photo, photos_shown
from tests.photos.delivery.answers import address, archive, content, ids_in
from tests.photos.imaging.test_stripping import photo_of

pytestmark = pytest.mark.django_db


SCRIPT = {"accept": "application/json"}


def posts(event, photo):
    return [
        (address("download_selection", event), {"photo": photo.pk}),
        (address("download_favourites", event), {}),
        (address("download_mine", event), {}),
    ]


def ids(event):
    return ",".join(str(pk) for pk in event.photos.values_list("pk", flat=True))


def test_outsiders_get_404_everywhere(event, as_user, stranger, rival_organizer):
    photo = make_photo(event)
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert client.get(address("download", event, photo.pk)).status_code == 404
        for url, data in posts(event, photo):
            assert client.post(url, data).status_code == 404, url
    assert Client().get(address("download", event, photo.pk)).status_code == 302


def test_nothing_of_another_event_can_be_taken(event, as_user, rival_organizer):
    photo, own = make_photo(event), rival_organizer.events.get()
    client = as_user(rival_organizer)
    assert client.get(address("download", own, photo.pk)).status_code == 404
    answer = client.post(address("download_selection", own), {"photo": photo.pk})
    assert answer.status_code == 302  # nothing chosen
    assert not Download.objects.exists()


@pytest.mark.parametrize(
    ("allowed", "statuses"),
    [("none", (403, 403, 403)), ("web", (200, 200, 403)), ("original", (200, 200, 200))],
)
def test_the_organizer_decides_on_the_sizes(event, as_user, guest, allowed, statuses):
    Event.objects.update(downloads=allowed)
    photos = [make_photo(event), make_photo(event)]
    client = as_user(guest)
    for size, status in zip(["", "web", "original"], statuses, strict=True):
        one = client.get(address("download", event, photos[0].pk), {"size": size})
        data = {"photo": [p.pk for p in photos], "size": size}
        many = client.post(address("download_selection", event), data)
        assert (one.status_code, many.status_code) == (status, status)
        if status == 200:
            content(one)
            content(many)


def test_a_preview_is_no_way_around_a_ban(event, as_user, guest):
    Event.objects.update(downloads="none")
    photo, client = make_photo(event), as_user(guest)
    preview = client.get(address("preview", event, photo.pk) + "?download")
    assert (preview.status_code, preview["Content-Disposition"][:6]) == (200, "inline")
    assert client.get(address("download", event, photo.pk)).status_code == 403
    assert not Download.objects.exists()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_no_place_and_no_serial_number_leaves(originals, as_user, guest, kind):
    photo = make_photo(originals, original=photo_of(kind), content_type=f"image/{kind.lower()}")
    if kind == "HEIF":
        Photo.objects.update(content_type="image/heic")
    data = as_user(guest).get(address("download", originals, photo.pk)).getvalue()
    assert b"SERIAL" not in data
    assert b"SERIAL" in (reading.read_of(photo, "original") or b"")
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)


def test_organizers_get_the_file_as_it_came(event, as_user, organizer):
    data = photo_of("JPEG")
    photo = make_photo(event, original=data, byte_size=len(data))
    assert as_user(organizer).get(address("original", event, photo.pk)).getvalue() == data


def test_what_cannot_be_stripped_leaves_in_web_size(originals, as_user, guest):
    photo = make_photo(originals, original=b"\xff\xd8\xff\xe1 broken", stripped_size=0)
    answer = as_user(guest).get(address("download", originals, photo.pk))
    assert answer["Content-Disposition"].endswith('.jpg"')
    with Image.open(io.BytesIO(answer.getvalue())) as image:
        assert image.size == (640, 480)


def test_files_are_named_by_capture_time_in_the_events_zone(event, as_user, guest):
    Event.objects.update(time_zone="America/New_York")
    photo = make_photo(event, taken_at=datetime(2026, 6, 20, 18, 3, 22, tzinfo=UTC))
    answer = as_user(guest).get(address("download", event, photo.pk))
    name = f"2026-06-20_14-03-22_{photo.pk}.jpg"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    with Image.open(io.BytesIO(answer.getvalue())) as image:
        inner = image.getexif().get_ifd(ExifTags.IFD.Exif)
        assert inner[ExifTags.Base.DateTimeOriginal] == "2026:06:20 14:03:22"


def test_of_a_photo_without_a_capture_time_none_is_claimed(event, as_user, guest):
    photo = make_photo(event, has_capture_time=False)
    make_photo(event)
    client = as_user(guest)
    for _ in range(2):  # its length is not known, and then it is
        answer = client.get(address("download", event, photo.pk))
        assert f'"photo_{photo.pk}.jpg"' in answer["content-disposition"]
        data = content(answer)
        assert not Image.open(io.BytesIO(data)).getexif().get_ifd(ExifTags.IFD.Exif)
        assert len(data) == downloads.files(Photo.objects.all(), event, Size.WEB)[0].length
    opened = archive(client.post(address("download_selection", event), {"photos": ids(event)}))
    years = {entry.filename[:5]: entry.date_time[0] for entry in opened.infolist()}
    assert years == {"photo": 1980, "2026-": 2026}


def test_all_of_mine_is_exactly_my_photos(event, as_user, guest, other_guest):
    mine = [make_photo(event) for _ in range(3)]
    hidden, theirs = make_photo(event, hidden=True), make_photo(event)
    for photo in [*mine, hidden]:
        make_match(guest, photo)
    make_match(other_guest, theirs)
    client = as_user(guest)
    shown = photos_shown(client.get(address("my_photos", event)).context["page"])
    opened = archive(client.post(address("download_mine", event)))
    assert ids_in(opened) == [p.pk for p in mine] == sorted(p.pk for p in shown)


def test_scripts_get_the_list_by_one_query_and_the_download_is_recorded_once(
    originals, as_user, guest, django_assert_num_queries
):
    photos = [make_photo(originals, stripped_size=n) for n in (7, None)]
    hidden = make_photo(originals, hidden=True)
    data = {"photo": [p.pk for p in (*photos, hidden)], "size": "original"}
    client = as_user(guest)
    with django_assert_num_queries(6):  # session, user, event, role, photos, record
        url = address("download_selection", originals)
        found = client.post(url, data, headers=SCRIPT).json()
    files = downloads.files(Photo.objects.visible(), originals, Size.ORIGINAL)
    assert found["name"] == originals.slug
    expected = [[file.photo_id, file.name, file.about] for file in files]
    assert (found["photos"], expected[0][2]) == (expected, 7)
    Photo.objects.update(stripped_size=None)
    sent = [client.get(found["address"].replace("/0/", f"/{p.pk}/")) for p in photos]
    assert [content(answer)[:2] for answer in sent] == [b"\xff\xd8"] * 2
    assert [row.photos for row in Download.objects.all()] == [2]


def test_a_list_that_is_asked_for_again_is_one_download(event, as_user, guest):
    data = {"photo": [make_photo(event).pk, make_photo(event).pk]}
    client, url = as_user(guest), address("download_selection", event)
    for once in ("1-é", "1-é", "2"):
        assert client.post(url, data | {"once": once}, headers=SCRIPT).status_code == 200
    assert [row.photos for row in Download.objects.all()] == [2, 2]


def test_only_the_guest_who_was_given_the_list_spares_the_record(
    event, as_user, guest, other_guest
):
    photos = [make_photo(event), make_photo(event)]
    data = {"photo": [p.pk for p in photos]}
    url = address("download_selection", event)
    found = as_user(guest).post(url, data, headers=SCRIPT).json()["address"]
    for where in (found, address("download", event, 0) + "?archive=é:x"):
        content(as_user(other_guest).get(where.replace("/0/", f"/{photos[0].pk}/")))
    rows = Download.objects.order_by("pk").values_list("user", "photos")
    assert list(rows) == [(guest.pk, 2), (other_guest.pk, 1), (other_guest.pk, 1)]


def test_a_list_of_what_is_not_allowed_is_refused(event, as_user, guest, stranger):
    data = {"photo": make_photo(event).pk, "size": "original"}
    url = address("download_selection", event)
    statuses = [as_user(u).post(url, data, headers=SCRIPT).status_code for u in (guest, stranger)]
    assert statuses == [403, 404]
    assert Client().post(url, data, headers=SCRIPT).json()["code"] == "signed_out"
    none = as_user(guest).post(url, headers=SCRIPT).json()
    assert none["photos"] == []
    assert not Download.objects.exists()


def test_a_selection_leaves_out_what_is_not_there_for_the_guest(event, as_user, guest):
    shown = [make_photo(event), make_photo(event)]
    hidden = make_photo(event, hidden=True)
    data = {"photos": f"{shown[0].pk},{hidden.pk},x,-1,{2**70},", "photo": [shown[1].pk, "é", ""]}
    opened = archive(as_user(guest).post(address("download_selection", event), data))
    assert ids_in(opened) == [p.pk for p in shown]


def test_nothing_chosen_is_said(event, as_user, guest):
    client = as_user(guest)
    answer = client.post(address("download_selection", event), follow=True)
    assert "Please choose at least one photo first." in answer.content.decode()
    assert not Download.objects.exists()


def test_one_chosen_photo_comes_as_itself(event, as_user, guest):
    photo = make_photo(event)
    answer = as_user(guest).post(address("download_selection", event), {"photo": photo.pk})
    assert answer["Content-Type"] == "image/jpeg"


def test_favourites_come_as_an_archive(event, as_user, guest, other_guest):
    liked = [make_photo(event), make_photo(event)]
    make_photo(event)
    Favourite.objects.bulk_create([Favourite(user=guest, photo=photo) for photo in liked])
    Favourite.objects.create(user=other_guest, photo=make_photo(event))
    opened = archive(as_user(guest).post(address("download_favourites", event)))
    assert ids_in(opened) == [photo.pk for photo in liked]


def test_a_wrong_length_breaks_the_download_off_and_is_forgotten(event, guest):
    photo = make_photo(event, preview_size=5)
    file = downloads.files(Photo.objects.all(), event, Size.WEB)[0]
    with pytest.raises(PhotoGone):
        downloads.opened(file, event, audience.ALL)
    photo.refresh_from_db()
    assert photo.preview_size is None


def test_each_download_is_recorded_once_with_its_size(originals, as_user, guest):
    photos = [make_photo(originals) for _ in range(3)]
    client = as_user(guest)
    client.head(address("download", originals, photos[0].pk))
    content(client.get(address("download", originals, photos[0].pk), {"size": "web"}))
    data = {"photo": [photo.pk for photo in photos]}
    content(client.post(address("download_selection", originals), data))
    rows = Download.objects.order_by("pk").values_list("event", "user", "photos", "size")
    pk = originals.pk
    assert list(rows) == [(pk, guest.pk, 1, "web"), (pk, guest.pk, 3, "original")]


def test_a_record_outlives_its_guest(event, guest):
    record = downloads.record(event=event, user=guest, photos=2, size=Size.WEB)
    guest.delete()
    record.refresh_from_db()
    assert record.user is None


@pytest.mark.parametrize("size", ["original", "web"])
def test_a_photo_that_the_guest_has_is_not_sent_again(originals, as_user, guest, monkeypatch, size):
    photo = make_photo(originals)
    client, url = as_user(guest), address("download", originals, photo.pk) + f"?size={size}"
    first = client.get(url)
    content(first)
    assert first["Cache-Control"] == "private, no-cache"
    monkeypatch.setattr(downloads, "opened", None)  # nothing is read
    known = {"if-none-match": first["ETag"]}
    again = client.get(url, headers=known)
    assert (again.status_code, again["ETag"], content(again)) == (304, first["ETag"], b"")
    assert Download.objects.count() == 1
    Event.objects.update(downloads="none")
    assert client.get(url, headers=known).status_code == 403
    Event.objects.update(downloads="original")
    Photo.objects.update(hidden=True)
    assert client.get(url, headers=known).status_code == 404


def test_each_size_and_each_time_is_a_version_of_its_own(originals):
    make_photo(originals)
    etags = {downloads.files(Photo.objects, originals, size)[0].etag for size in Size}
    originals.time_zone = "America/New_York"
    etags |= {downloads.files(Photo.objects, originals, size)[0].etag for size in Size}
    assert len(etags) == 4


def test_asking_for_the_head_alone_reads_nothing(originals, as_user, guest, monkeypatch):
    photo = make_photo(originals)
    client, url = as_user(guest), address("download", originals, photo.pk)
    assert "Content-Length" not in client.head(url)  # nobody knows it yet
    whole = client.get(url)
    length = len(content(whole))
    monkeypatch.setattr(downloads, "opened", None)
    head = client.head(url)
    assert (head.status_code, int(head["Content-Length"]), content(head)) == (200, length, b"")
    for name in ("ETag", "Content-Type", "Content-Disposition"):
        assert head[name] == whole[name]


def test_a_guests_download_comes_in_parts_and_is_recorded_once(originals, as_user, guest, opened):
    photo = make_photo(originals, original=photo_of("JPEG"))
    client, url = as_user(guest), address("download", originals, photo.pk)
    data = stripping.strip(photo_of("JPEG"))
    start, end = (client.get(url, headers={"range": f"bytes={part}"}) for part in ("0-9", "10-"))
    assert (start.status_code, end.status_code) == (206, 206)
    assert start["Content-Range"] == f"bytes 0-9/{len(data)}"
    assert content(start) + content(end) == data
    assert Download.objects.count() == 1
    behind = client.get(url, headers={"range": f"bytes={len(data)}-"})
    assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{len(data)}")
    assert all(file.closed for file in opened)


def test_no_space_to_strip_a_photo_in_is_said(originals, as_user, guest, monkeypatch):
    photo = make_photo(originals)
    full = mock.Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    answer = as_user(guest).get(address("download", originals, photo.pk))
    assert answer.status_code == 503


def test_an_original_that_is_lost_is_not_there(originals, as_user, guest, opened):
    photo = make_photo(originals, byte_size=10**6)
    assert as_user(guest).get(address("download", originals, photo.pk)).status_code == 404
    assert opened[-1].closed
