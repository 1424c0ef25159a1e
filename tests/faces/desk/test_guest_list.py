"""The list of guests: sorted, counted in the words of the figures, and as a table."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from events import audit
from events.models import Membership
from faces.desk import figures, guest_list, guests
from tests.builders import (
    add_member,
    consent,
    make_enrollment,
    make_match,
    make_photo,
    make_selfie,
    make_user,
)

pytestmark = pytest.mark.django_db


def page_of(event, name="guests"):
    return reverse(f"admin:events_event_{name}", args=[event.pk])


def table(client, event):
    answer = client.get(page_of(event, "guests_csv"))
    text = b"".join(answer.streaming_content).decode()
    return answer, list(csv.reader(io.StringIO(text.removeprefix("\ufeff")))), text


class TestSorting:
    @pytest.fixture
    def found(self, event, guest, other_guest):
        make_match(other_guest, make_photo(event))
        return event

    @pytest.mark.parametrize(
        ("sort", "first"), [("-photos", "other"), ("name", "Gina"), ("joined", "Gina"), ("x", "")]
    )
    def test_it_is_by_name_time_or_photos(self, found, guest, other_guest, sort, first):
        rows = [row.user for row in guests.members(found, role="guest", sort=sort)]
        expected = {"other": other_guest, "Gina": guest, "": other_guest}[first]
        assert rows[0] == expected

    def test_the_heading_says_how_and_asks_for_the_other_way(self, found, organizer, as_user):
        answer = as_user(organizer).get(page_of(found), {"sort": "-photos", "q": "x"})
        assert answer.context["columns"]["photos"] == ("descending", "photos")
        answer = as_user(organizer).get(page_of(found), {"sort": "-photos", "q": "example"})
        page = answer.content.decode()
        assert 'aria-sort="descending"' in page
        assert "sort=photos&amp;q=example" in page


def test_all_pages_count_the_same_people_as_guests(event, organizer, guest, other_guest, as_user):
    add_member(event, make_user("Pia"), Membership.Role.PHOTOGRAPHER)
    page = as_user(organizer).get(page_of(event)).content.decode()
    assert "2 guests · 1 photographer · 1 organizer" in page
    assert {total.name: total.count for total in figures.totals(event)}["guests"] == 2
    assert sum(figures.history(event).values["guests"]) == 2
    assert "2 guests" in " ".join(page_text(as_user(organizer), reverse("admin:index")).split())


def page_text(client, address):
    page = client.get(address).content.decode()
    return page.replace('<strong class="desk-strong">', "").replace("</strong>", "")


class TestTable:
    def test_it_says_who_came_and_what_was_found(self, event, organizer, guest, as_user):
        consent(guest, event)
        make_enrollment(make_selfie(guest), event)
        make_match(guest, make_photo(event))
        answer, rows, text = table(as_user(organizer), event)
        assert text.startswith("\ufeff")
        assert f'filename="{event.slug}-guests.csv"' in answer["Content-Disposition"]
        row = next(row for row in rows if row[0] == guest.name)
        assert [row[1], *row[3:]] == [guest.email, "yes", "1", "guest"]

    def test_an_address_that_nobody_proved_is_left_out(self, event, organizer, as_user):
        typed = make_user("Typed", address_proven_at=None)
        add_member(event, typed)
        _answer, rows, text = table(as_user(organizer), event)
        assert next(row for row in rows if row[0] == "Typed")[1] == ""
        assert typed.email not in text

    @pytest.mark.parametrize(
        ("name", "shown"), [("Gina", "Ida (child of Gina)"), ("", "Ida (child)")]
    )
    def test_a_childs_row_names_no_address_that_nobody_proved(
        self, event, organizer, as_user, name, shown
    ):
        guardian = make_user(name, address_proven_at=None)
        child = make_user("Ida", email="c@child.invalid", guardian=guardian, is_active=False)
        add_member(event, child)
        _answer, rows, text = table(as_user(organizer), event)
        assert [row[:2] for row in rows if row[0].startswith("Ida")] == [[shown, ""]]
        assert guardian.email not in text

    def test_names_are_no_formulas(self, event, organizer, as_user):
        for name in ("=1+1", "@x", "-2", "+3"):
            add_member(event, make_user(name))
        _answer, rows, _text = table(as_user(organizer), event)
        assert {"'=1+1", "'@x", "'-2", "'+3"} <= {row[0] for row in rows}

    def test_a_long_list_comes_whole_and_in_few_queries(
        self, event, organizer, as_user, monkeypatch, django_assert_max_num_queries
    ):
        monkeypatch.setattr(guest_list, "PIECE", 4)
        names = [f"Guest{number}" for number in range(10)]
        for name in names:
            add_member(event, make_user(name))
        with django_assert_max_num_queries(5):
            lines = "".join(guest_list.as_csv(event, language="en")).splitlines()
        assert [line.split(",")[0] for line in lines[-10:]] == names

    def test_it_speaks_the_organizers_language(self, event):
        assert "Adresse e-mail" in "".join(guest_list.as_csv(event, language="fr"))

    def test_it_is_in_the_log_with_the_number_of_its_people(
        self, event, organizer, guest, other_guest, as_user
    ):
        _answer, rows, _text = table(as_user(organizer), event)
        line = audit.lines(audit.entries(event))[0]
        assert len(rows) == 1 + 3
        assert line.what == "Exported the list of guests (3)"
        assert line.who == str(organizer)
