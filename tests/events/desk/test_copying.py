"""An event like another one: its settings and sections, nobody's photos, dates of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.desk import copying, moments, organizing
from events.models import YEARS_AHEAD, Event, Membership
from photos.models import Section
from tests.builders import add_member, make_photo, make_user

pytestmark = pytest.mark.django_db

# What each event has of its own: given, made or written by FindMe.
OWN = {"id", "name", "slug", "join_code", "live_code", "starts_on", "ends_on", "join_until"}
OWN |= {"created_at", "closed_at", "deletion_warned_at", "deletion_started_at"}
OWN |= {"binned_at", "ready_told_at"}
DAY = date(2027, 5, 1)


def copy(event, organizer, **days):
    days = {"starts_on": DAY, "ends_on": DAY} | days
    return copying.copy(event, name="Next", **days, organizer=organizer)


def page_of(event):
    return reverse("admin:events_event_copy", args=[event.pk])


def test_each_field_is_taken_over_or_meant_not_to_be():
    fields = {field.name for field in Event._meta.concrete_fields}
    assert fields == {*copying.COPIED, *copying.MOVED} | OWN


def test_settings_and_sections_come_along_and_nothing_else(event, organizer, guest):
    Event.objects.filter(pk=event.pk).update(
        welcome="Hello", downloads="original", match_threshold=90, guest_uploads=True
    )
    event.refresh_from_db()
    Section.objects.create(event=event, name="Ceremony", position=2)
    make_photo(event)
    new = Event.objects.get(pk=copy(event, organizer).pk)
    for field in copying.COPIED:
        assert getattr(new, field) == getattr(event, field), field
    assert [(part.name, part.position) for part in new.sections.all()] == [("Ceremony", 2)]
    assert not new.photos.exists()
    held = [(row.user, row.role) for row in new.memberships.all()]
    assert held == [(organizer, Membership.Role.ORGANIZER)]
    assert (new.slug, new.join_code) != (event.slug, event.join_code)


def test_dates_move_along_with_the_days(event, organizer):
    event.general, event.general_from = "from", datetime(2026, 6, 22, 10, tzinfo=UTC)
    event.delete_on = event.ends_on + timedelta(days=100)
    new = copy(event, organizer)
    assert new.general_from == datetime(2027, 5, 3, 10, tzinfo=UTC)
    assert new.delete_on == DAY + timedelta(days=100)


def test_a_moment_keeps_its_time_where_clocks_are_changed_between(event, organizer):
    event.time_zone, event.starts_on = "Europe/Paris", date(2026, 6, 20)
    event.general_from = datetime(2026, 6, 21, 18, tzinfo=UTC)
    winter = date(2026, 12, 12)
    new = copy(event, organizer, starts_on=winter, ends_on=winter)
    assert new.general_from == datetime(2026, 12, 13, 19, tzinfo=UTC)  # 20:00 in Paris, as before


@pytest.mark.parametrize("kept", [None, 100])
def test_no_event_is_deleted_as_soon_as_it_is_made(event, organizer, kept):
    event.delete_on = kept and event.ends_on + timedelta(days=kept)
    new = copy(event, organizer, starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 1))
    assert new.delete_on is None if kept is None else new.delete_on > timezone.localdate()


@pytest.mark.parametrize("source", [1990, 2027])
def test_a_copy_has_no_date_that_its_own_page_refuses(event, organizer, source):
    last = timezone.localdate().year + YEARS_AHEAD
    event.starts_on = event.ends_on = date(source, 5, 1)
    event.general_from = datetime(last - 1, 12, 31, 23, 30, tzinfo=UTC)
    event.delete_on = date(last, 12, 1)
    day = date(last, 6, 1)
    new = copy(event, organizer, starts_on=day, ends_on=day)
    assert day < new.delete_on <= date(last, 12, 31)
    assert timezone.localtime(new.general_from, new.zone).year == last
    new.full_clean()


def test_an_event_of_the_last_year_is_kept_until_a_day_that_its_page_takes(organizer):
    day = date(timezone.localdate().year + YEARS_AHEAD, 6, 1)
    event = Event(name="Next", starts_on=day, ends_on=day)
    organizing.set_up(event, organizer=organizer)
    event.full_clean()


class TestPage:
    def test_it_asks_for_name_and_days(self, event, organizer, as_user):
        client = as_user(organizer)
        page = client.get(page_of(event)).content.decode()
        assert f"{event.name} (copy)" in page
        assert (
            "every face in the photos" in page
        )  # whose faces are kept is no secret of the old one
        answer = client.post(page_of(event), {"name": "Anna & Ben", "starts_on": "2027-05-01"})
        new = Event.objects.latest("pk")
        assert answer.url == reverse("admin:events_event_change", args=[new.pk])
        assert (new.name, new.ends_on) == ("Anna & Ben", DAY)

    def test_the_log_says_what_it_is_like(self, event, organizer, as_user):
        client, new = as_user(organizer), copy(event, organizer)
        log = reverse("admin:events_event_history", args=[new.pk])
        said = [line.what for line in client.get(log).context["lines"]]
        assert said == [f"Created the event like “{event.name}”"]
        Event.objects.filter(pk=event.pk).update(deletion_started_at=timezone.now())
        said = [line.what for line in client.get(log).context["lines"]]
        assert said == ["Created the event like another one"]

    def test_the_log_names_no_event_that_its_reader_cannot_open(
        self, event, organizer, rival_organizer, as_user
    ):
        new = copy(event, organizer)
        add_member(new, rival_organizer, Membership.Role.ORGANIZER)
        log = reverse("admin:events_event_history", args=[new.pk])
        answer = as_user(rival_organizer).get(log)
        assert [line.what for line in answer.context["lines"]] == [
            "Created the event like another one"
        ]
        assert event.name not in answer.content.decode()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "\u200b"}, "name"),
            ({"starts_on": "soon"}, "starts_on"),
            ({"starts_on": "2126-01-01"}, "starts_on"),
            ({"starts_on": ""}, "starts_on"),
            ({"ends_on": "2027-04-01"}, "ends_on"),
        ],
    )
    def test_bad_input_is_refused_at_its_field(self, event, organizer, as_user, wrong, field):
        data = {"name": "Next", "starts_on": "2027-05-01"} | wrong
        answer = as_user(organizer).post(page_of(event), data)
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert {name: len(said) for name, said in errors.items()} == {field: 1}
        assert Event.objects.count() == 1

    def test_a_date_is_asked_for_with_an_example(self, event, organizer, as_user):
        answer = as_user(organizer).post(page_of(event), {"name": "Next", "starts_on": "abc"})
        assert answer.context["form"].errors["starts_on"] == [moments.NO_DAY]

    def test_what_comes_along_is_told_as_in_the_log(self, event, organizer, as_user):
        Event.objects.update(guest_uploads=True, time_zone="")
        copied = dict(as_user(organizer).get(page_of(event)).context["copied"])
        assert copied["Match threshold"] == "85"
        assert copied["Guests may add photos"] == "yes"
        assert copied["Time zone"] == "–"
        assert copied["Downloads"] == "in web size"

    def test_who_makes_no_events_copies_none(self, event, as_user):
        helper = make_user("Helper")
        add_member(event, helper, Membership.Role.ORGANIZER)
        client = as_user(helper)
        assert client.get(page_of(event)).status_code == 403
        assert client.post(page_of(event), {"name": "x"}).status_code == 403
        address = reverse("admin:events_event_change", args=[event.pk])
        assert page_of(event) not in client.get(address).content.decode()
