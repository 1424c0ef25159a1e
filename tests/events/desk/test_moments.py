"""Moments of an event's form, while its time zone changes, and in the nights of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from events.desk import moments
from events.models import Event
from tests.builders import make_photo

pytestmark = pytest.mark.django_db

OPENS = datetime(2026, 12, 24, 20, tzinfo=UTC)
SECOND_HALF_PAST_TWO = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
FIRST_HALF_PAST_TWO = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
AT_HALF_PAST_TWO = {"join_until_0": "2026-10-25", "join_until_1": "02:30"}
LATER = {"general_from_0": "2026-12-24", "general_from_1": "22:00"}


@pytest.fixture
def page(event):
    Event.objects.update(general="from", general_from=OPENS, time_zone="Europe/Paris")
    return reverse("admin:events_event_change", args=[event.pk])


def fields(answer):
    """What a browser would send of the form as it is shown."""
    sent = {}
    for bound in answer.context["adminform"].form:
        shown = bound.subwidgets[0].data
        if shown.get("type") == "checkbox":
            sent[bound.html_name] = "on" if bound.value() else None
        elif "subwidgets" in shown:
            sent |= {part["name"]: part["value"] for part in shown["subwidgets"]}
        else:
            sent[bound.html_name] = bound.value()
    return {name: value for name, value in sent.items() if value is not None}


def general_from():
    return Event.objects.get().general_from


def test_a_colleagues_zone_moves_no_moment_that_was_left_alone(page, organizer, as_user):
    client = as_user(organizer)
    sent = fields(client.get(page))
    assert sent["general_from_1"] == "21:00"
    Event.objects.update(time_zone="Asia/Tokyo")
    assert client.post(page, sent | {"welcome": "Hello"}).status_code == 302
    stored = Event.objects.get()
    assert (stored.welcome, stored.time_zone) == ("Hello", "Asia/Tokyo")
    assert stored.general_from == OPENS


def test_what_is_typed_means_the_zone_that_was_on_the_page(page, organizer, as_user):
    client = as_user(organizer)
    sent = fields(client.get(page))
    Event.objects.update(time_zone="Asia/Tokyo")
    client.post(page, sent | LATER)
    assert general_from() == OPENS.replace(hour=21)


def test_another_zone_leaves_moments_and_holds_for_those_typed_with_it(page, organizer, as_user):
    client = as_user(organizer)
    sent = fields(client.get(page))
    client.post(page, sent | {"time_zone": "Asia/Tokyo"})
    assert general_from() == OPENS
    client.post(page, fields(client.get(page)) | {"time_zone": "Europe/London"} | LATER)
    assert general_from() == OPENS.replace(hour=22)


@pytest.mark.parametrize(("typed", "hour"), [({}, 20), (LATER, 21)])
def test_a_page_of_what_both_changed_keeps_what_moments_meant(
    page, organizer, as_user, typed, hour
):
    client = as_user(organizer)
    sent = fields(client.get(page))
    Event.objects.update(time_zone="Asia/Tokyo", welcome="Hers")
    answer = client.post(page, sent | {"welcome": "His"} | typed)
    assert list(answer.context["adminform"].form.errors) == ["welcome"]
    again = fields(answer)
    assert again["general_from_0"] == "2026-12-25"
    assert client.post(page, again).status_code == 302
    assert general_from() == OPENS.replace(hour=hour)


@pytest.mark.parametrize(("typed", "hour"), [({}, 20), (LATER, 22)])
def test_where_both_changed_the_zone_moments_keep_their_meaning(
    page, organizer, as_user, typed, hour
):
    client = as_user(organizer)
    sent = fields(client.get(page))
    Event.objects.update(time_zone="Asia/Tokyo")
    answer = client.post(page, sent | {"time_zone": "Europe/London"} | typed)
    assert list(answer.context["adminform"].form.errors) == ["time_zone"]
    assert client.post(page, fields(answer)).status_code == 302
    stored = Event.objects.get()
    assert (stored.time_zone, stored.general_from) == ("Europe/London", OPENS.replace(hour=hour))


def test_a_moment_that_both_changed_is_told_in_the_zone_of_the_page(page, organizer, as_user):
    client = as_user(organizer)
    sent = fields(client.get(page))
    Event.objects.update(general_from=OPENS.replace(hour=18), time_zone="Asia/Tokyo")
    answer = client.post(page, sent | LATER | {"time_zone": "Europe/London"})
    (said,) = answer.context["adminform"].form.errors["general_from"]
    assert "24 Dec 2026, 19:00" in said
    client.post(page, fields(answer))
    assert general_from() == OPENS.replace(hour=22)


@pytest.mark.parametrize("stored", [FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO])
def test_the_hour_that_occurs_twice_stays_which_it_is(page, organizer, as_user, stored):
    Event.objects.update(join_until=stored)
    client = as_user(organizer)
    answer = client.post(page, fields(client.get(page)) | {"welcome": "Hello"})
    assert answer.status_code == 302
    assert Event.objects.get().join_until == stored


def test_of_the_hour_that_occurs_twice_the_first_is_meant(page, organizer, as_user):
    client = as_user(organizer)
    client.post(page, fields(client.get(page)) | AT_HALF_PAST_TWO)
    assert Event.objects.get().join_until == FIRST_HALF_PAST_TWO


def test_an_hour_that_does_not_exist_is_refused_in_our_words(page, organizer, as_user):
    client = as_user(organizer)
    typed = AT_HALF_PAST_TWO | {"join_until_0": "2026-03-29"}
    answer = client.post(page, fields(client.get(page)) | typed)
    assert answer.context["adminform"].form.errors == {"join_until": [moments.NO_HOUR]}


def test_a_photo_of_the_hour_that_occurs_twice_is_saved(event, organizer, as_user):
    Event.objects.update(time_zone="Europe/Paris")
    photo = make_photo(event, taken_at=SECOND_HALF_PAST_TWO)
    change = reverse("admin:photos_photo_change", args=[photo.pk])
    typed = {"taken_at_0": "2026-10-25", "taken_at_1": "02:30"}
    assert as_user(organizer).post(change, typed).status_code == 302
    photo.refresh_from_db()
    assert photo.taken_at == SECOND_HALF_PAST_TWO
