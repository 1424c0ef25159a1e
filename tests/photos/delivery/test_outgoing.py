"""One file for all who take the same photo home at once."""

import gc
import time
from contextlib import ExitStack, closing

import pytest

from photos import audience
from photos.delivery import downloads, outgoing
from photos.delivery.downloads import PhotoGone, Size
from photos.delivery.outgoing import Room, SharedFiles
from photos.models import Photo
from photos.store import reading
from tests.builders import make_photo
from tests.photos.imaging.test_stripping import photo_of

MANY = 10**9


@pytest.fixture
def closed():
    return []


@pytest.fixture
def share(closed):
    """Shares a text under a name; `closed` tells whose file is."""
    shared = SharedFiles(most_kept=10)

    def share(name, text):
        files = ExitStack()
        source = outgoing.FileSource(outgoing.written([text], files))
        files.callback(closed.append, name)
        return shared.share(name, [range(len(text))], source, files)

    share.files = shared
    return share


def test_each_reads_for_themselves_and_the_last_closes_it(share, closed, monkeypatch):
    monkeypatch.setattr(outgoing, "KEPT_SECONDS", 0)
    first, second = share("a", b"abcdef"), share.files.opened("a")
    assert (first.read(2), second.read(4), first.read(), second.read()) == (
        b"ab", b"abcd", b"cdef", b"ef",
    )  # fmt: skip
    first.close()
    assert closed == []
    second.close()
    assert (closed, share.files.opened("a")) == (["a"], None)


def test_of_two_who_prepared_the_same_each_keeps_their_own(share, closed, monkeypatch):
    monkeypatch.setattr(outgoing, "KEPT_SECONDS", 0)
    first, second = share("a", b"one"), share("a", b"two")
    with closing(share.files.opened("a")) as third:
        assert (third.read(), second.read()) == (b"one", b"two")
    second.close()
    assert closed == ["a"]
    first.close()
    assert closed == ["a", "a"]


def test_a_moment_later_it_is_still_there_and_then_no_more(share, closed, monkeypatch):
    monkeypatch.setattr(outgoing, "KEPT_SECONDS", 0.2)
    share("a", b"abc").close()
    with closing(share.files.opened("a")) as again:
        assert again.read() == b"abc"
    until = time.monotonic() + 20
    while not closed and time.monotonic() < until:
        time.sleep(0.02)
    assert closed == ["a"]


def test_of_many_the_oldest_go_first(share, closed):
    for name in "abc":
        share(name, b"12345").close()
    assert closed == ["a"]
    share.files.end_unread()
    assert sorted(closed) == ["a", "b", "c"]


def test_a_reader_that_was_dropped_counts_no_more(share, closed, monkeypatch):
    monkeypatch.setattr(outgoing, "KEPT_SECONDS", 0)
    share("a", b"abc")
    gc.collect()
    assert closed == ["a"]


@pytest.mark.django_db
def test_a_photo_is_prepared_once_for_all_and_only_for_those_who_may_have_it(
    originals, monkeypatch
):
    make_photo(originals, original=photo_of("JPEG"))
    asked, stream = [], reading.stream
    monkeypatch.setattr(reading, "stream", lambda *args: asked.append(args) or stream(*args))
    (file,) = downloads.files(Photo.objects.in_event(originals), originals, Size.ORIGINAL)
    room = Room(MANY)
    with (
        closing(downloads.opened(file, originals, audience.ALL, room=room)) as one,
        closing(downloads.opened(file, originals, audience.ALL, room=room)) as other,
    ):
        assert b"".join(one) == b"".join(other) != b""
        Photo.objects.update(hidden=True)
        with pytest.raises(PhotoGone):
            downloads.opened(file, originals, audience.ALL, room=room)
    assert len(asked) == 1


@pytest.mark.django_db
def test_what_is_only_kept_makes_way(originals, monkeypatch):
    monkeypatch.setattr(outgoing, "TURN_SECONDS", 0)
    sizes = {make_photo(originals, original=photo_of("JPEG")).byte_size for _ in range(2)}
    room = Room(max(sizes))
    for file in downloads.files(Photo.objects.in_event(originals), originals, Size.ORIGINAL):
        downloads.opened(file, originals, audience.ALL, room=room).close()
        assert room.holds_more_than(0)
