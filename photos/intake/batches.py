"""What browsers began to send: remembered, so that nobody takes half of it for all.

A batch knows which of its files are missing, by a number that name and size give. It ends when
none is, whoever sent them and from whatever folder: pages tell of each file that is there, or
refused for good, a sweep looks at the photos that came by other ways, and `ingest` tells of files
that leave no photo of their name.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from events import audit
from events.access import is_organizer
from events.models import Event, User
from photos.models import Photo, UploadBatch

logger = logging.getLogger(__name__)

# The page gives a sign of life every half minute, and browsers let pages in the back sleep for one.
SILENT_FOR = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)
# Of an event's; whoever left so many behind is told of the newest.
SHOWN = 5
# What `fingerprint` is always below.
FINGERPRINTS = 2**53


@dataclass(frozen=True)
class Unfinished:
    """A batch of which files are missing; `is_under_way` while its page is heard of."""

    pk: int
    user_id: int
    who: str
    missing: int
    files: int
    is_under_way: bool


def fingerprint(name: str, byte_size: int) -> int:
    """Of a file by its name as `ingest.clean_name` has it, as photos have: what `fingerprintOf` of
    the page makes of it (static/photos/intake/upload/batches.js). JSON carries whole numbers of 53
    bits."""
    return byte_size % 2**21 * 2**32 + zlib.crc32(name.encode())


def begin(
    *, event: Event, user: User, files: int, missing: Collection[int], settled: Collection[int]
) -> UploadBatch | None:
    """Remember what a page begins to send; nothing where the event has it all.

    An older batch goes where this one has all that it misses: the same folder was dropped again, or
    one around it, be it by a colleague.
    """
    there = _fingerprints(event) | set(settled)
    still_missing = [each for each in missing if each not in there]
    covered = there.union(missing)
    with transaction.atomic():
        for older in _locked(UploadBatch.objects.filter(event=event)):
            if covered.issuperset(older.missing):
                older.delete()
        if not still_missing:
            return None
        return UploadBatch.objects.create(
            event=event, user=user, files=files, missing=still_missing
        )


def settle(*, event: Event, files: Collection[int]) -> None:
    """These are there, or refused for good: no batch of the event misses them any more."""
    with transaction.atomic():
        for batch in _locked(UploadBatch.objects.filter(event=event, missing__overlap=list(files))):
            _take_out(batch, set(files))


def hear(*, event: Event, user: User, batch_id: int) -> None:
    """The page of a batch is still open."""
    UploadBatch.objects.filter(pk=batch_id, event=event, user=user).update(heard_at=Now())


def unfinished(event: Event) -> list[Unfinished]:
    """The newest first. One query."""
    heard_since = timezone.now() - SILENT_FOR
    rows = UploadBatch.objects.filter(event=event, begun_at__gt=_oldest()).defer("missing")
    counted = rows.annotate(missing_count=F("missing__len")).select_related("user")
    return [
        Unfinished(
            pk=row.pk,
            user_id=row.user_id,
            who=str(row.user),
            missing=row.missing_count,
            files=row.files,
            is_under_way=row.heard_at > heard_since,
        )
        for row in counted[:SHOWN]
    ]


def may_forget(
    user: AbstractBaseUser | AnonymousUser, event: Event, batch: Unfinished | UploadBatch
) -> bool:
    return batch.user_id == user.pk or is_organizer(user, event)


def forget(batch: UploadBatch, *, by: User) -> None:
    """Nobody will send the rest. What has come stays."""
    with transaction.atomic():
        forgotten, _ = UploadBatch.objects.filter(pk=batch.pk).delete()
        if not forgotten:  # another tab, or the last of its files, was first
            return
        count = len(batch.missing)
        audit.record(batch.event, "upload_forgotten", by=by, person=batch.user, count=count)
    logger.info("upload_forgotten event=%s", batch.event_id)


def sweep() -> None:
    """End what is too old, and take out of batches whose page is closed what has come by other
    ways, such as a watched folder."""
    UploadBatch.objects.filter(begun_at__lte=_oldest()).delete()
    silent = UploadBatch.objects.filter(heard_at__lte=timezone.now() - SILENT_FOR)
    for event in Event.objects.filter(pk__in=silent.values("event")):
        there = _fingerprints(event)
        with transaction.atomic():
            for batch in _locked(silent.filter(event=event)):
                _take_out(batch, there)


def _fingerprints(event: Event) -> set[int]:
    """Of the photos an event has. Those in the bin have come too."""
    names = Photo.objects.in_event(event).values_list("name", "byte_size")
    return {fingerprint(name, byte_size) for name, byte_size in names}


def _locked(batches: QuerySet[UploadBatch]) -> QuerySet[UploadBatch]:
    """In one order, so that two pages never wait for each other."""
    return batches.select_for_update().order_by("pk")


def _take_out(batch: UploadBatch, there: Set[int]) -> None:
    missing = [each for each in batch.missing if each not in there]
    if not missing:
        batch.delete()
    elif len(missing) < len(batch.missing):
        batch.missing = missing
        batch.save(update_fields=["missing"])


def _oldest() -> datetime:
    return timezone.now() - KEPT_FOR
