"""What organizers do with photos that are there: hide, show, approve and reject. All in bulk."""

from __future__ import annotations

import logging
from itertools import chain
from typing import Any

from django.db import transaction

from events import audit
from events.audit import Person
from photos.desk import hide_requests
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

# What was changed, the value before, and the ids of the photos that had it.
Change = tuple[str, Any, list[int]]


def set_hidden(photos: PhotoQuerySet, *, hidden: bool, by: Person) -> list[Change]:
    """Hide photos from guests, or show them again. Returns what changed.

    Only that is touched when it is undone: what was hidden before stays hidden. Requests about any
    of the photos are answered by it.
    """
    with transaction.atomic():
        photos = photos.kept()
        meant = list(photos.order_by().values_list("pk", flat=True))
        # Whoever shows a guest's photo approves it.
        before = [] if hidden else moderate(photos, approved=True, by=by)
        changing = Photo.objects.filter(pk__in=meant, hidden=not hidden, binned_at=None)
        locked = changing.select_for_update(of=("self",)).order_by("pk")
        ids = list(locked.values_list("pk", flat=True))
        changed = Photo.objects.filter(pk__in=ids)
        changed.update(hidden=hidden)
        audit.record_count(changed, "photos_hidden" if hidden else "photos_shown", by=by)
        hide_requests.settle(meant, hidden=hidden, by=by)
    logger.info("photos_%s count=%s", "hidden" if hidden else "shown", len(ids))
    return [*([("hidden", not hidden, ids)] if ids else []), *before]


def moderate(photos: PhotoQuerySet, *, approved: bool, by: Person) -> list[Change]:
    """Decide on guests' photos that wait or were rejected. Returns what changed.

    Rejected ones are seen by the guests who added them, and by nobody else.
    """
    moderation = Photo.Moderation.NONE if approved else Photo.Moderation.REJECTED
    with transaction.atomic():
        undecided = photos.kept().exclude(moderation__in={Photo.Moderation.NONE, moderation})
        locked = undecided.select_for_update(of=("self",)).order_by("pk")
        before: dict[str, list[int]] = {}
        for pk, was in locked.values_list("pk", "moderation"):
            before.setdefault(was, []).append(pk)
        ids = list(chain(*before.values()))
        decided = Photo.objects.filter(pk__in=ids)
        decided.update(moderation=moderation, hidden=not approved)
        did = "guest_photos_approved" if approved else "guest_photos_rejected"
        audit.record_count(decided, did, by=by)
    logger.info("guest_photos_%s count=%s", "approved" if approved else "rejected", len(ids))
    return [("moderation", was, group) for was, group in before.items()]


def put_back(photos: PhotoQuerySet, moderation: str, *, by: Person) -> list[int]:
    """Take a decision on guests' photos back: they are hidden, and wait or are rejected again.
    Returns their ids."""
    with transaction.atomic():
        locked = photos.kept().select_for_update(of=("self",)).order_by("pk")
        ids = list(locked.values_list("pk", flat=True))
        again = Photo.objects.filter(pk__in=ids)
        again.update(moderation=moderation, hidden=True)
        is_rejected = moderation == Photo.Moderation.REJECTED
        did = "guest_photos_rejected" if is_rejected else "guest_photos_put_back"
        audit.record_count(again, did, by=by)
    return ids
