"""What `doctor` looks at in the rows of people and events: broken by hand, it is said."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django_q.models import OrmQ

from events.models import Event, Exclusion, Membership, SignIn
from tests import builders, health
from tests.health import execute, found

pytestmark = pytest.mark.django_db

MENDED = {
    "session_unproven": "UPDATE events_user SET address_proven_at = now()",
    "session_of_child": "UPDATE events_user SET guardian_id = {guest}, is_active = false, email ="
    " id || '@child.invalid' WHERE name = 'Nina'",
    "session_unlisted": "DELETE FROM events_signin",
}


@pytest.fixture
def world(event, guest):
    """Somebody has joined, and proven nothing."""
    world = health.healthy(event, guest)
    builders.join_unproven(event)
    return world


def test_people_who_are_signed_in_break_no_rule(world, as_user, guest):
    as_user(guest)
    assert found(repair=True) == {}
    assert SignIn.objects.count() == Session.objects.count() == 2


@pytest.mark.parametrize("code", MENDED)
def test_a_session_that_should_not_be_is_said_and_ended(world, guest, code):
    execute(MENDED[code].format(guest=guest.pk))
    assert found(repair=True) == {code: "mended"}
    assert found(repair=True) == {}
    assert Session.objects.count() == 0


def test_who_was_removed_and_is_a_member_is_for_the_organizer_to_decide(world, event, guest):
    Exclusion.objects.create(event=event, user=guest, address_key="0")
    assert found(repair=True) == {"member_excluded": "wrong"}


def test_an_event_that_nobody_organizes_is_noted(world):
    Membership.objects.filter(role="organizer").delete()
    assert found(repair=True) == {"event_without_organizer": "warning"}


def test_a_deletion_that_stands_still_is_gone_on_with(world, event):
    Event.objects.filter(pk=event.pk).update(deletion_started_at=builders.NOON)
    assert found(repair=True) == {"event_deletion_stuck": "mended"}
    assert found(repair=True) == {}
    assert OrmQ.objects.count() == 1


def test_an_event_that_lies_in_the_bin_for_too_long_is_deleted(world, event):
    Event.objects.filter(pk=event.pk).update(binned_at=builders.NOON)
    assert found(repair=True) == {"event_bin_overdue": "mended"}
    assert Event.objects.being_deleted().get() == event
