"""Commands find events by address one way, and say the same where there is none."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.commands import event_named, events_named
from events.models import Event
from tests.builders import make_event

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent


def test_events_come_in_the_order_they_were_made():
    first, second = make_event(slug="b"), make_event(slug="a")
    assert event_named("a") == second
    assert events_named(["a", "b", "a"]) == [first, second]
    assert events_named([]) == []


def test_if_one_is_missing_all_missing_ones_are_named():
    make_event(slug="here")
    with pytest.raises(CommandError) as refused:
        events_named(["nowhere", "here", "gone"])
    assert str(refused.value) == "There is no event with the address “gone”, “nowhere”."
    assert refused.value.returncode == 1


def test_an_event_that_is_being_deleted_is_none():
    make_event(slug="gone")
    Event.objects.update(deletion_started_at=timezone.now())
    with pytest.raises(CommandError, match="“gone”"):
        event_named("gone")


@pytest.mark.parametrize(
    "command",
    [
        ["import_photos", "nowhere", "photo.jpg"],
        ["move_media", "--to", "s3", "--event", "nowhere"],
        ["verify_media", "--event", "nowhere"],
        ["retry_failed", "nowhere"],
        ["rematch_event", "nowhere"],
        ["reindex_event", "nowhere"],
        ["event_stats", "nowhere"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_says_the_same(command):
    with pytest.raises(CommandError, match="There is no event with the address “nowhere”"):
        call_command(*command)


def test_no_command_looks_for_itself():
    rooms = [ROOT / room for room in ("findme", "events", "photos", "faces")]
    commands = [path for room in rooms for path in room.rglob("management/commands/*.py")]
    assert len(commands) > 10
    assert [path.name for path in commands if "There is no event" in path.read_text()] == []
