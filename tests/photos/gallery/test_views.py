"""Who sees which photo, and what a gallery page costs."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from photos.gallery import paging
from photos.imaging import renditions
from photos.models import Photo
from tests.builders import make_match, make_photo, photos_shown

pytestmark = pytest.mark.django_db

PICTURES = ["thumbnail", "medium", "preview", "original"]


@pytest.fixture
def photo(event):
    return make_photo(event)


def addresses(event, photo):
    return [
        reverse("general", args=[event.slug]),
        *(reverse(name, args=[event.slug, photo.pk]) for name in ["photo", *PICTURES]),
    ]


def test_outsiders_get_404_everywhere(event, photo, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        for address in addresses(event, photo):
            assert as_user(user).get(address).status_code == 404, address


def test_visitors_are_sent_to_log_in_whether_the_event_exists_or_not(event, photo):
    there = Client().get(reverse("general", args=[event.slug]))
    nowhere = Client().get(reverse("general", args=["no-such-event"]))
    assert there.status_code == nowhere.status_code == 302
    assert reverse("account_request_login_code") in there["Location"]


def test_a_photo_is_not_served_under_another_event(event, photo, as_user, rival_organizer):
    own = rival_organizer.events.get()
    for name in ["photo", *PICTURES]:
        address = reverse(name, args=[own.slug, photo.pk])
        assert as_user(rival_organizer).get(address).status_code == 404


def test_the_viewer_learns_how_large_pictures_are(event, photo, as_user, guest, monkeypatch):
    monkeypatch.setattr(renditions, "THUMBNAIL_SIDE", 321)
    page = as_user(guest).get(reverse("general", args=[event.slug])).content.decode()
    sides = {"thumbnail": 321, "medium": renditions.MEDIUM_SIDE, "preview": renditions.PREVIEW_SIDE}
    for name, side in sides.items():
        assert f'data-{name}-side="{side}"' in page


def test_general_shows_every_visible_photo_and_no_other(event, as_user, guest):
    shown, hidden = make_photo(event), make_photo(event, hidden=True)
    failed = make_photo(event, status=Photo.Status.FAILED, failure_code="truncated")
    page = as_user(guest).get(reverse("general", args=[event.slug]))
    assert page.status_code == 200
    assert photos_shown(page.context["page"]) == [shown]
    for other in (hidden, failed):
        assert f"/photos/{other.pk}/" not in page.content.decode()


def queries_of(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def test_general_loads_no_bytes_and_joins_no_matches(event, as_user, guest):
    make_match(guest, make_photo(event))
    sql = queries_of(as_user(guest), reverse("general", args=[event.slug]))
    photos = [query for query in sql if 'FROM "photos_photo"' in query]
    assert photos
    for query in photos:
        assert "_data" not in query
        assert "faces_" not in query
    assert len([query for query in sql if "faces_facematch" in query]) == 1


def test_general_costs_the_same_number_of_queries_for_one_photo_and_for_sixty(
    event, as_user, guest
):
    make_match(guest, make_photo(event))
    client, address = as_user(guest), reverse("general", args=[event.slug])
    few = len(queries_of(client, address))
    for _ in range(59):
        make_match(guest, make_photo(event))
    assert len(queries_of(client, address)) == few <= 8


def test_what_stands_above_a_page_is_counted_once_for_all_guests(
    event, as_user, guest, other_guest, monkeypatch
):
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    photos = [make_photo(event) for _ in range(9)]
    general = reverse("general", args=[event.slug])
    first = len(queries_of(as_user(guest), general))
    middle = general + paging.page_from(photos[4])
    # It counts these, but neither counts all again nor asks for sections.
    assert len(queries_of(as_user(guest), middle)) == first - 1
    assert len(queries_of(as_user(other_guest), middle)) == first - 2
    assert 'data-preceding="4"' in as_user(guest).get(middle).content.decode()


def test_general_marks_the_photos_the_guest_is_in_and_nobody_elses(
    event, as_user, guest, other_guest
):
    mine, theirs = make_photo(event), make_photo(event)
    make_match(guest, mine)
    make_match(other_guest, theirs)
    page = as_user(guest).get(reverse("general", args=[event.slug]))
    assert page.context["mine"] == {mine.pk}


def test_the_medium_size_is_offered_where_it_is_served(event, as_user, guest):
    ready, coming = (make_photo(event, status=status) for status in ("ready", "processing"))
    page = as_user(guest).get(reverse("general", args=[event.slug])).content.decode()
    for photo, status in ((ready, 200), (coming, 404)):
        address = reverse("medium", args=[event.slug, photo.pk])
        assert (address in page) == (status == 200)
        assert as_user(guest).get(address).status_code == status
