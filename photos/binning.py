"""The bin: photos that an organizer deleted lie in it for some days, and may be taken out again.

In it a photo is hidden (a constraint), so that whatever guests are shown leaves it out; the desk
asks for `kept()`. Its scans go on, and it comes back as it was. What guests themselves erase does
not pass here: it goes at once, out of the bin too.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from events.audit import Person
from events.desk import retention
from events.models import Event
from photos import removing
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.signals import photos_restored

logger = logging.getLogger(__name__)


def is_used() -> bool:
    """Whether what organizers delete goes to the bin, and not at once."""
    return bool(settings.BIN_DAYS > 0)


def count(event: Event) -> int:
    return Photo.objects.in_event(event).binned().count()


def put_in(photos: PhotoQuerySet, *, by: Person) -> list[int]:
    """Put photos in the bin. Returns the ids of those that were not in it."""
    with transaction.atomic():
        rows = photos.kept().select_for_update(of=("self",), no_key=True).order_by("pk")
        ids = list(rows.values_list("pk", flat=True))
        put = Photo.objects.filter(pk__in=ids)
        put.update(binned_hidden=F("hidden"), hidden=True, binned_at=timezone.now())
        removing.note(put, "photos_binned", by=by)
    logger.info("photos_binned count=%s", len(ids))
    return ids


def restore(photos: PhotoQuerySet, *, by: Person) -> list[int]:
    """Take photos out of the bin, hidden or not as they were. Returns the ids of those that were in
    it."""
    with transaction.atomic():
        rows = photos.binned().select_for_update(of=("self",), no_key=True).order_by("pk")
        ids = list(rows.values_list("pk", flat=True))
        taken = Photo.objects.filter(pk__in=ids)
        taken.update(hidden=F("binned_hidden"), binned_hidden=False, binned_at=None)
        removing.note(taken, "photos_restored", by=by)
        photos_restored.send(sender=Photo, photo_ids=ids)
    logger.info("photos_restored count=%s", len(ids))
    return ids


def empty(photos: PhotoQuerySet, *, by: Person) -> int:
    """Delete for good those of the photos that are in the bin. Returns how many there were."""
    ids = list(photos.binned().order_by("pk").values_list("pk", flat=True))
    return removing.remove(ids, by=by, binned_only=True)


def sweep(now: datetime | None = None) -> int:
    """Delete what has been in the bin for its days: one batch, as many as a minute allows."""
    due = overdue(now or timezone.now()).order_by("binned_at", "pk")
    ids = list(due.values_list("pk", flat=True)[: removing.BATCH])
    return removing.remove(ids, by=None, did="photos_expired", binned_only=True) if ids else 0


def overdue(now: datetime) -> PhotoQuerySet:
    return Photo.objects.binned().filter(binned_at__lte=now - timedelta(days=settings.BIN_DAYS))


def days_left(photo: Photo) -> int:
    """Until a photo that is in the bin is deleted, by the sweep or with its event, rounded up. Of
    one that is not in it: if it were put there now."""
    since = photo.binned_at or timezone.now()
    left = since + timedelta(days=settings.BIN_DAYS) - timezone.now()
    days = ceil(left / timedelta(days=1))
    if ends := retention.deletion_day(photo.event):
        days = min(days, (ends - timezone.localdate(timezone=photo.event.zone)).days)
    return max(0, days)
