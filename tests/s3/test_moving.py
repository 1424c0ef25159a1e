"""Moving to the bucket and back: nothing lost, nothing doubled, every byte the same."""

import hashlib
import io
import os
import signal
import time
from datetime import timedelta

import pytest
import requests
from django.core.management import CommandError, call_command
from django.urls import reverse

from faces.finding import enrolling, scanning
from faces.models import PhotoScan, Selfie
from findme.refusals import words_of
from photos.delivery import addresses
from photos.imaging import images, renditions
from photos.intake import publishing
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import bucket, emptying, moving, reading, removals
from photos.store.database import DatabaseStore
from photos.store.faults import StoreUnavailable
from photos.store.models import OriginalPiece, StoredObjectRemoval
from tests.builders import make_event, make_photo
from tests.fakes import picture
from tests.s3.conftest import environment, let_pass
from tests.s3.gate import Refused
from tests.workers import start

pytestmark = [pytest.mark.s3, pytest.mark.django_db]

RENDITIONS = renditions.Renditions(b"p", b"m", b"t", "LKO2")


@pytest.fixture
def in_database(bucket_name, settings):
    settings.MEDIA_STORE = "database"


@pytest.fixture
def photos(in_database, event):
    """Four photos, looked at."""
    for seed in range(4):
        ingest(event=event, data=picture([1], seed=seed), name=f"{seed}.jpg", uploader=None)
    for scan in PhotoScan.objects.all():
        scanning.run(scan.pk)
    return list(Photo.objects.order_by("pk"))


@pytest.fixture
def unready(in_database, event):
    """A photo that was not looked at yet: it has its original alone."""
    return ingest(event=event, data=picture([1]), name="a.jpg", uploader=None).photo


def move(to, **options):
    call_command("move_media", to=to, verbosity=0, **options)


def hashes():
    """Of every picture of every photo and selfie."""
    return {
        (type(row).__name__, row.pk, kind): hashlib.sha256(
            reading.read_of(row, kind) or b""
        ).hexdigest()
        for row in [*Photo.objects.all(), *Selfie.objects.all()]
        for kind in row.kinds
    }


def renditions_of(photo):
    return [reading.read_of(photo, kind) for kind in ("preview", "medium", "thumbnail")]


def stores(model=Photo):
    return set(model.objects.values_list("store", flat=True))


def test_to_the_bucket_and_back_every_byte_is_the_same(photos, guest, keys):
    enrolling.add_selfie(user=guest, data=picture([1]))
    before = hashes()
    move("s3")
    assert (stores(), stores(Selfie)) == ({"s3"}, {"s3"})
    assert (hashes(), len(keys())) == (before, 17)
    move("database")
    assert (stores(), stores(Selfie), hashes()) == ({"database"}, {"database"}, before)
    let_pass(timedelta(hours=2))
    emptying.drain()
    assert keys() == set()


def test_pages_that_are_open_keep_their_pictures_after_a_move(photos):
    move("s3")
    address = addresses.signed(Photo.objects.first(), "thumbnail")
    move("database")
    emptying.drain()
    assert requests.get(address).status_code == 200


def test_the_database_holds_no_bytes_of_what_is_in_the_bucket(photos):
    move("s3")
    row = Photo.objects.defer(None).first()
    assert all(getattr(row, column) is None for column in Photo.columns())
    assert not OriginalPiece.objects.exists()


def test_a_photo_that_is_not_ready_is_moved_with_its_original_alone(unready):
    move("s3")
    unready.refresh_from_db()
    assert (unready.store, reading.read_of(unready, "medium")) == ("s3", None)
    assert reading.read_of(unready, "original")


def test_one_event_is_moved_alone(photos, guest):
    enrolling.add_selfie(user=guest, data=picture([1]))
    other = make_photo(make_event())
    move("s3", event=photos[0].event.slug)
    other.refresh_from_db()
    assert (other.store, stores(Selfie)) == ("database", {"database"})
    assert {photo.store for photo in Photo.objects.exclude(pk=other.pk)} == {"s3"}


def test_a_dry_run_says_how_much_and_moves_nothing(photos, keys):
    out = io.StringIO()
    call_command("move_media", to="s3", dry_run=True, stdout=out)
    assert "4 photos to move to s3" in out.getvalue()
    assert (stores(), keys()) == ({"database"}, set())


def test_a_damaged_original_stays_where_it_is(photos):
    OriginalPiece.objects.filter(photo_id=photos[0].pk).update(data=b"something else")
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 rows stay"):
        move("s3", stderr=said)
    assert f"{photos[0].pk}: {words_of('picture_damaged')} (picture_damaged)" in said.getvalue()
    assert Photo.objects.filter(store="database").get() == photos[0]


@pytest.mark.parametrize("target", ["s3", "database"])
def test_a_copy_that_arrives_otherwise_does_not_count(photos, target, monkeypatch):
    if target == "database":
        move("s3")
    before = hashes()
    store = {"s3": bucket.BucketStore, "database": DatabaseStore}[target]
    chunks = store.chunks
    monkeypatch.setattr(store, "chunks", lambda *args: (b"x" + piece for piece in chunks(*args)))
    with pytest.raises(moving.Damaged, match="copy"):
        moving.move(Photo, photos[0].pk, target)
    monkeypatch.undo()
    assert Photo.objects.filter(store=target).count() == 0
    assert hashes() == before


