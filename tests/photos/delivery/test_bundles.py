"""Many photos as one ZIP: whole or visibly broken off, in little memory, in turn."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest
from django.http import StreamingHttpResponse

from photos.delivery import bundles
from photos.delivery.downloads import PhotoGone
from photos.models import Photo
from tests.builders import image_bytes, make_photo
from tests.fakes import picture
from tests.photos.delivery.answers import address, archive, content, ids_in
from tests.photos.imaging.test_stripping import large

pytestmark = pytest.mark.django_db


def test_photos_of_one_second_have_names_of_their_own(event, as_user, guest):
    moment = datetime(2026, 6, 20, 12, tzinfo=UTC)
    photos = [make_photo(event, taken_at=moment) for _ in range(3)]
    data = {"photos": ",".join(str(p.pk) for p in photos)}
    opened = archive(as_user(guest).post(address("download_selection", event), data))
    assert len(set(opened.namelist())) == 3
    assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}


def test_the_length_is_announced_where_it_is_known_and_learnt_where_not(originals, as_user, guest):
    photos = [make_photo(originals) for _ in range(2)]
    data = {"photo": [photo.pk for photo in photos]}
    for size in ("web", "original"):
        url = address("download_selection", originals)
        first = as_user(guest).post(url, data | {"size": size})
        assert "Content-Length" not in first
        content(first)
        second = as_user(guest).post(url, data | {"size": size})
        assert int(second["Content-Length"]) == len(content(second))


def test_a_photo_hidden_meanwhile_does_not_leave(event, as_user, guest):
    photos = [make_photo(event) for _ in range(3)]
    data = {"photo": [photo.pk for photo in photos]}
    answer = as_user(guest).post(address("download_selection", event), data)
    Photo.objects.filter(pk=photos[2].pk).update(hidden=True)
    with pytest.raises(PhotoGone):
        content(answer)


def test_too_many_archives_at_once_are_refused_kindly_and_places_come_back(event, as_user, guest):
    data = {"photo": [make_photo(event).pk, make_photo(event).pk]}
    client, url = as_user(guest), address("download_selection", event)
    under_way = [client.post(url, data) for _ in range(2)]
    refused = client.post(url, data, follow=True)
    assert "try again in a minute" in refused.content.decode()
    for answer in under_way:
        content(answer)
    assert ids_in(archive(client.post(url, data))) == data["photo"]


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
    for answer in (
        client.get(address("download", originals, photos[0].pk)),
        client.post(address("download_selection", originals), data),
    ):
        sent = iter(answer.streaming_content)
        while len(next(sent)) < 2**16:  # until a photo is under way
            pass
        assert not opened[-1].closed
        for close in answer._resource_closers:  # what Django calls when a guest is gone
            close()
        assert opened[-1].closed
    assert len(opened) == 2


def test_an_archive_that_nobody_reads_gives_its_place_back_once(event):
    bundle = bundles.Bundle(event, [])
    StreamingHttpResponse(bundle)._resource_closers[0]()  # what Django calls when a guest is gone
    bundle.close()
    bundle.close()
    open_ones = []
    with pytest.raises(bundles.Busy):
        open_ones.extend(bundles.Bundle(event, []) for _ in range(3))
    assert len(open_ones) == 2
    for one in open_ones:
        one.close()
