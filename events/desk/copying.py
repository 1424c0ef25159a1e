"""A new event with the settings of an old one: no people, no photos, no dates of its own."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta

from auditlog.models import LogEntry
from django.db import transaction
from django.utils import timezone

from events import audit
from events.desk import organizing, registry
from events.desk.retention import GRACE_DAYS
from events.models import Event, Membership, User, likely_days

logger = logging.getLogger(__name__)

# What an organizer has set once and wants again.
COPIED = [
    "time_zone",
    "welcome",
    "match_threshold",
    "indexing",
    "downloads",
    "general",
    "publish_first",
    "proof_first",
    "hide_on_request",
    "controller_name",
    "controller_contact",
    "faces_kept_days",
    "slideshow_qr",
    "veiled_cover",
    "guest_uploads",
    "guest_upload_quota",
    "guest_upload_moderation",
]
# What moves along with the days.
MOVED = ["general_from", "delete_on"]


def copy(event: Event, *, name: str, starts_on: date, ends_on: date, organizer: User) -> Event:
    """Make an event like another one, with a link and a code of its own."""
    new = Event(name=name, starts_on=starts_on, ends_on=ends_on)
    for field in COPIED:
        setattr(new, field, getattr(event, field))
    if event.general_from is not None:
        new.general_from = _moved(event, event.general_from, by=starts_on - event.starts_on)
    new.delete_on = _kept_until(event, ends_on)
    with transaction.atomic():
        organizing.save_with_free_slug(new)
        Membership.objects.create(event=new, user=organizer, role=Membership.Role.ORGANIZER)
        registry.event_copied.send(sender=Event, event=new, source=event)
        _note_origin(new, event)
    logger.info("event_copied event=%s like=%s", new.pk, event.pk)
    return new


def _moved(event: Event, moment: datetime, *, by: timedelta) -> datetime:
    """At the same time as many days from the first one, wherever clocks are changed between, but on
    a day that the event's own form takes."""
    local = moment.astimezone(event.zone)
    first, last = likely_days()
    day = min(max(local.date() + by, first), last)
    moved = datetime.combine(day, local.time(), event.zone)
    # There and back: an hour that does not exist on that night becomes the one after it.
    return moved.astimezone(UTC).astimezone(event.zone)


def _kept_until(event: Event, ends_on: date) -> date | None:
    """As long after the last day; where that would be soon, is past or is further away than the
    event's own form takes, as long as any new event."""
    if event.delete_on is None:
        return None
    day = ends_on + (event.delete_on - event.ends_on)
    soonest = timezone.localdate(timezone=event.zone) + timedelta(days=GRACE_DAYS)
    _first, last = likely_days()
    return day if soonest <= day <= last else organizing.kept_until(max(ends_on, soonest))


def _note_origin(new: Event, event: Event) -> None:
    """The log of the new event begins with what it is like, by the old one's id."""
    created = audit.entries(new).filter(action=LogEntry.Action.CREATE)
    created.update(additional_data={"did": "event_copied", "person": None, "like": event.pk})
