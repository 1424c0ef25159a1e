"""Removing an event with everything, in steps that survive any interruption.

The event itself goes last: as long as its row is there, a sweep finds it and goes on where the last
attempt ended.
"""

from __future__ import annotations

import logging
import time

import pglock
from django.db import transaction

from events.models import Event, SignIn, User
from faces.finding import tidying
from faces.models import Consent
from faces.privacy import withdrawal
from findme import jobs
from photos import removing
from photos.models import Photo

logger = logging.getLogger(__name__)

# Well below the time a job may run; the rest is another job's.
WORKING_SECONDS = 60


def remove(event_id: int) -> None:
    """Remove an event whose deletion has started, or as much of it as a job's time allows.

    Guests' consents are withdrawn first, so that each keeps a receipt of what was removed. Two
    jobs at once do no harm: each batch is taken by one of them.
    """
    event = Event.objects.being_deleted().filter(pk=event_id).first()
    if event is None:
        return
    until = time.monotonic() + WORKING_SECONDS
    event.memberships.all().delete()
    SignIn.objects.filter(event=event).end()  # they have proven nothing, and may use nothing else
    while time.monotonic() < until:
        if not (_withdraw_one(event) or _delete_photos(event)):
            tidying.ask_for(event)
            event.delete()
            logger.info("event_deleted event=%s", event_id)
            return
    jobs.enqueue("remove_event", event_id)


def sweep() -> None:
    """Enqueue deletions that lost their job: all that are not ended, while the queue is empty."""
    started = Event.objects.being_deleted().order_by("pk")
    jobs.enqueue_many("remove_event", started.values_list("pk", flat=True))


def _withdraw_one(event: Event) -> bool:
    consents = Consent.objects.in_event(event).in_force()
    user = User.objects.filter(pk__in=consents.values("user")).order_by("pk").first()
    if user is None:
        return False
    withdrawal.withdraw(user=user, event=event)
    return True


def _delete_photos(event: Event) -> bool:
    with transaction.atomic():
        pglock.advisory(f"findme.remove.{event.pk}", xact=True).acquire()
        rows = Photo.objects.in_event(event).order_by("pk")
        batch = list(rows.values_list("pk", flat=True)[: removing.BATCH])
        removing.remove_batch(batch)
    return bool(batch)
