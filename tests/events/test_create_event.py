"""`manage.py create_event`."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from events.desk import organizing
from events.models import Event, Membership, User

pytestmark = pytest.mark.django_db

ARGUMENTS = ["Summer party", "--from", "2027-06-20", "--organizer", "olga@example.com"]
ARGUMENTS += ["--indexing", "guests_only", "--controller", "Olga", "+33 1 02 03 04 05"]


def run(*more):
    out = io.StringIO()
    call_command("create_event", *ARGUMENTS, *more, stdout=out)
    return out.getvalue()


def test_it_makes_event_and_organizer_and_prints_the_link():
    printed = run("--to", "2027-06-21")
    event = Event.objects.get()
    assert (event.slug, event.ends_on) == ("summer-party", date(2027, 6, 21))
    assert (event.indexing, event.controller.name) == ("guests_only", "Olga")
    assert event.memberships.get().role == Membership.Role.ORGANIZER
    assert User.objects.get().is_staff
    assert event.get_join_url() in printed


def test_with_a_slug_it_can_be_run_again():
    assert "Created" in run("--slug", "party")
    assert "Already there" in run("--slug", "party")
    assert Event.objects.count() == 1


def test_an_event_in_the_bin_is_not_said_to_be_there():
    run("--slug", "party")
    organizing.put_in_bin(Event.objects.get(), by=None)
    with pytest.raises(CommandError, match="in the bin"):
        run("--slug", "party")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--to", "2027-06-19"],
        ["--slug", "no spaces"],
        ["--organizer", "nobody"],
        ["--controller", "", ""],
    ],
)
def test_bad_input_creates_nothing(wrong):
    with pytest.raises(CommandError) as refused:
        run(*wrong)
    assert refused.value.returncode == 1
    assert not Event.objects.exists()
    assert not User.objects.exists()


def test_a_date_that_is_none_is_refused():
    with pytest.raises(CommandError, match="not a date"):
        run("--to", "tomorrow")
