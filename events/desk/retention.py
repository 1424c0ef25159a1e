"""Events end: organizers are warned a month before the day they chose, then it is done. What is
deleted before lies in the bin for some days."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from events import audit, letters
from events.desk import organizing
from events.models import Event, User

logger = logging.getLogger(__name__)

WARNING_DAYS = 30
# However near the chosen day was when it was chosen: nothing is deleted sooner after the warning.
GRACE_DAYS = 7


def deletion_day(event: Event) -> date | None:
    """When the event will really be deleted: never sooner than a week after the warning."""
    if event.delete_on is None or event.deletion_warned_at is None:
        return event.delete_on
    earliest = event.deletion_warned_at.astimezone(event.zone).date() + timedelta(days=GRACE_DAYS)
    return max(event.delete_on, earliest)


def leaves_bin_on(event: Event) -> date:
    """When an event in the bin is deleted for good: after its days there, and never later than on
    the day that guests were promised. Of one that is not in it: if it were put there now."""
    since = event.binned_at or timezone.now()
    over = since + timedelta(days=settings.BIN_DAYS)
    chosen = deletion_day(event)
    last = over.astimezone(event.zone).date()
    return last if chosen is None else min(last, chosen)


def days_in_bin(event: Event) -> int:
    """Whole days until then, in the event's zone; 0 where there is no bin, or its day has come."""
    today = timezone.localdate(timezone=event.zone)
    return max(0, (leaves_bin_on(event) - today).days)


def empty_bin(now: datetime) -> int:
    """Start the deletion of what has been in the bin for its days. Returns how many events."""
    due = [event for event in Event.objects.binned().order_by("pk") if _is_over(event, now)]
    for event in due:
        organizing.start_deletion(event, by=None, binned_only=True)
    return len(due)


def _is_over(event: Event, now: datetime) -> bool:
    chosen = deletion_day(event)
    if chosen is not None and chosen <= now.astimezone(event.zone).date():
        return True
    since = now - timedelta(days=settings.BIN_DAYS)
    return event.binned_at is not None and event.binned_at <= since


def sweep(now: datetime | None = None) -> None:
    """Warn of deletions that come near, and start those whose day has come. Safe to repeat."""
    now = now or timezone.now()
    # A day more, and then exactly: "today" is the event's, which may be ahead of ours.
    near = Event.objects.kept().filter(delete_on__lte=now.date() + timedelta(WARNING_DAYS + 1))
    for event in near.order_by("pk"):
        today = now.astimezone(event.zone).date()
        if event.deletion_warned_at is None:
            if event.delete_on and event.delete_on <= today + timedelta(WARNING_DAYS):
                _try_to_warn(event, now)
        elif (day := deletion_day(event)) and day <= today:
            organizing.start_deletion(event, by=None)
    empty_bin(now)


def _try_to_warn(event: Event, now: datetime) -> None:
    """A mail server that is away must not keep the other events waiting."""
    try:
        _warn(event, now)
    except letters.NotSent:
        logger.exception("event_warning_failed event=%s", event.pk)


def _warn(event: Event, now: datetime) -> None:
    """Once, whoever else sweeps. A warning that could be sent to nobody counts as not given; where
    one organizer's mail fails, the others do not get it again."""
    with transaction.atomic():
        unwarned = Event.objects.kept().filter(pk=event.pk, deletion_warned_at=None)
        if not unwarned.update(deletion_warned_at=now):
            return
        event.deletion_warned_at = now
        organizers = User.objects.filter(memberships__in=event.memberships.organizers())
        failures = [error for user in organizers if (error := _failure(user, event))]
        if failures and len(failures) == len(organizers):
            raise failures[0]
        audit.record(event, "deletion_warned", by=None)
    logger.info("event_deletion_warned event=%s", event.pk)


def _failure(user: User, event: Event) -> letters.NotSent | None:
    """What kept a warning from leaving. One whose answer was lost counts as given: else each sweep
    would give it again."""
    try:
        _write_to(user, event)
    except letters.Unanswered:
        logger.warning("event_warning_unanswered event=%s user=%s", event.pk, user.pk)
    except letters.NotSent as error:
        logger.warning("event_warning_not_sent event=%s user=%s", event.pk, user.pk)
        return error
    return None


def _write_to(user: User, event: Event) -> None:
    address = reverse("admin:events_event_change", args=[event.pk])
    export = reverse("admin:events_event_export", args=[event.pk])
    letters.send(
        "deletion_warning",
        address=user.email,
        language=user.language,
        context={
            "event": event,
            "day": deletion_day(event),
            "link": f"{settings.SITE_URL}{address}",
            "export_link": f"{settings.SITE_URL}{export}",
        },
    )
