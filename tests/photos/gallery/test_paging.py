"""Pages by key: complete, in order, and cheap."""

from datetime import UTC, datetime, timedelta

import pytest

from photos.gallery import paging
from photos.layout.order import NEWEST, OLDEST
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


def test_from_the_oldest_on_newer_pages_lead_through_every_photo_once_and_back(event):
    made = [make_photo(event, taken_at=NOON + timedelta(seconds=n // 3)) for n in range(10)]
    pages = [paging.page(all_photos(event), size=4, order=OLDEST)]
    while query := pages[-1].following:
        found = paging.page(all_photos(event), size=4, order=OLDEST, **position(query))
        pages.append(found)
    assert [photo for page in pages for photo in photos_shown(page)] == made
    back = paging.page(all_photos(event), size=4, order=OLDEST, **position(pages[1].previous))
    assert back == pages[0]
    assert back.previous is None


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_a_page_knows_how_many_photos_are_above_it_whichever_way_it_is_come_to(event, order):
    made = [make_photo(event, taken_at=NOON + timedelta(seconds=n // 3)) for n in range(10)]
    in_order = made if order == OLDEST else made[::-1]

    def at(query):
        page = paging.page(all_photos(event), size=3, order=order, **position(query))
        assert page.photos[0].pk == in_order[page.preceding].pk
        return page

    for place, photo in enumerate(in_order):
        page = at(paging.page_from(photo, {"order": order}).replace(f"order={order}&", ""))
        assert page.preceding == place
        assert (page.previous is None) == (place == 0)
        while page.previous:
            page = at(page.previous)
        assert page.preceding == 0


def test_nothing_is_above_the_hour_of_the_newest_photo(event):
    make_photo(event, taken_at=NOON)
    later = paging.position(NOON + timedelta(hours=1), 0)
    page = paging.page(all_photos(event), before=later)
    assert (page.newer, page.preceding) == (None, 0)
    assert paging.page(all_photos(event), after=later).photos == []


@pytest.mark.parametrize(("order", "ids"), [(NEWEST, [2, 1, 0]), (OLDEST, [2, 3, 4])])
def test_a_page_from_a_photo_begins_with_it_in_either_order(event, order, ids):
    made = [make_photo(event) for _ in range(5)]
    query = paging.page_from(made[2], {"order": order})
    said = dict(pair.split("=") for pair in query.lstrip("?").replace("%7E", "~").split("&"))
    page = paging.page(all_photos(event), order=said.pop("order"), **said)
    assert photos_shown(page) == [made[n] for n in ids]


@pytest.mark.parametrize(("first_day", "shown"), [(20, 20), (21, 21), (18, 18), (16, 20), (30, 20)])
def test_a_page_ends_with_a_day_where_one_ends_nearby(event, first_day, shown):
    for n in range(50):
        taken_at = NOON - timedelta(days=n // first_day, seconds=n)
        make_photo(event, taken_at=taken_at)
    page = paging.page(all_photos(event), size=20)
    assert len(page.photos) == shown


def test_what_is_left_of_a_gallery_is_no_page_of_a_few(event):
    for _ in range(22):
        make_photo(event)
    page = paging.page(all_photos(event), size=20)
    assert (len(page.photos), page.older) == (22, None)


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
