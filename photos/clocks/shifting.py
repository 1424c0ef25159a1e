"""Clocks of cameras that were wrong: whose photos there are, and shifting when they were taken.

Photos in the bin are shifted too, so that they are right when they come back. Those whose files say
no time have no clock that could be wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from events import audit
from events.audit import Person
from events.models import Event, User
from findme.refusals import Refusal
from photos.imaging.capture_time import EARLIEST
from photos.models import Camera, ClockShift, Photo
from photos.querysets import PhotoQuerySet
from photos.signals import times_changing

logger = logging.getLogger(__name__)

# A camera that forgot its date begins in 1980 or in 2000.
MOST = timedelta(days=50 * 365)
LATEST = datetime(2101, 1, 1, tzinfo=UTC)
# Guests' phones are cameras too: of an event with more, those with the most photos are listed.
SHOWN = 40
SAMPLE = 6
SHIFTS_REMEMBERED = 20
# A shift put a camera right where it moved all photos that the camera had by then; several add up.
LATE = """
WITH shift AS (SELECT id, seconds, shifted_at, photo_ids FROM photos_clockshift
                WHERE event_id = %(event)s AND undone_at IS NULL
                ORDER BY id DESC LIMIT %(shifts)s),
     photo AS (SELECT id, camera_id, uploaded_at FROM photos_photo
                WHERE event_id = %(event)s AND camera_id IS NOT NULL AND has_capture_time),
     moved AS (SELECT shift.id AS shift_id, photo.id, photo.camera_id
                 FROM shift, unnest(shift.photo_ids) AS one JOIN photo ON photo.id = one),
     pair AS (SELECT shift_id, camera_id, count(*) AS n FROM moved GROUP BY shift_id, camera_id),
     righted AS (SELECT camera_id, max(id) AS last, sum(seconds) AS seconds, max(shifted_at) AS at
                   FROM pair JOIN shift ON id = shift_id
                  WHERE n = (SELECT count(*) FROM photo WHERE photo.camera_id = pair.camera_id
                                AND photo.uploaded_at <= shift.shifted_at)
                  GROUP BY camera_id)
SELECT camera_id, seconds, array_agg(photo.id ORDER BY photo.id)
  FROM righted JOIN photo USING (camera_id)
 WHERE uploaded_at > at AND seconds <> 0
   AND NOT EXISTS (SELECT FROM moved WHERE moved.id = photo.id AND moved.shift_id > last)
 GROUP BY camera_id, seconds
