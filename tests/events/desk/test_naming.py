"""Two events of one name are told apart wherever the desk names them."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from events.desk import organizing
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
        assert event.short_period in page


@pytest.mark.parametrize("name", ["events_event_change", "events_event_guests"])
def test_pages_say_it_in_title_and_path(namesakes, organizer, as_user, name):
    client = as_user(organizer)
    for event in namesakes:
        page = client.get(reverse(f"admin:{name}", args=[event.pk])).content.decode()
        assert page.count(f"{event.short_period} · {event.slug}") >= 2


@pytest.mark.parametrize("name", ["index", "events_event_changelist", "photos_photo_changelist"])
def test_lists_write_one_day_as_several(namesakes, organizer, as_user, name):
    Event.objects.filter(pk=namesakes[1].pk).update(ends_on=date(2027, 6, 2))
    page = as_user(organizer).get(reverse(f"admin:{name}")).content.decode()
    assert "20 Jun 2026" in page
    assert "1 May\u2009–\u20092 Jun 2027" in page


def test_the_bin_says_day_and_address(namesakes, organizer, as_user):
    for event in namesakes:
        organizing.put_in_bin(event, by=organizer)
    client = as_user(organizer)
    page = client.get(reverse("admin:events_bin")).content.decode()
    for event in namesakes:
        assert page.count(f"{event.short_period} · {event.slug}") == 3
        question = client.get(reverse("admin:events_bin_delete", args=[event.pk]))
        assert f"{event.short_period} · {event.slug}" in question.content.decode()


@pytest.mark.parametrize("name", ["index", "events_event_changelist", "photos_photo_changelist"])
def test_an_event_that_one_does_not_see_is_no_namesake(event, organizer, as_user, name):
    stranger = make_event(name=event.name)
    for each in (event, stranger):
        make_photo(each)
    client = as_user(organizer)
    assert event.slug not in client.get(reverse(f"admin:{name}")).content.decode()
    add_member(stranger, organizer, Membership.Role.PHOTOGRAPHER)
    assert event.slug in client.get(reverse(f"admin:{name}")).content.decode()


def test_a_name_of_its_own_needs_no_address(event, organizer, as_user):
    page = as_user(organizer).get(reverse("admin:index")).content.decode()
    assert event.slug not in page


def test_where_photos_go_is_told_apart_too(event, organizer, as_user):
    """Photos that land in the wrong one of two are what nobody wants."""
    twin = make_event(name=event.name, starts_on=event.starts_on, ends_on=event.ends_on)
    add_member(twin, organizer, "organizer")
    client = as_user(organizer)
    for address in (
        reverse("admin:photos_photo_upload", args=[twin.pk]),
        f"{reverse('admin:photos_photo_changelist')}?event__id__exact={twin.pk}",
    ):
        assert f"· {twin.slug}" in client.get(address).content.decode()
