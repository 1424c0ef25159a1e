"""What two organizers change at once."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from events.desk import merging

SHOWN = {"name": "Gala", "welcome": "", "match_threshold": 85.0, "join_until": None}
MOMENT = datetime(2026, 6, 20, 20, 15, tzinfo=UTC)


def merged(*, typed, now):
    return merging.merged(merging.seen(SHOWN), SHOWN | typed, SHOWN | now)


def test_what_only_others_changed_stays_theirs():
    found = merged(typed={"name": "Ball"}, now={"welcome": "Hello"})
    assert (found.theirs, found.both) == ({"welcome": "Hello"}, {})


def test_what_both_changed_is_nobodys():
    found = merged(typed={"welcome": "His"}, now={"welcome": "Hers"})
    assert (found.theirs, found.both) == ({}, {"welcome": "Hers"})


def test_who_types_the_same_changes_nothing():
    found = merged(typed={"welcome": "Hello"}, now={"welcome": "Hello"})
    assert found.both == {}


def test_a_moment_is_the_same_in_any_zone_and_a_number_in_any_form():
    typed = {"join_until": MOMENT.astimezone(ZoneInfo("Europe/Paris")), "match_threshold": 85}
    found = merged(typed=typed, now={"join_until": MOMENT.replace(microsecond=5)})
    assert found.both == {}
    assert merged(typed=typed, now={"match_threshold": 80.0}).theirs == {"match_threshold": 80.0}


def test_what_is_typed_and_no_value_is_kept_as_typed_too():
    """Fields with errors have no cleaned value; the form says both what is wrong and what it is."""
    typed = {name: value for name, value in SHOWN.items() if name != "match_threshold"}
    now = SHOWN | {"match_threshold": 90.0}
    found = merging.merged(merging.seen(SHOWN), typed, now, refused={"match_threshold"})
    assert (found.theirs, found.both) == ({}, {"match_threshold": 90.0})


def test_what_no_form_of_ours_says_it_has_shown_is_as_if_it_said_nothing():
    for sent in ("[" * 200_000, "{", "[]", "1", ""):
        assert merging.merged(sent, SHOWN, SHOWN | {"name": "Ball"}).both == {}
