"""The one door by which photos go, whoever wants it.

Organizers and guests go through `remove`, which writes the event's log; the removal of a whole
event goes through `remove_batch`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction

from events import audit
from events.audit import Person
from photos.models import Photo
from photos.signals import photos_removing

logger = logging.getLogger(__name__)

# Photos of one transaction: a deletion reads the rows that go with them.
BATCH = 100


def remove(photo_ids: Sequence[int], *, by: Person, did: str = "photos_deleted") -> int:
    """Delete photos with everything made of them. Returns how many there were.

    `did` is what the log of each event says of it. In batches, each a transaction of its own: a
    deletion that breaks off is taken up by the next.
    """
    removed = 0
    for start in range(0, len(photo_ids), BATCH):
        batch = photo_ids[start : start + BATCH]
        with transaction.atomic():
            audit.record_count(Photo.objects.filter(pk__in=batch), did, by=by)
            removed += remove_batch(batch)
    logger.info("photos_removed count=%s did=%s", removed, did)
    return removed


def remove_batch(photo_ids: Sequence[int]) -> int:
    """Delete at most `BATCH` photos in the caller's transaction. Returns how many there were.

    Nothing is added to the log: an event that goes needs no line for each of its batches.
    """
    photos_removing.send(sender=Photo, photo_ids=list(photo_ids))
    _, by_model = Photo.objects.filter(pk__in=photo_ids).delete()
    return by_model.get(Photo._meta.label, 0)
