"""What organizers do to an event beside filling in its form."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from itertools import chain, count
from typing import Any

from anyascii import anyascii
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from events import audit
from events.audit import Person
from events.codes import new_join_code, new_live_code
from events.models import Event, Membership, User, likely_days
from findme import jobs

logger = logging.getLogger(__name__)

# A year: long enough for every guest to come by, and no faces are kept for ever by oversight.
KEPT_DAYS = 365
SLUG_LENGTH = 60


def set_up(event: Event, *, organizer: User) -> Event:
    """Save a new event of which only name and days are known: the rest is made for it."""
    event.delete_on = event.delete_on or kept_until(event.ends_on)
    with transaction.atomic():
        save_with_free_slug(event)
        Membership.objects.create(event=event, user=organizer, role=Membership.Role.ORGANIZER)
    return event


def kept_until(day: date) -> date:
    """As long after a day as any new event, but never until a day that forms would refuse."""
    _first, last = likely_days()
    return min(day + timedelta(days=KEPT_DAYS), last)


def save_with_free_slug(event: Event) -> None:
    """Save a new event under its address, or else one made of its name.

    The unique column decides what is free, not a look that somebody else may take too.
    """
    base = event.slug or slug_of(event.name)
    for _attempt in range(10):
        event.slug = free_slug(base)
        try:
            with transaction.atomic():
                event.save()
        except IntegrityError:
            if not Event.objects.filter(slug=event.slug).exists():
                raise
        else:
            return
    raise RuntimeError(f"no free address for {base}")


def slug_of(name: str) -> str:
    """An address made of a name, in whatever writing it is."""
    return slugify(anyascii(name))[: SLUG_LENGTH - 5].strip("-") or "event"


def free_slug(base: str) -> str:
    """This address, or else the same with the lowest number that nobody has. One query."""
    base = base[: SLUG_LENGTH - 5].strip("-") if len(base) > SLUG_LENGTH - 5 else base
    taken = set(Event.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in count(2))
    return next(slug for slug in chain([base], numbered) if slug not in taken)


def close(event: Event, *, by: Person) -> None:
    """Nobody joins any more; members keep seeing their photos."""
    if Event.objects.filter(pk=event.pk, closed_at=None).exists():
        _change(event, "event_closed", by, closed_at=timezone.now())


def reopen(event: Event, *, by: Person) -> None:
    if Event.objects.filter(pk=event.pk).exclude(closed_at=None).exists():
        _change(event, "event_reopened", by, closed_at=None)


def rotate_code(event: Event, *, by: Person) -> None:
    """A new join code. The old link and posters stop working; members stay."""
    _change(event, "code_rotated", by, join_code=new_join_code())


def rotate_live_code(event: Event, *, by: Person) -> None:
    """Screens that show the slideshow stop until they are given the new link."""
    _change(event, "live_code_rotated", by, live_code=new_live_code())


def put_in_bin(event: Event, *, by: Person) -> None:
    """Make the event disappear at once, with everything of it still there: its address and join
    code stay taken, so that it comes back as it was."""
    with transaction.atomic():
        if Event.objects.kept().filter(pk=event.pk).update(binned_at=timezone.now()):
            audit.record(event, "event_binned", by=by)
            logger.info("event_binned event=%s", event.pk)


def take_out_of_bin(event: Event, *, by: Person) -> bool:
    """Whether it was in the bin, and nobody had begun to delete it."""
    with transaction.atomic():
        taken = Event.objects.binned().filter(pk=event.pk).update(binned_at=None)
        if taken:
            audit.record(event, "event_restored", by=by)
            logger.info("event_restored event=%s", event.pk)
    return bool(taken)


def start_deletion(event: Event, *, by: Person, binned_only: bool = False) -> bool:
    """Make the event disappear at once, and have everything of it removed by a job. `binned_only`:
    not where somebody has taken it out of the bin meanwhile. Whether it was begun."""
    events = Event.objects.binned() if binned_only else Event.objects.undeleted()
    with transaction.atomic():
        now = timezone.now()
        started = events.filter(pk=event.pk).update(deletion_started_at=now)
        if started:
            audit.record(event, "deletion_started", by=by)
            jobs.enqueue("remove_event", event.pk)
            logger.info("event_deletion_started event=%s", event.pk)
    return bool(started)


def _change(event: Event, did: str, by: Person, **fields: Any) -> None:
    with transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**fields)
        audit.record(event, did, by=by)
    event.refresh_from_db()
    logger.info("%s event=%s", did, event.pk)
