"""What organizers do with photos that are there: hide, show, remove. All of it in bulk."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count

from events import audit
from events.models import Event
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.signals import photos_removing

logger = logging.getLogger(__name__)

Person = AbstractBaseUser | AnonymousUser

# Photos of one transaction: a deletion reads the rows that go with them.
BATCH = 100


def set_hidden(photos: PhotoQuerySet, *, hidden: bool, by: Person | None) -> list[int]:
    """Hide photos from guests, or show them again. Returns the ids of those that changed.

    Only these are touched when it is undone: what was hidden before stays hidden.
    """
    with transaction.atomic():
        changing = photos.filter(hidden=not hidden).select_for_update(of=("self",))
        ids = list(changing.order_by("pk").values_list("pk", flat=True))
        changed = Photo.objects.filter(pk__in=ids)
        if hidden:
            changed.update(hidden=True)
        else:  # whoever shows a guest's photo approves it
            changed.update(hidden=False, moderation=Photo.Moderation.NONE)
        record(ids, "photos_hidden" if hidden else "photos_shown", by)
    logger.info("photos_%s count=%s", "hidden" if hidden else "shown", len(ids))
    return ids


def moderate(photos: PhotoQuerySet, *, approved: bool, by: Person | None) -> int:
    """Decide on guests' photos that wait or were rejected. Returns how many there were.

    Rejected ones are seen by the guests who added them, and by nobody else.
    """
    moderation = Photo.Moderation.NONE if approved else Photo.Moderation.REJECTED
    with transaction.atomic():
        undecided = photos.exclude(moderation__in={Photo.Moderation.NONE, moderation})
        locked = undecided.select_for_update(of=("self",)).order_by("pk")
        ids = list(locked.values_list("pk", flat=True))
        Photo.objects.filter(pk__in=ids).update(moderation=moderation, hidden=not approved)
        record(ids, "guest_photos_approved" if approved else "guest_photos_rejected", by)
    logger.info("guest_photos_%s count=%s", "approved" if approved else "rejected", len(ids))
    return len(ids)


def remove(photo_ids: Sequence[int], *, by: Person | None) -> int:
    """Delete photos with everything made of them. Returns how many there were.

    In batches, each a transaction of its own: a deletion that breaks off is taken up by the next.
    """
    removed = 0
    for start in range(0, len(photo_ids), BATCH):
        batch = photo_ids[start : start + BATCH]
        with transaction.atomic():
            record(batch, "photos_deleted", by)
            photos_removing.send(sender=Photo, photo_ids=list(batch))
            _, by_model = Photo.objects.filter(pk__in=batch).delete()
        removed += by_model.get(Photo._meta.label, 0)
    logger.info("photos_removed count=%s", removed)
    return removed


def record(photo_ids: Collection[int], did: str, by: Person | None) -> None:
    """A line in the log of each event that has some of the photos."""
    photos = Photo.objects.filter(pk__in=photo_ids)
    counts = dict(photos.order_by().values_list("event").annotate(count=Count("pk")))
    for event in Event.objects.filter(pk__in=counts):
        audit.record(event, did, by=by, count=counts[event.pk])
