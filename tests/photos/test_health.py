"""What `doctor` looks at in the rows of photos: broken by hand, it is said; mended, it is gone."""

from __future__ import annotations

import pytest

from photos import health as rules
from photos.models import Photo, StoredObjectRemoval
from tests import builders, health
from tests.health import broken, execute, found

pytestmark = pytest.mark.django_db

LONG_AGO = "now() - interval '9 days'"
MENDED = {
    "rendition_missing": "UPDATE photos_photo SET medium_data = NULL",
    "pieces_unowned": "INSERT INTO photos_originalpiece (photo_id, number, data)"
    " SELECT 1, n, '' FROM generate_series(0, 2) n",
    "upload_kept": "INSERT INTO photos_directupload (event_id, uploader_id, folder, upload_id,"
    " name, byte_size, sha256, section, created_at, outcome, code) SELECT id, {user},"
    f" 'photos/1/a', '', 'a.jpg', 1, '', '', {LONG_AGO}, '', '' FROM events_event LIMIT 1",
    "event_differs": "INSERT INTO photos_cover (photo_id, event_id) SELECT id,"
    " (SELECT max(id) FROM events_event) FROM photos_photo",
    "unapproved_shown": "UPDATE photos_photo SET moderation = 'pending'",
    "bin_overdue": "UPDATE photos_photo SET hidden = true, binned_at = now() - interval '40 days'",
    "request_shown": "INSERT INTO photos_hiderequest (event_id, photo_id, user_id, words, state,"
    " hid_at_once, asked_at) SELECT event_id, id, {user}, '', 'open', true, now() FROM"
    " photos_photo",
}


@pytest.fixture
def world(event, guest):
    """With another event."""
    world = health.healthy(event, guest)
    builders.add_member(builders.make_event(), builders.make_user(), "organizer")
    return world


@pytest.mark.parametrize("code", MENDED)
def test_what_is_broken_is_said_and_mended_once(world, code):
    execute(MENDED[code].format(user=world.guest.pk))
    assert broken(code)
    assert found(repair=True)[code] == "mended"
    assert found(repair=True) == {}


def test_a_folder_that_was_to_be_emptied_long_ago_is_said(world):
    StoredObjectRemoval.objects.create(folder="photos/1/a", available_at=builders.NOON)
    assert found(repair=True) == {"removal_overdue": "wrong"}


def test_bytes_that_are_gone_are_said_and_nothing_is_done_about_it(world):
    execute("DELETE FROM photos_originalpiece")
    execute("UPDATE faces_selfie SET image_data = NULL")
    assert broken("bytes_missing") == 2
    assert found(repair=True) == {"bytes_missing": "wrong"}
    assert Photo.objects.count() == 1


def test_a_picture_that_is_cut_short_is_found_by_its_length(world):
    assert [each.severity for each in rules.sampled_bytes()] == ["ok"]
    execute("UPDATE photos_originalpiece SET data = substring(data for 100)")
    execute("UPDATE faces_selfie SET image_data = ''")
    (finding,) = rules.sampled_bytes()
    assert (finding.severity, finding.count) == ("wrong", 2)
    assert finding.examples[0] == f"original of photo {world.photo.pk}"


def test_pictures_in_a_bucket_that_nobody_named_are_said(world):
    execute(
        "UPDATE photos_photo SET store = 's3', folder = 'photos/1/a',"
        " preview_data = NULL, medium_data = NULL, thumbnail_data = NULL"
    )
    (finding,) = rules.sampled_bytes()
    assert finding.code == "bucket_away"


def test_a_gallery_of_thousands_of_changes_is_folded(world):
    execute(
        "INSERT INTO photos_gallerychange (event_id, user_id, token) SELECT"
        f" {world.event.pk}, 0, n FROM generate_series(1, 5001) n"
    )
    assert found(repair=True) == {"changes_unfolded": "mended"}