def test_what_changes_while_it_is_moved_is_moved_whole(unready, monkeypatch):
    """Renditions that appear between the copy and the commit."""
    carry, runs = moving._carry, []

    def carry_slowly(row, kind, files):
        carried = carry(row, kind, files)
        if kind == "thumbnail" and not runs:
            runs.append(1)
            publishing.publish(unready.pk, RENDITIONS)
        return carried

    monkeypatch.setattr(moving, "_carry", carry_slowly)
    assert moving.move(Photo, unready.pk, "s3")
    unready.refresh_from_db()
    assert unready.store == "s3"
    assert renditions_of(unready) == [b"p", b"m", b"t"]


@pytest.mark.parametrize(("start", "end"), [("database", "s3"), ("s3", "database")])
def test_renditions_of_a_photo_that_is_moved_while_they_are_stored_go_along(
    unready, start, end, monkeypatch
):
    move(start)
    store = {"s3": bucket.BucketStore, "database": DatabaseStore}[start]
    prepare, runs = store.prepare, []

    def prepare_slowly(self, folder, pictures):
        if not runs:
            runs.append(1)
            assert moving.move(Photo, unready.pk, end)
        return prepare(self, folder, pictures)

    monkeypatch.setattr(store, "prepare", prepare_slowly)
    assert publishing.publish(unready.pk, RENDITIONS)
    unready.refresh_from_db()
    assert (unready.store, unready.status) == (end, "ready")
    assert renditions_of(unready) == [b"p", b"m", b"t"]


def test_renditions_of_a_photo_in_the_bucket_are_stored_there_and_stay(unready):
    move("s3")
    made = renditions.make(images.decode(picture([1]), min_side=renditions.PREVIEW_SIDE))
    assert publishing.publish(unready.pk, made)
    unready.refresh_from_db()
    assert (unready.store, unready.status) == ("s3", "ready")
    assert not StoredObjectRemoval.objects.filter(folder=unready.folder).exists()
    assert reading.read_of(unready, "medium")[:4] == b"RIFF"
    call_command("verify_media", verbosity=0)


def test_a_bucket_that_is_away_leaves_no_photo_half_ready(unready, gate):
    move("s3")

    def denied(request):
        raise Refused("403 Forbidden", "ExpiredToken")

    gate.bad_day = denied
    with pytest.raises(StoreUnavailable, match="store_denied"):
        publishing.publish(unready.pk, RENDITIONS)
    gate.bad_day = lambda request: None
    assert not Photo.objects.filter(status="ready").exists()
    assert publishing.publish(unready.pk, RENDITIONS)
    assert Photo.objects.get(status="ready") == unready


def test_a_reader_in_the_middle_of_a_move_reads_on(photos, monkeypatch):
    monkeypatch.setattr("photos.store.pieces.AT_ONCE", 1)
    data = bytes(range(256)) * 100
    sha256 = hashlib.sha256(data).hexdigest()
    photo = make_photo(photos[0].event, original=data, sha256=sha256)
    pieces = reading.stream(photo, "original", 0, photo.byte_size)
    start = next(pieces)
    move("s3")
    assert start + b"".join(pieces) == data
    assert reading.read_of(photo, "thumbnail")  # by a row read before the move


def first_bytes(answer):
    """Of a picture, wherever it comes from."""
    if answer.status_code == 302:
        return requests.get(answer["Location"]).content[:2]
    return answer.content[:2]


def test_galleries_are_served_while_photos_are_moved(photos, event, guest, as_user, monkeypatch):
    client, seen, repoint = as_user(guest), [], moving._repoint
    targets = [reverse("thumbnail", args=[event.slug, photo.pk]) for photo in photos]

    def look_and_repoint(*args):
        seen.extend(first_bytes(client.get(address)) for address in targets)
        return repoint(*args)

    monkeypatch.setattr(moving, "_repoint", look_and_repoint)
    move("s3")
    assert seen == [b"RI"] * 16


def test_a_bucket_that_goes_away_stops_the_move_with_the_reason(photos, gate):
    def busy(request):
        raise Refused("503 Slow Down", "SlowDown")

    gate.bad_day = busy
    with pytest.raises(CommandError, match=r"too much to do now.*Run the command again"):
        move("s3")
    assert stores() == {"database"}


def kill_in_the_middle(gate, options, to, method):
    """Move in a process of its own, until its fifth object is on its way."""
    seen = []

    def slow(request):
        if request.startswith(method):
            seen.append(request)
            time.sleep(0.3)

    gate.bad_day = slow
    process = start("move_media", "--to", to, **environment(options))
    deadline = time.monotonic() + 60
    while len(seen) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    # What it had sent still arrives; removals wait a day for that, which the test skips.
    while gate.under_way:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    gate.bad_day = lambda request: None


def test_killed_moves_lose_nothing_and_the_next_runs_end_them(
    transactional_db, photos, options, gate, keys
):
    before = hashes()
    kill_in_the_middle(gate, options, "s3", "PUT")
    assert (stores(), hashes()) == ({"database", "s3"}, before)
    move("s3")
    assert (stores(), hashes()) == ({"s3"}, before)
    let_pass(removals.RESERVED_FOR)  # what the killed one had brought is booked for removal
    emptying.drain()
    assert len(keys()) == 16
    kill_in_the_middle(gate, options, "database", "GET")
    assert (stores(), hashes()) == ({"database", "s3"}, before)
    move("database")
    assert (stores(), hashes()) == ({"database"}, before)
    let_pass(removals.RESERVED_FOR)
    emptying.drain()
    assert keys() == set()
    assert not StoredObjectRemoval.objects.exists()
