"""Another face index for an event: built beside the one in use, which serves until it is whole.

Every photo gets a second scan and every selfie a second enrollment, under the new index's name;
matches are left alone meanwhile. Then, in one transaction, the new index takes the old one's
place and matches are made anew. What guests said of photos stays. All state is in rows, so it
does not matter who stops in between: whoever comes next goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from events.models import Event
from faces.finding import enrolling, matching, renewing, searching, verdicts
from faces.index.contract import FaceIndex
from faces.index.indexes import has_templates, index_of, load, new_index
from faces.index.models import EventIndex
from faces.models import FaceMatch, GuestModel, PhotoScan, Selfie
from faces.querysets import IS_UNFINISHED
from findme import jobs
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What is left until the new index can take over."""

    photos: int
    photos_left: int
    selfies_left: int
    searches_left: int

    @property
    def done(self) -> bool:
        return not (self.photos_left or self.selfies_left or self.searches_left)


def reason_to(event: Event, kind: str) -> str | None:
    """Why the event's index should be built anew, in a word for the log; None: it need not."""
    active = _active(event)
    if active.kind != kind:
        return "kind"
    return "model" if load(active).is_outdated() else None


def is_under_way(event: Event) -> bool:
    return EventIndex.objects.in_event(event).building().exists()


def start(event: Event, kind: str, *, anew: bool = False) -> EventIndex:
    """Begin, or go on with what was begun, unless it is to begin `anew`.

    The rest is done by workers, or by the command.
    """
    with transaction.atomic():
        _active(event)
        Event.objects.select_for_update().get(pk=event.pk)
        row = EventIndex.objects.in_event(event).building().first()
        if row is None or row.kind != kind or anew:
            EventIndex.objects.in_event(event).building().update(state=EventIndex.State.RETIRED)
            row = new_index(kind, event, EventIndex.State.BUILDING)
            logger.info("reindex_started event=%s index=%s", event.pk, row.name)
        queue_missing_scans(event, row.name)
        jobs.enqueue("enroll", event.pk)
    return row


def queue_missing_scans(event: Event, index_name: str) -> int:
    """Give each photo without a scan in an index one, but those in the bin. Returns how many."""
    with transaction.atomic():
        Event.objects.select_for_update().get(pk=event.pk)  # not two at once
        scans = PhotoScan.objects.bulk_create(
            (
                PhotoScan(photo_id=photo_id, event=event, index_name=index_name)
                for photo_id in _unscanned(event, index_name).values_list("pk", flat=True)
            ),
            batch_size=1000,
        )
        jobs.enqueue_many("scan", (scan.pk for scan in scans))
    return len(scans)


def queue_scans_of_restored(event: Event, photo_ids: Sequence[int]) -> None:
    """Photos come back out of the bin: each index of the event has to have looked at them."""
    for row in EventIndex.objects.in_event(event).in_use():
        if _unscanned(event, row.name).filter(pk__in=photo_ids).exists():
            queue_missing_scans(event, row.name)


def work_left(row: EventIndex) -> Work:
    event = row.event
    if event is None:
        return Work(0, 0, 0, 0)
    counts = PhotoScan.objects.in_event(event, row.name).aggregate(
        all=Count("pk"), left=Count("pk", filter=IS_UNFINISHED)
    )
    return Work(
        photos=counts["all"],
        photos_left=counts["left"] + _unscanned(event, row.name).count(),
        selfies_left=Selfie.objects.to_enroll(event, row.name, row.kind).count(),
        searches_left=_searches_left(load(row), event),
    )


def _searches_left(index: FaceIndex, event: Event) -> int:
    models = renewing.stale_count(index, event) if has_templates(index) else 0
    return models + searching.behind_count(index, event)


def advance(event: Event) -> bool:
    """Let the new index take over if it is whole. Whether it did."""
    row = EventIndex.objects.in_event(event).building().first()
    if row is None or not work_left(row).done:
        return False
    return _take_over(event, row)


def sweep() -> None:
    building = EventIndex.objects.building().exclude(event=None)
    jobs.enqueue_many("reindex", building.values_list("event", flat=True))


def go_on(event: Event) -> bool:
    """What is left to do for an index being built, but the scans, for as long as a job may take; of
    the models another job makes the rest. Whether it took over."""
    row = EventIndex.objects.in_event(event).building().first()
    if row is None:
        return False
    queue_missing_scans(event, row.name)
    enrolling.enroll_event(event.pk)
    searching.settle(event)
    renewed = renewing.renew(event, renewing.SLICE_SECONDS)
    index = load(row)
    if has_templates(index) and renewing.stale_count(index, event):
        # Where this job got no further another at once would not either: that is the sweep's.
        if renewed and not index.is_outdated():
            jobs.enqueue("reindex", event.pk)
        return False
    return advance(event)


def _take_over(event: Event, row: EventIndex) -> bool:
    with matching.matching(event.pk, with_others=False):
        # This is asked again, now alone: a photo or a selfie may have come since.
        if not work_left(row).done:
            return False
        old = _active(event)
        EventIndex.objects.filter(pk=old.pk).update(state=EventIndex.State.RETIRED)
        EventIndex.objects.filter(pk=row.pk).update(state=EventIndex.State.ACTIVE)
        _carry_verdicts(event)
        matching.publish_all(event)
        jobs.enqueue("tidy", old.pk)
        jobs.enqueue("renew", event.pk)
    logger.info("reindex_finished event=%s index=%s", event.pk, row.name)
    return True


def _carry_verdicts(event: Event) -> None:
    """What guests said of a face is said of the new index's face at its place."""
    said = FaceMatch.objects.in_event(event).said()
    for photo in Photo.objects.in_event(event).filter(pk__in=said.values("photo")):
        verdicts.restore(photo, verdicts.given_for(photo))
    GuestModel.objects.filter(event=event, user__in=said.values("user")).mark_stale()


def _active(event: Event) -> EventIndex:
    index_of(event)  # an event that was never used gets its first index here
    return EventIndex.objects.in_event(event).active().get()


def _unscanned(event: Event, index_name: str) -> PhotoQuerySet:
    scanned = PhotoScan.objects.in_event(event, index_name).values("photo")
    return Photo.objects.in_event(event).kept().not_failed().exclude(pk__in=scanned)
