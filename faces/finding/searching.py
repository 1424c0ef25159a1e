"""When a remote index is asked whom the photos show: as seldom as possible, and nobody is missed.

Of a guest's selfies when photos were added and the guest looks, or the batch has come to rest; of
their anchors (`faces.finding.answers`) once all photos are looked at, because surer ones may come.
How it is known what was asked, and how answers are kept, `faces.finding.asking` says.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from events.models import Event, User
from faces.finding import answers, asking
from faces.finding.asking import NEVER, Probe
from faces.index.contract import KEPT_FLOOR, FaceIndex, RemoteIndex
from faces.index.indexes import index_of, indexes_of, is_remote
from faces.index.models import Anchor, AnchorQuerySet, EventIndex
from faces.models import Consent, Enrollment, FaceSimilarity, PhotoScan
from faces.querysets import EnrollmentQuerySet
from faces.working import leases
from faces.working.leases import SLICE_SECONDS, Held
from findme import jobs

logger = logging.getLogger(__name__)

# A batch is over when nothing is left to scan, and nothing was scanned for this long.
QUIET = timedelta(seconds=6)
# While photos arrive, a guest's open page asks for new ones no more often than this.
ASK_AGAIN = timedelta(seconds=20)


@dataclass(frozen=True)
class NewFaces:
    """Faces of one photo, and when they were indexed."""

    indexed_at: datetime
    count: int


@dataclass(frozen=True)
class Plan:
    """Ask about the first `probes`, then about each face indexed after `faces_after`.

    One call each. Without `faces_after` no face is asked about.
    """

    probes: int
    faces_after: datetime | None
    calls: int


def cheapest(covered_until: Sequence[datetime | None], faces: Sequence[NewFaces]) -> Plan:
    """The plan with the fewest calls after which every probe was compared with every face.

    `covered_until`: for each probe, ascending, with None first: the faces indexed up to then are
    compared already. To ask about a probe covers all faces; to ask about a face covers all probes.
    So some that are furthest behind are asked about, and the others are caught up by the faces that
    are new to the first of them. Of equals the one with more probes: it also repairs what an
    earlier answer may have lacked.
    """
    plans = [Plan(len(covered_until), None, len(covered_until))]
    for probes, until in enumerate(covered_until):
        if until is not None:
            new = sum(photo.count for photo in faces if photo.indexed_at > until)
            plans.append(Plan(probes, until, probes + new))
    return min(plans, key=lambda plan: (plan.calls, -plan.probes))


def asks(index: FaceIndex, event: Event) -> bool:
    """Whether matches of this index come from searches. Where only guests are indexed, each
    photo's own faces are searched when it is scanned."""
    return index.is_remote and event.indexing == Event.Indexing.EVERYONE


def is_enough_kept(event: Event) -> bool:
    """Whether matching again for another threshold needs no second look at the photos."""
    if event.indexing == Event.Indexing.EVERYONE:
        return True
    asked = answers.bands(event.match_threshold).asked
    return index_of(event).is_remote and asked >= KEPT_FLOOR


def is_behind(event: Event, user: User) -> bool:
    """Whether photos were added that a guest was not looked for in yet."""
    index = index_of(event)
    return asks(index, event) and _behind(index, event).filter(selfie__user=user).exists()


def behind_count(index: FaceIndex, event: Event) -> int:
    """How many enrollments are not compared with all photos yet, scans that wait aside."""
    if asks(index, event):
        return _behind(index, event).count()
    return Enrollment.objects.in_event(event, index.name).not_looked_for().count()


def ask_for(event: Event, user: User) -> bool:
    """A guest looks: have new photos searched, unless that was asked for a moment ago."""
    index = index_of(event)
    if not asks(index, event):
        return False
    now = timezone.now()
    mine = _behind(index, event).filter(selfie__user=user)
    due = mine.filter(Q(search_asked_at=None) | Q(search_asked_at__lt=now - ASK_AGAIN))
    consent = Consent.objects.of(user).in_event(event).in_force().first()
    if consent is None or not due.update(search_asked_at=now):
        return False
    jobs.enqueue("search_guest", consent.pk)
    return True


def search_guests(event: Event, user_ids: Collection[int]) -> int:
    """Bring these guests up to date: a call for each selfie that is behind, and, unless photos are
    still to be looked at, one for each anchor.

    In the index that serves them. One that is being built is searched once, when it is whole.
    """
    index = index_of(event)
    if not is_remote(index) or not asks(index, event):
        return 0
    with leases.when_free(_lease(event)):
        behind = _selfies_behind(index, event).filter(selfie__user__in=user_ids)
        selfies = list(behind.select_related("selfie"))
        for enrollment in selfies:
            asking.ask_about(index, event, Probe(enrollment))
        deadline = time.monotonic() + SLICE_SECONDS
        return len(selfies) + _settle_anchors(index, event, deadline, user_ids)


def settle(event: Event) -> int:
    """Bring everybody up to date once a batch is over. Returns how many calls that took."""
    return sum(
        _settle(index, event)
        for index in indexes_of(event)
        if is_remote(index) and asks(index, event)
    )


def sweep() -> None:
    """Enqueue the events whose photos came to rest while guests are behind."""
    remote = EventIndex.objects.in_use().exclude(event=None).exclude(made_at=None)
    for event_id in set(remote.values_list("event", flat=True)):
        event = Event.objects.get(pk=event_id)
        for index in indexes_of(event):
            if asks(index, event) and _is_quiet(index, event) and _behind(index, event).exists():
                jobs.enqueue("settle", event_id)
                break


