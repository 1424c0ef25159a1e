"""The questions to a remote index: of selfies, of anchors, of new faces, and keeping what they are
answered.

A search covers the faces that the service held when it began. By the database's clock: a scan's
`finished_at` is later than its faces' indexing, a `searched_at` earlier than its search. So what
was searched with is up to date when no scan with faces finished after that, less the time a new
face may take to be found.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import F, Max

from events.models import Event
from faces.errors import FaceMissing
from faces.finding import answers, matching
from faces.finding.answers import Choosable
from faces.index.contract import FaceIndex, RemoteIndex, SimilarFaces
from faces.index.models import Anchor
from faces.models import Enrollment, Face, FaceSimilarity, PhotoScan
from faces.querysets import PhotoScanQuerySet
from faces.working.leases import Held
from findme import jobs

logger = logging.getLogger(__name__)

# A search that began this soon after a face was indexed may have missed it.
SETTLING = timedelta(seconds=5)
# Answers are kept down to here, so that trying another threshold asks nothing of the service, and
# because what is hardly like a selfie counts where it is like the anchors.
FLOOR = 30.0
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Probe:
    """A face that the index is asked about for a guest: an enrolled selfie's, or an anchor."""

    enrollment: Enrollment
    anchor: Anchor | None = None

    @property
    def face_id(self) -> int | None:
        return self.anchor.face_id if self.anchor else None

    @property
    def remote_face_id(self) -> str:
        if self.anchor is None or self.anchor.face is None:
            return self.enrollment.remote_face_id
        return self.anchor.face.remote_face_id

    def covered_until(self, event: Event) -> datetime | None:
        """Faces indexed up to then are compared with it, down to what is needed."""
        row = self.anchor or self.enrollment
        at_least = row.searched_at_least
        if row.searched_at is None or at_least is None or at_least > floor(event):
            return None
        return row.searched_at - SETTLING


def scans_with_faces(index: FaceIndex, event: Event) -> PhotoScanQuerySet:
    return PhotoScan.objects.in_event(event, index.name).done().filter(face_count__gt=0)


def newest_scan(index: FaceIndex, event: Event) -> datetime | None:
    """When the last scan that found faces came to its end."""
    newest: datetime | None = scans_with_faces(index, event).aggregate(newest=Max("finished_at"))[
        "newest"
    ]
    return newest


def floor(event: Event) -> float:
    """Down to which similarity the service is asked."""
    return min(FLOOR, answers.bands(event.match_threshold).near)


def ask_about(index: RemoteIndex, event: Event, probe: Probe) -> None:
    """One selfie or anchor against all faces of the collection. A call."""
    jobs.beat()
    began_at, at_least = database_time(), floor(event)
    try:
        answer = index.find_similar(probe.remote_face_id, at_least=at_least)
    except FaceMissing:
        # Its guest withdrew just now, or it was deleted behind our back: the others do not wait.
        logger.warning("face_missing event=%s enrollment=%s", event.pk, probe.enrollment.pk)
        if probe.anchor is None:
            return
        answer = SimilarFaces({}, truncated=False)  # other anchors do
    is_cut_off = _is_cut_off(answer, event)
    # Alone: a photo that was being published when the search began is stored now, so that its
    # faces are known here.
    with matching.matching(event.pk, with_others=False):
        if not Enrollment.objects.select_for_update().filter(pk=probe.enrollment.pk).exists():
            return
        found = _own_faces(index, answer)
        _replace_answers(probe, found)
        if probe.anchor is None:
            Enrollment.objects.filter(pk=probe.enrollment.pk).update(
                searched_at=began_at, searched_at_least=at_least, truncated=is_cut_off
            )
            _doubt_anchors(event, index.name, probe.enrollment.selfie.user_id, found)
            matching.match_guests(event, index, [probe.enrollment.selfie.user_id])
        else:
            Anchor.objects.filter(pk=probe.anchor.pk).update(
                searched_at=began_at, searched_at_least=at_least
            )
    if is_cut_off:
        logger.warning("search_truncated event=%s enrollment=%s", event.pk, probe.enrollment.pk)


