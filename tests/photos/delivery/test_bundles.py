"""Many photos as ZIP archives: whole, in little memory, in turn."""

from __future__ import annotations

import io
import threading
import tracemalloc
import zipfile
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from unittest import mock

import pytest
from pytest_django.asserts import assertContains

from findme import space
from findme.refusals import words_of
from photos import audience
from photos.delivery import bundles, downloads
from photos.delivery.downloads import PhotoGone, Size
from photos.delivery.outgoing import Busy, Room, photo_room
from photos.models import Photo
from tests.builders import image_bytes, make_photo
from tests.fakes import picture
from tests.photos.delivery.answers import address, archive, ids_in
from tests.photos.imaging.test_stripping import large

pytestmark = pytest.mark.django_db


def test_photos_of_one_second_have_names_of_their_own(event, as_user, guest):
    moment = datetime(2026, 6, 20, 12, tzinfo=UTC)
    photos = [make_photo(event, taken_at=moment) for _ in range(3)]
    data = {"photos": ",".join(str(p.pk) for p in photos)}
    opened = archive(as_user(guest).post(address("download_selection", event), data))
    assert len(set(opened.namelist())) == 3
    assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}


def test_what_was_hidden_meanwhile_is_left_out_of_a_whole_archive(event, guest, monkeypatch):
    photos = [make_photo(event) for _ in range(3)]
    files = downloads.files(Photo.objects.all(), event, Size.WEB)
    Photo.objects.filter(pk=photos[1].pk).update(hidden=True)
    with closing(bundles.made(event, files, audience.ALL)) as made:
        data = b"".join(iter(lambda: made.read(10**7), b""))
    assert len(data) == made.length
    opened = zipfile.ZipFile(io.BytesIO(data))
    assert opened.testzip() is None
    assert ids_in(opened) == [photos[0].pk, photos[2].pk]
    Photo.objects.update(hidden=True)
    with pytest.raises(PhotoGone):
        bundles.made(event, files, audience.ALL)


def test_one_archive_is_made_at_a_time(event, monkeypatch):
    make_photo(event)
    files = downloads.files(Photo.objects.all(), event, Size.WEB)
    monkeypatch.setattr("photos.delivery.outgoing.TURN_SECONDS", 0.01)
    with ExitStack() as another:
        bundles._making.take(1, another)
        with pytest.raises(Busy):
            bundles.made(event, files, audience.ALL)
    with closing(bundles.made(event, files, audience.ALL)):
        assert (bundles._room._used, bundles._making._used) == (1, 0)


def test_neither_photos_nor_archives_take_the_last_of_the_disk(event, as_user, guest, monkeypatch):
    photos = [make_photo(event, preview_size=2**20) for _ in range(2)]
    client, data = as_user(guest), {"photo": [photo.pk for photo in photos]}
    monkeypatch.setattr(space, "takes_temporarily", lambda amount: amount < 2**21)
    assert client.post(address("download_selection", event), data).status_code == 503
    monkeypatch.setattr(space, "takes_temporarily", lambda amount: False)
    answer = client.get(address("download", event, photos[0].pk))
    assert (answer.status_code, answer.content.decode()) == (503, words_of("store_full"))
    assert (bundles._room._used, photo_room._used) == (0, 0)


def test_more_than_one_archive_holds_is_offered_in_parts(event, as_user, guest, monkeypatch):
    photos = [make_photo(event, preview_size=300_000) for _ in range(3)]
    monkeypatch.setattr(bundles, "PART_BYTES", 700_000)
    data = {"photo": [photo.pk for photo in photos], "size": "web"}
    page = as_user(guest).post(address("download_selection", event), data)
    for text in ("File 1 of 2: 2 photos", "File 2 of 2: 1 photo", f'value="{photos[2].pk},"'):
        assertContains(page, text)
    Photo.objects.update(preview_size=None)
    first = {"photos": f"{photos[0].pk},{photos[1].pk},", "size": "web", "part": "1"}
    monkeypatch.undo()
    answer = as_user(guest).post(address("download_selection", event), first)
    assert answer["Content-Disposition"].endswith(f'filename="{event.slug}-1.zip"')
    assert ids_in(archive(answer)) == [photos[0].pk, photos[1].pk]


def test_memory_stays_flat_while_a_large_archive_is_sent(originals, as_user, guest):
    """60 MB of photos, of which one at a time is in memory."""
    original = picture([1]) + b"\xff" * 2**20  # what follows the picture does not leave
    preview = image_bytes((1400, 1000), kind="JPEG", quality=100)
    preview = preview[:2] + (b"\xff\xfe\xff\xff" + bytes(0xFFFD)) * 16 + preview[2:]
    for _ in range(60):
        make_photo(originals, original=original, preview_data=preview)
    url = address("download_selection", originals)
    data = {"photo": list(Photo.objects.values_list("pk", flat=True)), "size": "web"}
    client = as_user(guest)
    tracemalloc.start()
    answer = client.post(url, data)
    sent = sum(len(piece) for piece in answer.streaming_content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 60 * 2**20
    assert peak < 10 * 2**20


def test_memory_stays_flat_while_large_originals_are_sent(originals, as_user, guest):
    """32 MB of photos, of which a piece at a time is in memory."""
    for _ in range(2):
        make_photo(originals, original=large("JPEG"))
    data = {"photo": list(Photo.objects.values_list("pk", flat=True))}
    client = as_user(guest)
    tracemalloc.start()
    answer = client.post(address("download_selection", originals), data)
    sent = sum(len(piece) for piece in answer.streaming_content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 32 * 2**20
    assert peak < 10 * 2**20


def test_a_guest_who_goes_away_leaves_no_file_open(originals, as_user, guest, opened):
    photos = [make_photo(originals, original=large("JPEG", 3)) for _ in range(2)]
    client = as_user(guest)
    data = {"photo": [photo.pk for photo in photos]}
    one = client.get(address("download", originals, photos[0].pk))
    many = client.post(address("download_selection", originals), data)
    assert sum(not file.closed for file in opened) == 2
    for answer in (one, many):
        assert len(next(iter(answer.streaming_content))) > 2**16
        for close in answer._resource_closers:  # what Django calls when a guest is gone
            close()
    assert all(file.closed for file in opened)
    assert len(opened) == 3  # the photo; the archive, and the photo that was not being sent


def test_a_photo_waits_for_room_and_what_is_larger_than_all_of_it_goes_alone():
    room, first, second = Room(10), ExitStack(), ExitStack()
    room.take(11, first)
    waiting = threading.Thread(target=room.take, args=[1, second])
    waiting.start()
    first.close()
    first.close()  # gives it back once
    waiting.join(5)
    assert not waiting.is_alive()
    with pytest.raises(Busy), mock.patch("photos.delivery.outgoing.TURN_SECONDS", 0.01):
        room.take(10, first)
    room.take(9, first)


def test_only_one_waits_for_room():
    room = Room(1)
    room.take(1, ExitStack())
    room._waits.acquire()  # as another thread does while it waits
    with pytest.raises(Busy):
        room.take(1, ExitStack())
