"""Two events of one name are told apart wherever the desk names them."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from events.models import Event, Membership
from tests.builders import add_member, make_event, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def namesakes(event, organizer):
    """Two events of one name and organizer, a year apart, each with a photo."""
    Event.objects.filter(pk=event.pk).update(name="Anna & Ben", ends_on=event.starts_on)
    other = make_event(name="anna & ben", starts_on=date(2027, 5, 1), ends_on=date(2027, 5, 1))
    add_member(other, organizer, Membership.Role.ORGANIZER)
    event.refresh_from_db()
    for each in (event, other):
        make_photo(each)
    return [event, other]


@pytest.mark.parametrize("name", ["index", "events_event_changelist", "photos_photo_changelist"])
def test_lists_and_menus_say_day_and_address(namesakes, organizer, as_user, name):
    page = as_user(organizer).get(reverse(f"admin:{name}")).content.decode()
    for event in namesakes:
        assert event.slug in page
        assert event.period in page


@pytest.mark.parametrize("name", ["events_event_change", "events_event_guests"])
def test_pages_say_it_in_title_and_path(namesakes, organizer, as_user, name):
    client = as_user(organizer)
    for event in namesakes:
        page = client.get(reverse(f"admin:{name}", args=[event.pk])).content.decode()
        assert page.count(f"{event.period} · {event.slug}") >= 2


def test_a_name_of_its_own_needs_no_address(event, organizer, as_user):
    page = as_user(organizer).get(reverse("admin:index")).content.decode()
    assert event.slug not in page
