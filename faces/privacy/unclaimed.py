"""Templates of faces that are no guest's go some time after the event (`Event.faces_kept_days`).

From then on the event holds what it would where only guests are looked for: the faces' boxes stay,
so that a guest can still tap their own, and templates stay of faces that a guest is shown or asked
about. Who gives a selfie later is not found in the photos from before. A photo that comes later is
looked at as ever, and what nobody claims of it goes with the next look.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db.models import (
    BooleanField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.expressions import RawSQL
from django.utils import timezone

from events import audit
from events.models import Event
from faces.finding import matching, reindexing, tidying
from faces.index.contract import FaceIndex
from faces.index.indexes import indexes_of, is_remote
from faces.index.models import Anchor, EventIndex, FaceSimilarity
from faces.models import Candidate, Face, FaceMatch, GuestModel
from findme import jobs

logger = logging.getLogger(__name__)

AT_A_TIME = 2_000
# Well below the time a job may run; the rest is another job's.
WORKING_SECONDS = 60
# Each event whose day has come has one minute in this many, in which it is looked at.
EVERY_MINUTES = 6 * 60
# What is under way may still claim faces. Not for ever: after this no more is waited for.
PATIENCE = timedelta(days=7)
NO_MEMBER = """
    NOT EXISTS (SELECT FROM (SELECT unnest(members) AS member FROM faces_guestmodel) AS held
                 WHERE member = faces_face.id)
"""


def sweep(now: datetime | None = None) -> None:
    """Enqueue the events whose day has come, each a few times a day."""
    now = now or timezone.now()
    minute = int(now.timestamp()) // 60 % EVERY_MINUTES
    for event in _nearly_due(now).annotate(turn=F("pk") % EVERY_MINUTES).filter(turn=minute):
        if is_due(event, now):
            jobs.enqueue("forget_unclaimed", event.pk)


def is_due(event: Event, now: datetime) -> bool:
    """Whether the day has come, in the event's zone, and nothing is under way that may claim
    faces."""
    late = now.astimezone(event.zone).date() - event.unclaimed_go_on
    return late >= timedelta(0) and (late >= PATIENCE or _rests(event))


def forget(event_id: int) -> None:
    """Remove what is due of an event, or as much of it as a job's time allows.

    In batches, each alone with the event's matches: no guest claims a face that goes just now.
    """
    event = Event.objects.undeleted().filter(pk=event_id).first()
    if event is None or not is_due(event, timezone.now()):
        return
    until = time.monotonic() + WORKING_SECONDS
    count, is_over = 0, True
    for index in indexes_of(event):
        forgotten, is_whole = _forget_in(index, event, until)
        count, is_over = count + forgotten, is_over and is_whole
    if count:
        audit.record(event, "unclaimed_forgotten", by=None, count=count)
        logger.info("faces_forgotten event=%s faces=%s", event.pk, count)
    if not is_over:
        jobs.enqueue("forget_unclaimed", event.pk)


def overdue(now: datetime) -> QuerySet[Face]:
    """Faces of nobody's that should have been forgotten for a day, whatever was waited for."""
    # By id: PostgreSQL would go through all faces to find that no event's day has come.
    events = list(_nearly_due(now - PATIENCE - timedelta(days=2)).values_list("pk", flat=True))
    own = {"face": OuterRef("pk")}
    in_use = EventIndex.objects.in_use().filter(
        event=OuterRef("event"), name=OuterRef("index_name")
    )
    known = Face.objects.filter(Q(template__isnull=False) | ~Q(remote_face_id=""))
    return known.filter(
        Exists(in_use.order_by()),
        ~Exists(FaceMatch.objects.filter(**own).not_denied()),
        ~Exists(Candidate.objects.filter(**own).claiming()),
        ~Exists(Anchor.objects.filter(**own)),
        RawSQL(NO_MEMBER, (), output_field=BooleanField()),  # noqa: S611
        event__in=events,
    )


def _nearly_due(now: datetime) -> QuerySet[Event]:
    """A day more: "today" is the event's, which may be ahead of ours."""
    day = ExpressionWrapper(F("ends_on") + F("faces_kept_days"), output_field=DateField())
    tomorrow = now.date() + timedelta(days=1)
    return Event.objects.undeleted().annotate(goes_on=day).filter(goes_on__lte=tomorrow)


def _rests(event: Event) -> bool:
    rows = EventIndex.objects.in_event(event).in_use()
    if any(row.state == EventIndex.State.BUILDING for row in rows):
        return False
    return all(reindexing.work_left(row).done for row in rows)


def _forget_in(index: FaceIndex, event: Event, until: float) -> tuple[int, bool]:
    """How many faces of an index were forgotten, and whether those were all."""
    count = after = 0
    while time.monotonic() < until:
        with matching.matching(event.pk, with_others=False):
            rows = _unclaimed(index, event).filter(pk__gt=after).order_by("pk")
            batch = dict(rows.values_list("pk", "remote_face_id")[:AT_A_TIME])
            _forget(index, batch)
        if not batch:
            return count, True
        count, after = count + len(batch), max(batch)
    return count, False


def _unclaimed(index: FaceIndex, event: Event) -> QuerySet[Face]:
    known = Face.objects.filter(event=event, index_name=index.name)
    known = known.filter(Q(template__isnull=False) | ~Q(remote_face_id=""))
    own = {"face": OuterRef("pk")}
    members = GuestModel.objects.in_event(event, index.name).values_list("members", flat=True)
    return known.exclude(pk__in={face_id for faces in members for face_id in faces}).filter(
        ~Exists(FaceMatch.objects.filter(**own).not_denied()),
        ~Exists(Candidate.objects.filter(**own).claiming()),
        ~Exists(Anchor.objects.filter(**own)),
    )


def _forget(index: FaceIndex, batch: dict[int, str]) -> None:
    """The rows of the faces stay: galleries draw their boxes. At a service they are deleted."""
    Candidate.objects.filter(face__in=batch).delete()
    FaceSimilarity.objects.filter(face__in=batch).delete()
    Face.objects.filter(pk__in=batch).update(template=None, remote_face_id="")
    remote = [face_id for face_id in batch.values() if face_id]
    if remote and is_remote(index):
        tidying.remember(index, remote)
        jobs.enqueue("tidy", index.row.pk)