def heard(event: Event, user: User) -> None:
    """A guest said of a face whose it is: their anchors may be others now, and where only guests
    are looked for, nothing is kept of a face that the guest denied. Within `matching`, alone."""
    own = Enrollment.objects.filter(event=event, selfie__user=user)
    own.update(anchored_at=None)
    if event.indexing == Event.Indexing.GUESTS_ONLY:
        denied = answers.denied_faces(event, user.pk)
        FaceSimilarity.objects.filter(enrollment__in=own, face__in=denied).delete()


def _settle(index: RemoteIndex, event: Event) -> int:
    """As far as it gets in a while; the rest is another job's, and guests who look come between."""
    deadline = time.monotonic() + SLICE_SECONDS
    with leases.when_free(_lease(event)) as lease:
        if not _behind(index, event).exists() or not _is_quiet(index, event):
            return 0
        calls = _catch_up(index, event, lease, deadline)
        # Once all are caught up: an anchor that is behind would be asked about by itself.
        if not calls or time.monotonic() <= deadline:
            calls += _settle_anchors(index, event, deadline)
    if time.monotonic() > deadline:
        jobs.enqueue("settle", event.pk)
    return calls


def _catch_up(index: RemoteIndex, event: Event, lease: Held, deadline: float) -> int:
    """Ask what is cheapest. Returns how many calls that took, until the time is over."""
    if not (behind := _probes_behind(index, event)):
        return 0
    covered = [probe.covered_until(event) for probe in behind]
    scans = asking.scans_with_faces(index, event).values_list("finished_at", "face_count")
    plan = cheapest(covered, [NewFaces(at, count) for at, count in scans if at])
    logger.info("search_planned event=%s behind=%s calls=%s", event.pk, len(behind), plan.calls)
    # Anchors are asked about when it is known whether they stay anchors.
    selfies = [probe for probe in behind[: plan.probes] if probe.anchor is None]
    for asked, probe in enumerate(selfies):
        if asked and time.monotonic() > deadline:
            return asked
        asking.ask_about(index, event, probe)
    if plan.faces_after is None:
        return len(selfies)
    rest = behind[plan.probes :]
    return len(selfies) + asking.ask_about_faces(
        index, event, lease, rest, plan.faces_after, deadline
    )


def _settle_anchors(
    index: RemoteIndex, event: Event, deadline: float, user_ids: Collection[int] | None = None
) -> int:
    """Of everybody, or of these guests, whose anchors are to be gone through."""
    unsettled = _unsettled(index, event)
    if user_ids is not None:
        unsettled = unsettled.filter(selfie__user__in=user_ids)
    users = set(unsettled.values_list("selfie__user", flat=True))
    return asking.settle_anchors(index, event, users, deadline) if users else 0


def _probes_behind(index: RemoteIndex, event: Event) -> list[Probe]:
    selfies = _selfies_behind(index, event).select_related("selfie")
    anchors = _anchors_behind(index, event).exclude(face=None)
    probes = [Probe(enrollment) for enrollment in selfies]
    if settings.REKOGNITION_ANCHORS:
        joined = anchors.select_related("enrollment__selfie", "face")
        probes += [Probe(anchor.enrollment, anchor) for anchor in joined]
    return sorted(probes, key=lambda probe: probe.covered_until(event) or NEVER)


def _behind(index: FaceIndex, event: Event) -> EnrollmentQuerySet:
    """Enrollments for which something is left to ask just now."""
    return _selfies_behind(index, event) | _unsettled(index, event)


def _selfies_behind(index: FaceIndex, event: Event) -> EnrollmentQuerySet:
    """Enrollments that some face of the event was not compared with, as far down as is needed."""
    newest = asking.newest_scan(index, event)
    if newest is None:
        return Enrollment.objects.none()
    return Enrollment.objects.in_event(event, index.name).filter(
        Q(searched_at=None)
        | Q(searched_at__lt=newest + asking.SETTLING)
        | Q(searched_at_least__gt=asking.floor(event))
    )


def _anchors_behind(index: FaceIndex, event: Event) -> AnchorQuerySet:
    """Anchors that some face was not compared with, and those whose photo went."""
    newest = asking.newest_scan(index, event)
    missed = Q(searched_at=None) | Q(face=None) | Q(searched_at_least__gt=asking.floor(event))
    if newest is not None:
        missed |= Q(searched_at__lt=newest + asking.SETTLING)
    return Anchor.objects.in_event(event, index.name).filter(missed)


def _unsettled(index: FaceIndex, event: Event) -> EnrollmentQuerySet:
    """Enrollments whose guests' anchors are to be gone through: once all photos are looked at."""
    searched = Enrollment.objects.in_event(event, index.name).exclude(searched_at=None)
    scans = PhotoScan.objects.in_event(event, index.name)
    if not settings.REKOGNITION_ANCHORS or not scans.are_complete():
        return searched.none()
    anchors = _anchors_behind(index, event).filter(enrollment=OuterRef("pk"))
    return searched.filter(
        Q(anchored_at=None) | Q(anchored_at__lt=F("searched_at")) | Exists(anchors)
    )


def _is_quiet(index: FaceIndex, event: Event) -> bool:
    """Whether all photos are looked at, and have been for a while."""
    scans = PhotoScan.objects.in_event(event, index.name)
    if not scans.are_complete():
        return False
    return not scans.finished_since(asking.database_time() - QUIET).exists()


def _lease(event: Event) -> str:
    """Two who ask the same at once would pay twice; who waited finds nothing left to ask.

    Of the event, not of a guest: what one guest is answered may take another's anchors.
    """
    return f"search.{event.pk}"