def ask_about_faces(
    index: RemoteIndex,
    event: Event,
    lease: Held,
    probes: Sequence[Probe],
    after: datetime,
    deadline: float,
) -> int:
    """Each new face against all probes, which is cheaper when few photos were added; photo after
    photo until the time is over. What one was answered is kept before the next is asked about.
    Returns how many calls that took. Raises `IndexUnavailable` where the lease was lost."""
    began_at, calls = database_time(), 0
    for scanned_at, faces in groupby(_new_faces(index, event, after), attrgetter("at")):
        if calls and time.monotonic() > deadline:
            return calls
        found: list[FaceSimilarity] = []
        for face in faces:
            calls += 1
            rows = _answers_about(index, event, face, probes)
            if rows is None:
                selfies = [probe for probe in probes if probe.anchor is None]
                for probe in selfies:
                    ask_about(index, event, probe)
                return calls + len(selfies)
            found += rows
        _publish(index, event, lease, probes, found, min(scanned_at + SETTLING, began_at))
    _publish(index, event, lease, probes, [], began_at)
    return calls


def settle_anchors(
    index: RemoteIndex, event: Event, user_ids: Collection[int], deadline: float
) -> int:
    """Give these guests the anchors that their answers make, and ask about those that some photo
    was not compared with, guest after guest until the time is over. Returns how many calls that
    took."""
    wanted = answers.anchors_wanted(index, event, user_ids)
    newest = newest_scan(index, event)
    calls = 0
    for user_id in sorted(wanted):
        for anchor in _put(index, event, user_id, wanted[user_id]):
            probe = Probe(anchor.enrollment, anchor)
            until = probe.covered_until(event)
            if until is None or (newest is not None and until < newest):
                ask_about(index, event, probe)
                calls += 1
        _mark_settled(index, event, user_id)
        if time.monotonic() > deadline:
            break
    return calls


