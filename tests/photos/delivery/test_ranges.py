"""Parts of originals, out of the database."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from photos.delivery import ranges, serving
from photos.store import pieces
from tests.builders import make_photo

ETAG = '"abc"'


def asked_for(value, size=100, **headers):
    request = RequestFactory().get("/", headers={"range": value, **headers})
    return ranges.asked_for(request, size, ETAG)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=10-19", range(10, 20)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=-500", range(100)),
        ("bytes=50-1000", range(50, 100)),
    ],
)
def test_one_range_is_that_part(value, part):
    assert asked_for(value) == part


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=a-b",
        "bytes=²-3",
        f"bytes=0-{'9' * 5000}",
    ],
)
def test_what_is_not_one_range_is_the_whole(value):
    assert asked_for(value) is None


@pytest.mark.parametrize("value", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_behind_the_end_there_is_nothing(value):
    with pytest.raises(ranges.Unsatisfiable):
        asked_for(value)


def test_a_part_of_another_version_is_the_whole():
    assert asked_for("bytes=0-1", **{"if-range": '"other"'}) is None
    assert asked_for("bytes=0-1", **{"if-range": ETAG}) == range(2)


@pytest.mark.django_db
def test_originals_come_in_parts(event, organizer, as_user):
    photo = make_photo(event, original=b"0123456789", byte_size=10)
    address = reverse("original", args=[event.slug, photo.pk])
    client = as_user(organizer)
    part = client.get(address, headers={"range": "bytes=2-5"})
    assert (part.status_code, part.getvalue()) == (206, b"2345")
    assert (part["Content-Range"], part["Content-Length"]) == ("bytes 2-5/10", "4")
    assert client.get(address, headers={"range": "bytes=10-"}).status_code == 416
    whole = client.get(address)
    assert (whole.getvalue(), whole["Accept-Ranges"]) == (b"0123456789", "bytes")
    assert client.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304


@pytest.mark.django_db
def test_asking_for_the_head_alone_reads_nothing_of_an_original(event, rf, monkeypatch):
    photo = make_photo(event, original=b"0123456789", byte_size=10)
    read, fetch = [], pieces.read
    monkeypatch.setattr(pieces, "read", lambda *args: read.append(args) or fetch(*args))
    request = rf.head("/", headers={"range": "bytes=2-5"})
    answer = serving.response(photo, "original", request)
    assert (answer.status_code, answer["Content-Length"], answer.getvalue()) == (200, "10", b"")
    assert read == []
