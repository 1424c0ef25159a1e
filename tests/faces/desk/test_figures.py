"""An event in figures, by its own clock; as charts, as a table, and on the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from events.models import Event, Membership
from faces.desk import charts, figures
from faces.finding import matching
from faces.finding.matching import Seen
from faces.models import FaceMatch
from photos.models import Photo
from tests.builders import make_face, make_match, make_photo

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 6, 20, 21, 30, tzinfo=UTC)  # 23:30 in Paris


@pytest.fixture
def party(event):
    """Two photos an hour apart, around midnight of the place."""
    event.memberships.update(joined_at=EVENING)
    for hours in (0, 0, 2):
        make_photo(event, uploaded_at=EVENING + timedelta(hours=hours))
    return event


def test_hours_are_those_of_the_place_and_none_is_left_out(party):
    history = figures.history(party)
    assert history.unit == "hour"
    local = [moment.astimezone(party.zone) for moment in history.moments]
    assert [moment.strftime("%d %H") for moment in local] == ["20 23", "21 00", "21 01"]
    assert history.values["photos"] == [2, 0, 1]
    assert history.values["guests"] == [2, 0, 0]


@pytest.mark.parametrize(
    ("days", "unit", "bars"), [(10, "day", 11), (200, "week", 30), (800, "month", 27)]
)
def test_longer_times_get_coarser_bars(party, days, unit, bars):
    make_photo(party, uploaded_at=EVENING + timedelta(days=days))
    history = figures.history(party)
    assert history.unit == unit
    assert len(history.moments) == bars
    assert sum(history.values["photos"]) == 4


def test_the_hour_that_comes_twice_is_counted_twice(event):
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, before the clock goes back
    event.memberships.update(joined_at=night)
    for hours in (0, 1, 2):
        make_photo(event, uploaded_at=night + timedelta(hours=hours))
    assert figures.history(event).values["photos"] == [1, 1, 1]


def test_an_empty_event_has_figures_too(organizer, as_user, event):
    Membership.objects.exclude(user=organizer).delete()
    page = as_user(organizer).get(reverse("admin:events_event_figures", args=[event.pk]))
    assert page.status_code == 200
    assert figures.history(Event(pk=0)).moments == []


def test_a_match_keeps_the_time_it_was_found(event, guest):
    face = make_face(make_photo(event))
    found_at = make_match(guest, face.photo, face=face, found_at=EVENING).found_at
    seen = Seen(guest.pk, face.photo_id, face.pk, face.photo.taken_at, 91, 91, "sure")
    matching._replace(event, FaceMatch.objects.in_event(event), [seen])
    match = FaceMatch.objects.get()
    assert (match.similarity, match.found_at) == (91, found_at)


def test_bars_are_as_high_as_their_part_of_the_highest():
    bars = charts.bars([1, 0, 4], ["a", "b", "c"])
    assert [(bar.title, bar.height) for bar in bars] == [("a", 30), ("c", 120)]
    assert bars[1].y == 0
    assert all(0 <= bar.x <= charts.WIDTH - bar.width for bar in bars)
    assert charts.bars([0, 0], ["a", "b"]) == []


def test_charts_have_words_and_no_styles(party, organizer, as_user):
    address = reverse("admin:events_event_figures", args=[party.pk])
    page = as_user(organizer).get(address, headers={"accept-language": "fr"}).content.decode()
    svg = page[page.index('<svg class="desk-chart"') :].split("</svg>")[0]
    assert "aria-label=" in svg
    assert "style=" not in svg
    assert 'height="120.0"' in svg  # a point, in French too


def test_a_french_hour_has_its_month_as_everywhere():
    with translation.override("fr"):
        assert (
            date_format(datetime(2026, 12, 1, 3, tzinfo=UTC), "HOUR_POINT_FORMAT")
            == "1 déc. à 03:00"
        )


def test_the_table_has_the_same_figures(party, organizer, as_user):
    answer = as_user(organizer).get(reverse("admin:events_event_figures_csv", args=[party.pk]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["From", "Guests", "Selfies", "Photos", "Matches", "Downloaded photos"]
    assert rows[1] == ["2026-06-20 23:00", "2", "0", "2", "0", "0"]
    assert len(rows) == 4


class TestEventStats:
    def run(self, *arguments):
        out = io.StringIO()
        call_command("event_stats", *arguments, stdout=out)
        return out.getvalue()

    def test_it_prints_what_there_is(self, party):
        assert self.run(party.slug) == (
            f"{party.slug}: 3 photos, 2 guests, 0 selfies, 0 faces, 0 matches, "
            "0 looked at, 0 failed\n"
        )

    def test_json_is_one_object_a_line(self, party):
        row = json.loads(self.run("--json"))
        assert row["photos"] == Photo.objects.count()

    def test_an_unknown_event_fails(self, party):
        with pytest.raises(CommandError, match="nowhere") as refused:
            self.run("nowhere")
        assert refused.value.returncode == 1
