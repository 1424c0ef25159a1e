"""What organizers do with photos that are there: hide, show, remove. All of it in bulk."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction

from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.signals import photos_removing

logger = logging.getLogger(__name__)

# Photos of one transaction: a deletion reads the rows that go with them.
BATCH = 100


def set_hidden(photos: PhotoQuerySet, *, hidden: bool) -> list[int]:
    """Hide photos from guests, or show them again. Returns the ids of those that changed.

    Only these are touched when it is undone: what was hidden before stays hidden.
    """
    with transaction.atomic():
        changing = photos.filter(hidden=not hidden).select_for_update(of=("self",))
        ids = list(changing.order_by("pk").values_list("pk", flat=True))
        Photo.objects.filter(pk__in=ids).update(hidden=hidden)
    logger.info("photos_%s count=%s", "hidden" if hidden else "shown", len(ids))
    return ids


def remove(photo_ids: Sequence[int]) -> int:
    """Delete photos with everything made of them. Returns how many there were.

    In batches, each a transaction of its own: a deletion that breaks off is taken up by the next.
    """
    removed = 0
    for start in range(0, len(photo_ids), BATCH):
        batch = photo_ids[start : start + BATCH]
        with transaction.atomic():
            photos_removing.send(sender=Photo, photo_ids=list(batch))
            _, by_model = Photo.objects.filter(pk__in=batch).delete()
        removed += by_model.get(Photo._meta.label, 0)
    logger.info("photos_removed count=%s", removed)
    return removed
