"""What must hold of sessions, members and events."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from events.account_models import SignInQuerySet
from events.desk import retention
from events.models import Event, Exclusion, Membership, SignIn
from findme import jobs
from findme.diagnosis import Broken, Rule, broken, register_rules
from findme.health import queue_rests

# Removing a large event takes minutes, in jobs that come after each other.
DELETION_TAKES = timedelta(hours=6)
# Sessions without a row that are read, the newest first: what is in one is known by reading it.
SESSIONS_READ = 1_000
# The bin is emptied each minute.
BIN_LATE = timedelta(days=1)


def _unproven() -> SignInQuerySet:
    """A session without proof is nobody's once its address is proven, and ends with that."""
    return SignIn.objects.unproven().filter(user__address_proven_at__isnull=False)


def _of_children() -> SignInQuerySet:
    return SignIn.objects.filter(user__guardian__isnull=False)


def _unlisted() -> list[str]:
    """Keys of sessions of somebody who does not see them under My privacy."""
    listed = SignIn.objects.filter(session=OuterRef("pk"))
    rows = Session.objects.filter(~Exists(listed), expire_date__gt=timezone.now())
    newest = rows.order_by("-expire_date")[:SESSIONS_READ]
    return [row.pk for row in newest if SESSION_KEY in row.get_decoded()]


def _look_at_unlisted() -> Broken:
    return Broken(len(_unlisted()))


def _end_unlisted() -> int:
    ended: int = Session.objects.filter(pk__in=_unlisted()).delete()[1].get("sessions.Session", 0)
    return ended


def _excluded() -> QuerySet[Membership]:
    excluded = Exclusion.objects.filter(event=OuterRef("event"), user=OuterRef("user"))
    return Membership.objects.filter(Exists(excluded))


def _without_organizer() -> QuerySet[Event]:
    organizers = Membership.objects.organizers().filter(event=OuterRef("pk"))
    return Event.objects.kept().filter(~Exists(organizers))


def _deletions_stuck() -> QuerySet[Event]:
    """Behind other jobs they wait for long, and that is no fault."""
    if not queue_rests():
        return Event.objects.none()
    since = timezone.now() - DELETION_TAKES
    return Event.objects.being_deleted().filter(deletion_started_at__lt=since)


def _go_on_deleting() -> int:
    ids = list(_deletions_stuck().order_by("pk").values_list("pk", flat=True))
    jobs.enqueue_many("remove_event", ids)
    return len(ids)


def _bin_overdue() -> QuerySet[Event]:
    since = timezone.now() - timedelta(days=settings.BIN_DAYS) - BIN_LATE
    return Event.objects.binned().filter(binned_at__lt=since)


register_rules(
    Rule(
        "session_unproven",
        "sessions without proof, of addresses that were proven since",
        "They show nothing and are nobody's. --repair ends them.",
        lambda: broken(_unproven()),
        lambda: _unproven().end(),
        "sessions ended",
    ),
    Rule(
        "session_of_child",
        "sessions of children, whom nobody signs in as",
        "--repair ends them; their guardians' sessions stay.",
        lambda: broken(_of_children()),
        lambda: _of_children().end(),
        "sessions ended",
    ),
    Rule(
        "session_unlisted",
        "sessions of somebody that no row lists",
        "Their owners do not see them under My privacy, and a proof would not end them. --repair"
        " ends them: whoever uses one signs in once more.",
        _look_at_unlisted,
        _end_unlisted,
        "sessions ended",
    ),
    Rule(
        "member_excluded",
        "members of an event that they were removed from",
        "Whether they may come back is the organizer's to say: remove them on the page Guests, or"
        " let them back in there.",
        lambda: broken(_excluded()),
    ),
    Rule(
        "event_without_organizer",
        "events that nobody organizes",
        "Nobody is warned before they are deleted. A superuser can invite somebody.",
        lambda: broken(_without_organizer()),
        is_warning=True,
    ),
    Rule(
        "event_deletion_stuck",
        "events whose deletion began six hours ago and has not ended",
        "Look for remove_event among the jobs that failed. --repair has it gone on with.",
        lambda: broken(_deletions_stuck()),
        _go_on_deleting,
        "deletions enqueued",
    ),
    Rule(
        "event_bin_overdue",
        "events that are in the bin for longer than its days",
        "Is a worker running? --repair has them deleted.",
        lambda: broken(_bin_overdue()),
        lambda: retention.empty_bin(timezone.now()),
        "deletions started",
    ),
)
