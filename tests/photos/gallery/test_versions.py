"""A gallery's version: another one after every change that shows, the same otherwise."""

import threading

import pytest
from django.db import connection, transaction

from events.models import Event
from faces.models import FaceMatch
from photos import audience
from photos.delivery import downloads
from photos.gallery import versions
from photos.imaging.renditions import Renditions
from photos.intake import publishing
from photos.models import GalleryChange, Photo
from tests.builders import make_event, make_match, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(event):
    return make_photo(event)


def move_to_bucket(event):
    nothing = {"preview_data": None, "medium_data": None, "thumbnail_data": None}
    Photo.objects.update(store="s3", folder="photos/1/a", **nothing)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: make_photo(event),
        lambda event: Photo.objects.update(hidden=True),
        lambda event: Photo.objects.update(status="processing"),
        lambda event: Photo.objects.update(name="renamed.jpg"),
        lambda event: Photo.objects.update(blurhash="LKO2"),
        lambda event: Photo.objects.update(event=make_event()),
        move_to_bucket,
        lambda event: Photo.objects.all().delete(),
    ],
    ids=["added", "hidden", "withdrawn", "edited", "blurred", "given", "moved", "deleted"],
)
def test_what_shows_to_everybody_changes_everybodys_version(event, photo, guest, change):
    before = versions.version(event), versions.version(event, guest)
    change(event)
    after = versions.version(event), versions.version(event, guest)
    assert after[0] != before[0]
    assert after[1] != before[1]


def test_a_photo_shown_again_is_a_change_too(event, photo):
    Photo.objects.update(hidden=True)
    hidden = versions.version(event)
    Photo.objects.update(hidden=False)
    assert versions.version(event) != hidden


def test_a_photo_that_is_published_is_a_change(event):
    photo = make_photo(event, status="processing")
    before = versions.version(event)
    publishing.publish(photo.pk, Renditions(b"p", b"m", b"t", "LKO2"))
    assert versions.version(event) != before


@pytest.mark.parametrize("size", downloads.allowed_sizes(Event(downloads="original")))
def test_what_a_download_learns_changes_nothing(event, photo, size):
    Photo.objects.update(preview_size=None, stripped_size=None)
    before = versions.version(event)
    (file,) = downloads.files(Photo.objects.all(), event, size)
    downloads.opened(file, event, audience.ALL).close()
    photo.refresh_from_db()
    assert photo.preview_size or photo.stripped_size
    assert versions.version(event) == before


def test_what_nobody_sees_changes_nothing(event, photo):
    before = versions.version(event)
    make_photo(event, status=Photo.Status.PROCESSING)
    make_photo(event, hidden=True)
    make_photo(make_event())
    assert versions.version(event) == before


def test_a_match_changes_the_version_of_its_guest_only(event, photo, guest, other_guest):
    everybody, other = versions.version(event), versions.version(event, other_guest)
    seen = [versions.version(event, guest)]
    make_match(guest, photo)
    seen.append(versions.version(event, guest))
    FaceMatch.objects.update(verdict="not_me")
    seen.append(versions.version(event, guest))
    FaceMatch.objects.all().delete()
    seen.append(versions.version(event, guest))
    assert len(set(seen)) == 4
    assert (versions.version(event), versions.version(event, other_guest)) == (everybody, other)


def test_folding_keeps_every_version_and_forgets_events_that_are_gone(event, guest):
    gone = make_event()
    for _ in range(3):
        make_match(guest, make_photo(event))
        make_photo(gone)
    gone.delete()
    before = versions.version(event), versions.version(event, guest)
    versions.fold()
    assert (versions.version(event), versions.version(event, guest)) == before
    assert GalleryChange.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_changes_a_version_that_was_read_after_a_later_change(event):
    """A counter or a time read at the statement would be passed by here: the late commit
    carries the older one."""
    began, go_on = threading.Event(), threading.Event()

    def add_slowly():
        try:
            with transaction.atomic():
                make_photo(event)
                began.set()
                go_on.wait(10)
        finally:
            connection.close()

    late = threading.Thread(target=add_slowly)
    late.start()
    began.wait(10)
    make_photo(event)
    between = versions.version(event)
    go_on.set()
    late.join()
    assert versions.version(event) != between
