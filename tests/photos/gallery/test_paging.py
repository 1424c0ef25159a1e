"""Pages by key: complete, in order, and cheap."""

from datetime import UTC, datetime, timedelta

import pytest

from photos.gallery import paging
from photos.models import Photo
from tests.builders import NOON, make_photo, photos_shown

pytestmark = pytest.mark.django_db


def all_photos(event):
    return Photo.objects.in_event(event).visible()


def position(query):
    return dict([query.lstrip("?").replace("%7E", "~").split("=", 1)])


def walked(event, size):
    """All photos, page by page from the newest on."""
    page = paging.page(all_photos(event), size=size)
    seen = photos_shown(page)
    while page.older:
        page = paging.page(all_photos(event), size=size, **position(page.older))
        seen += photos_shown(page)
    return seen


def test_older_pages_lead_through_every_photo_once(event):
    made = [make_photo(event, taken_at=NOON + timedelta(seconds=n // 3)) for n in range(10)]
    in_order = sorted(made, key=lambda p: (p.taken_at, p.pk), reverse=True)
    assert walked(event, size=4) == in_order


def test_photos_from_before_computers_counted_time_are_no_gap(event):
    moments = [datetime(1969, 12, 31, 23, 59, n, 500_000, tzinfo=UTC) for n in range(6)]
    made = [make_photo(event, taken_at=moment) for moment in moments]
    assert walked(event, size=2) == made[::-1]


def test_newer_leads_back_to_the_page_one_came_from(event):
    for _ in range(9):
        make_photo(event)
    first = paging.page(all_photos(event), size=3)
    second = paging.page(all_photos(event), size=3, **position(first.older))
    back = paging.page(all_photos(event), size=3, **position(second.newer))
    assert back.photos == first.photos
    assert back.newer is None


def test_the_only_page_has_no_neighbours(event):
    make_photo(event)
    page = paging.page(all_photos(event))
    assert (page.newer, page.older) == (None, None)


@pytest.mark.parametrize("nonsense", ["", "x", "1~", "~1", "9" * 40 + ".0~1", "1.5~-3", "1.0~1e9"])
def test_a_position_that_cannot_be_read_is_the_first_page(event, nonsense):
    photo = make_photo(event)
    page = paging.page(all_photos(event), before=nonsense)
    assert photos_shown(page) == [photo]


def test_neighbours_of_a_photo(event):
    oldest, middle, newest = (make_photo(event) for _ in range(3))
    assert paging.neighbours(all_photos(event), middle) == (newest.pk, oldest.pk)
    assert paging.neighbours(all_photos(event), newest) == (None, middle.pk)
