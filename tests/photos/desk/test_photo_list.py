"""The list of photos: of own events, in few queries, with what fits above it."""

import pytest
from django.urls import reverse

from tests.builders import (
    make_event,
    make_photo,
    make_scan,
)
from tests.photos.desk.pages import LIST

pytestmark = pytest.mark.django_db


def test_all_is_offered_where_not_all_is_shown(event, organizer, as_user):
    make_photo(event)
    client, place = as_user(organizer), reverse("admin:photos_photo_changelist")
    for query, offered in [("", 0), (f"?event__id__exact={event.pk}", 0), ("?hidden__exact=0", 1)]:
        assert client.get(place + query).content.decode().count("Show all") == offered


def test_the_uploader_filter_offers_uploaders_of_own_events_only(
    event, organizer, rival_organizer, as_user
):
    make_photo(event, uploader=organizer)
    make_photo(make_event(), uploader=rival_organizer)
    listed = as_user(organizer).get(reverse(LIST)).content.decode()
    assert f"uploader__id__exact={organizer.pk}" in listed
    assert f"uploader__id__exact={rival_organizer.pk}" not in listed


def test_the_list_asks_the_same_number_of_queries_for_one_photo_and_for_many(
    event, organizer, as_user, django_assert_max_num_queries
):
    for _ in range(20):
        make_scan(make_photo(event, uploader=organizer))
    client = as_user(organizer)
    with django_assert_max_num_queries(24):
        page = client.get(reverse(LIST), {"event__id__exact": event.pk})
    assert page.content.decode().count("desk-photo-frame") == 20


def test_photos_without_a_capture_time_are_found_and_are_of_no_day(event, organizer, as_user):
    dated, undated = make_photo(event), make_photo(event, has_capture_time=False)
    client, of_event = as_user(organizer), {"event__id__exact": event.pk}
    page = client.get(reverse(LIST), of_event).content.decode()
    assert "No capture time (1)" in page
    assert "(1)</option>" in page.split("No capture time")[0]
    for day, found in (("none", undated), ("2026-06-20", dated)):
        shown = client.get(reverse(LIST), of_event | {"day": day}).context["cl"].queryset
        assert list(shown) == [found]
    undated.delete()
    assert "No capture time" not in client.get(reverse(LIST), of_event).content.decode()