def database_time() -> datetime:
    """One clock for all hosts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _put(
    index: RemoteIndex, event: Event, user_id: int, wanted: Sequence[Choosable]
) -> list[Anchor]:
    """Make the guest's anchors those wanted. What others were answered goes with them, but not of
    one that the guest denied: it tells who else that is."""
    with matching.matching(event.pk, with_others=False):
        own = Anchor.objects.in_event(event, index.name).filter(enrollment__selfie__user=user_id)
        faces = [face.face_id for face in wanted]
        denied = answers.denied_faces(event, user_id)
        dropped = own.exclude(face__in={*faces, *denied}) | own.filter(face=None)
        FaceSimilarity.objects.filter(
            enrollment__selfie__user=user_id, anchor__in=dropped.values("face")
        ).delete()
        dropped.delete()
        there = set(own.values_list("face", flat=True))
        enrolled = set(
            Enrollment.objects.select_for_update()
            .filter(pk__in={face.enrollment_id for face in wanted})
            .values_list("pk", flat=True)
        )
        known = set(Face.objects.filter(pk__in=faces).values_list("pk", flat=True))
        Anchor.objects.bulk_create(
            Anchor(enrollment_id=face.enrollment_id, face_id=face.face_id)
            for face in wanted
            if face.face_id in known - there and face.enrollment_id in enrolled
        )
        put = own.filter(face__in=faces).select_related("enrollment__selfie", "face")
        return list(put.order_by("pk"))


def _mark_settled(index: RemoteIndex, event: Event, user_id: int) -> None:
    with matching.matching(event.pk, with_others=False):
        own = Enrollment.objects.in_event(event, index.name).filter(selfie__user=user_id)
        own.update(anchored_at=F("searched_at"))
        matching.match_guests(event, index, [user_id])


def _replace_answers(probe: Probe, found: dict[int, float]) -> None:
    """What a search found, by face: it replaces what earlier ones did."""
    FaceSimilarity.objects.filter(enrollment=probe.enrollment, anchor=probe.face_id).delete()
    FaceSimilarity.objects.bulk_create(
        [
            FaceSimilarity(
                enrollment=probe.enrollment,
                anchor_id=probe.face_id,
                face_id=face_id,
                similarity=similarity,
            )
            for face_id, similarity in sorted(found.items())
        ],
        batch_size=1000,
    )


def _new_faces(index: RemoteIndex, event: Event, after: datetime) -> list[Face]:
    """Those of photos whose scans ended since then, the earliest first; `at`: when."""
    scanned = Face.objects.filter(
        event=event,
        index_name=index.name,
        photo__scans__index_name=index.name,
        photo__scans__finished_at__gt=after,
    ).annotate(at=F("photo__scans__finished_at"))
    return list(scanned.exclude(remote_face_id="").order_by("at", "pk"))


def _answers_about(
    index: RemoteIndex, event: Event, face: Face, probes: Sequence[Probe]
) -> list[FaceSimilarity] | None:
    """How like each of the probes it is; None where the service does not say it of all. A call.

    It says nothing of a face that is gone or not known yet, and of one in thousands of photos it
    may leave guests out: then they are searched, and after them their anchors.
    """
    jobs.beat()
    try:
        answer = index.find_similar(face.remote_face_id, at_least=floor(event))
    except FaceMissing:
        return None
    if _is_cut_off(answer, event):
        return None
    return [
        FaceSimilarity(
            enrollment=probe.enrollment, anchor_id=probe.face_id, face=face, similarity=similarity
        )
        for probe in probes
        if (similarity := answer.similar.get(probe.remote_face_id)) is not None
    ]


def _publish(
    index: RemoteIndex,
    event: Event,
    lease: Held,
    probes: Sequence[Probe],
    found: list[FaceSimilarity],
    searched_at: datetime,
) -> None:
    """What was answered, and up to when the probes are compared by it."""
    with matching.matching(event.pk, with_others=False):
        lease.demand()
        ids = {probe.enrollment.pk for probe in probes}
        enrolled = Enrollment.objects.select_for_update().filter(pk__in=ids)
        kept = set(enrolled.values_list("pk", flat=True))
        found = [row for row in found if row.enrollment_id in kept]
        _add_answers(found)
        selfies = {probe.enrollment.pk for probe in probes if probe.anchor is None}
        anchors = [probe.anchor.pk for probe in probes if probe.anchor is not None]
        # Never back: some were compared with later photos before.
        earlier: dict[str, Any] = {"searched_at__lt": searched_at}
        Enrollment.objects.filter(pk__in=kept & selfies, **earlier).update(searched_at=searched_at)
        Anchor.objects.filter(pk__in=anchors, **earlier).update(searched_at=searched_at)
        guests = {row.enrollment.selfie.user_id for row in found}
        for user_id in sorted(guests):
            own = {
                row.face_id: row.similarity
                for row in found
                if row.anchor_id is None and row.enrollment.selfie.user_id == user_id
            }
            _doubt_anchors(event, index.name, user_id, own)
        matching.match_guests(event, index, sorted(guests))


def _add_answers(found: list[FaceSimilarity]) -> None:
    """But those of faces that went meanwhile."""
    faces = {pk for row in found for pk in (row.face_id, row.anchor_id) if pk is not None}
    there = {*Face.objects.filter(pk__in=faces).values_list("pk", flat=True), None}
    FaceSimilarity.objects.bulk_create(
        [row for row in found if {row.face_id, row.anchor_id} <= there],
        update_conflicts=True,
        unique_fields=["enrollment", "face", "anchor"],
        update_fields=["similarity"],
        batch_size=1000,
    )


def _doubt_anchors(event: Event, index_name: str, user_id: int, found: dict[int, float]) -> None:
    """Other guests' anchors that may be this guest's: they are gone through again."""
    mine = [face for face, likeness in found.items() if likeness >= answers.ANCHOR_AT_LEAST]
    others = Enrollment.objects.in_event(event, index_name).exclude(selfie__user=user_id)
    doubted = others.filter(anchors__face__in=mine).values("selfie__user")
    others.filter(selfie__user__in=doubted).update(anchored_at=None)


def _own_faces(index: RemoteIndex, answer: SimilarFaces) -> dict[int, float]:
    """The photo faces of an answer, by our ids; it also names selfies."""
    faces = Face.objects.filter(index_name=index.name, remote_face_id__in=list(answer.similar))
    known = faces.values_list("pk", "remote_face_id")
    return {pk: answer.similar[remote_id] for pk, remote_id in known}


def _is_cut_off(answer: SimilarFaces, event: Event) -> bool:
    """Whether faces are missing that a guest would be shown or asked about."""
    least = min(answer.similar.values(), default=0.0)
    return answer.truncated and least >= answers.bands(event.match_threshold).asked