"""


class ShiftRefused(Refusal):
    """Nothing was shifted."""


@dataclass(frozen=True)
class Owner:
    """A camera, or somebody who added photos, with what there is of them."""

    pk: int
    of: Camera | User
    count: int
    first: datetime
    last: datetime
    picture: int | None
    late: Late | None = None


@dataclass(frozen=True)
class Late:
    """Photos of a camera that came after it was put right by so many seconds, and were not."""

    seconds: int
    photo_ids: list[int]

    @property
    def count(self) -> int:
        return len(self.photo_ids)


@dataclass(frozen=True)
class Span:
    """How many photos some are, and when the first and the last was taken."""

    count: int
    first: datetime
    last: datetime

    def shifted(self, seconds: int) -> Span:
        """Raises `ShiftRefused` where no clock is so wrong."""
        if abs(seconds) > MOST.total_seconds():
            raise ShiftRefused("amount_too_large")
        first, last = EARLIEST - self.first, LATEST - self.last
        by, nothing = timedelta(seconds=seconds), timedelta(0)
        # Photos that lie outside already may be brought nearer.
        if not min(first, nothing) <= by <= max(last, nothing):
            raise ShiftRefused("out_of_range")
        return Span(self.count, self.first + by, self.last + by)


def cameras(event: Event) -> list[Owner]:
    """Those with the most photos first. Three queries."""
    found, came = _owners(event, "camera", Camera.objects.filter(event=event)), late(event)
    return [replace(owner, late=came.get(owner.pk)) for owner in found]


def uploaders(event: Event) -> list[Owner]:
    """People who added photos, those with the most first. Two queries."""
    return _owners(event, "uploader", User.objects.all())


def _owners(event: Event, field: str, rows: QuerySet[Any]) -> list[Owner]:
    mine = Photo.objects.in_event(event).dated().filter(**{f"{field}__isnull": False})
    found = (
        mine.order_by()
        .values(field)
        .annotate(
            count=Count("pk"),
            first=Min("taken_at"),
            last=Max("taken_at"),
            picture=Min("pk", filter=Q(status=Photo.Status.READY, binned_at=None)),
        )
        .order_by("-count", field)[:SHOWN]
    )
    counted = {row.pop(field): row for row in found}
    of = rows.in_bulk(counted)
    return [Owner(pk, of[pk], **row) for pk, row in counted.items() if pk in of]


def span_of(photos: PhotoQuerySet) -> Span | None:
    """None where there are none."""
    found = photos.order_by().aggregate(n=Count("pk"), first=Min("taken_at"), last=Max("taken_at"))
    return Span(found["n"], found["first"], found["last"]) if found["n"] else None


def sample(photos: PhotoQuerySet, count: int = SAMPLE) -> list[Photo]:
    """Some that can be looked at, spread over all of them from the first to the last."""
    ids = list(photos.ready().kept().oldest_first().values_list("pk", flat=True))
    if len(ids) > count:
        ids = [ids[round(n * (len(ids) - 1) / (count - 1))] for n in range(count)]
    return list(Photo.objects.filter(pk__in=ids).oldest_first())


def state(event: Event) -> str:
    """Another word after each shift and each undoing: who saw the times before must look again."""
    found = ClockShift.objects.filter(event=event).aggregate(
        last=Coalesce(Max("pk"), Value(0)), undone=Count("undone_at")
    )
    return f"{found['last']}.{found['undone']}"


def shift(
    event: Event, photos: PhotoQuerySet, seconds: int, *, by: Person, seen: str | None = None
) -> ClockShift:
    """Say that photos of the event were taken so much later. One statement changes all of them, and
    triggers their matches and galleries.

    `seen`: the `state` in which somebody saw what it would do. Raises `ShiftRefused`.
    """
    with _times_held(event):
        if seen is not None and seen != state(event):
            raise ShiftRefused("shifted_meanwhile")
        own = photos.filter(event=event).dated()
        span = span_of(own)
        if span is None:
            raise ShiftRefused("no_photos")
        span.shifted(seconds)
        ids = _move(own, seconds)
        user = by if isinstance(by, User) else None
        done = ClockShift.objects.create(event=event, user=user, seconds=seconds, photo_ids=ids)
        audit.record(event, "clock_shifted", by=by, count=len(ids), seconds=seconds)
    logger.info("clock_shifted event=%s count=%s seconds=%s", event.pk, len(ids), seconds)
    return done


def undo(event: Event, shift_id: int, *, by: Person) -> int:
    """Take a shift back, of exactly the photos it changed that are still there. Returns how many.

    Shifts are sums: an older one is taken back as well as the last. Raises `ShiftRefused`.
    """
    with _times_held(event):
        mine = ClockShift.objects.filter(event=event, pk=shift_id, undone_at=None)
        done = mine.first()
        if done is None:
            raise ShiftRefused("undone_already")
        ids = _move(Photo.objects.filter(event=event, pk__in=done.photo_ids), -done.seconds)
        mine.update(undone_at=timezone.now())
        audit.record(event, "clock_shift_undone", by=by, count=len(ids), seconds=done.seconds)
    logger.info("clock_shift_undone event=%s count=%s", event.pk, len(ids))
    return len(ids)


def past(event: Event) -> QuerySet[ClockShift]:
    """The newest first, with how many photos each changed, and without their ids."""
    counted = ClockShift.objects.filter(event=event).annotate(count=F("photo_ids__len"))
    return counted.defer("photo_ids").select_related("user")


def late(event: Event) -> dict[int, Late]:
    """By camera the photos that came after all it had were shifted. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LATE, {"event": event.pk, "shifts": SHIFTS_REMEMBERED})
        return {camera: Late(seconds, ids) for camera, seconds, ids in cursor.fetchall()}


@contextmanager
def _times_held(event: Event) -> Iterator[None]:
    """Nobody else changes the times of the event's photos meanwhile, or keeps the old ones."""
    with transaction.atomic():
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        times_changing.send(sender=Photo, event=event)
        yield


def _move(photos: PhotoQuerySet, seconds: int) -> list[int]:
    """In one order, so that no two who change photos at once wait for each other."""
    locked = photos.select_for_update(of=("self",), no_key=True).order_by("pk")
    ids = list(locked.values_list("pk", flat=True))
    by = timedelta(seconds=seconds)
    Photo.objects.filter(pk__in=ids).update(taken_at=F("taken_at") + by)
    return ids
