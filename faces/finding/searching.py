"""Asking a remote index whom the photos show: as seldom as possible, and nobody is missed.

A search covers the faces that the service held when it began. By the database's clock: a scan's
`finished_at` is later than its faces' indexing, an enrollment's `searched_at` earlier than its
search. So an enrollment is up to date when no scan with faces finished after its search, less the
time a new face may take to be found.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pglock
from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from events.models import Event, User
from faces.errors import FaceMissing
from faces.finding import matching, search_plan
from faces.finding.search_plan import NewFaces
from faces.index.contract import FaceIndex, RemoteIndex, SimilarFaces
from faces.index.indexes import index_of, indexes_of, is_remote
from faces.index.models import EventIndex
from faces.models import Consent, Enrollment, Face, FaceSimilarity, PhotoScan
from faces.querysets import EnrollmentQuerySet, PhotoScanQuerySet
from findme import jobs

logger = logging.getLogger(__name__)

# A search that began this soon after a face was indexed may have missed it.
SETTLING = timedelta(seconds=5)
# A batch is over when nothing is left to scan, and nothing was scanned for this long.
QUIET = timedelta(seconds=6)
_NEVER = datetime.min.replace(tzinfo=UTC)
# While photos arrive, a guest's open page asks for new ones no more often than this.
ASK_AGAIN = timedelta(seconds=20)
# Answers are kept down to here (or the event's threshold), so that trying another threshold asks
# nothing of the service.
FLOOR = 70.0


def asks(index: FaceIndex, event: Event) -> bool:
    """Whether matches of this index come from searches. Where only guests are indexed, each
    photo's own faces are searched when it is scanned."""
    return index.is_remote and event.indexing == Event.Indexing.EVERYONE


def is_enough_kept(event: Event) -> bool:
    """Whether matching again for another threshold needs no second look at the photos."""
    if event.indexing == Event.Indexing.EVERYONE:
        return True
    return index_of(event).is_remote and event.match_threshold >= FLOOR


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


def search_guests(event: Event, user_ids: list[int]) -> int:
    """Bring these guests up to date, one call for each selfie that is behind.

    In the index that serves them. One that is being built is searched once, when it is whole.
    """
    index = index_of(event)
    if not is_remote(index) or not asks(index, event):
        return 0
    with pglock.advisory(_lock(event)):
        behind = list(
            _behind(index, event).filter(selfie__user__in=user_ids).select_related("selfie")
        )
        for enrollment in behind:
            _search(index, event, enrollment)
    return len(behind)


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


def store_similar(enrollment: Enrollment, found: dict[int, float]) -> None:
    """What an enrollment's search found, by face: it replaces what earlier ones did."""
    FaceSimilarity.objects.filter(enrollment=enrollment).delete()
    FaceSimilarity.objects.bulk_create(
        [
            FaceSimilarity(enrollment=enrollment, face_id=face_id, similarity=similarity)
            for face_id, similarity in sorted(found.items())
        ],
        batch_size=1000,
    )


def _settle(index: RemoteIndex, event: Event) -> int:
    with pglock.advisory(_lock(event)):
        behind = sorted(
            _behind(index, event).select_related("selfie"),
            key=lambda enrollment: _covered_until(enrollment, event) or _NEVER,
        )
        if not behind or not _is_quiet(index, event):
            return 0
        covered = [_covered_until(enrollment, event) for enrollment in behind]
        plan = search_plan.cheapest(covered, _new_faces(index, event))
        logger.info("search_planned event=%s behind=%s calls=%s", event.pk, len(behind), plan.calls)
        for enrollment in behind[: plan.guests]:
            _search(index, event, enrollment)
        if plan.faces_after is not None:
            _search_faces(index, event, behind[plan.guests :], plan.faces_after)
    return plan.calls


def _search(index: RemoteIndex, event: Event, enrollment: Enrollment) -> None:
    """One guest's selfie against all faces of the collection."""
    began_at, at_least = _database_time(), _floor(event)
    try:
        answer = index.find_similar(enrollment.remote_face_id, at_least=at_least)
    except FaceMissing:
        # Its guest withdrew just now, or it was deleted behind our back: the others do not wait.
        logger.warning("selfie_missing event=%s enrollment=%s", event.pk, enrollment.pk)
        return
    # Alone: a photo that was being published when the search began is stored now, so that its
    # faces are known here.
    with matching.matching(event.pk, with_others=False):
        if not Enrollment.objects.select_for_update().filter(pk=enrollment.pk).exists():
            return
        store_similar(enrollment, _own_faces(index, answer))
        Enrollment.objects.filter(pk=enrollment.pk).update(
            searched_at=began_at, searched_at_least=at_least, truncated=answer.truncated
        )
        matching.match_guests(event, index, [enrollment.selfie.user_id])
    if answer.truncated:
        logger.warning("search_truncated event=%s enrollment=%s", event.pk, enrollment.pk)


def _search_faces(
    index: RemoteIndex, event: Event, guests: list[Enrollment], after: datetime
) -> None:
    """Each new face against all guests, which is cheaper when few photos were added."""
    began_at, at_least = _database_time(), _floor(event)
    by_remote_id = {guest.remote_face_id: guest for guest in guests}
    new = Face.objects.filter(
        event=event,
        index_name=index.name,
        photo__scans__index_name=index.name,
        photo__scans__finished_at__gt=after,
    ).exclude(remote_face_id="")
    found: list[FaceSimilarity] = []
    for face in new.only("pk", "remote_face_id"):
        try:
            answer = index.find_similar(face.remote_face_id, at_least=at_least)
        except FaceMissing:
            answer = None
        # The service says nothing of a face that is gone or not known yet, and of one in thousands
        # of photos it may leave guests out: then they are searched.
        if answer is None or answer.truncated:
            for guest in guests:
                _search(index, event, guest)
            return
        found += [
            FaceSimilarity(enrollment=by_remote_id[key], face=face, similarity=similarity)
            for key, similarity in answer.similar.items()
            if key in by_remote_id
        ]
    _publish(index, event, guests, found, began_at)


def _publish(
    index: RemoteIndex,
    event: Event,
    guests: list[Enrollment],
    found: list[FaceSimilarity],
    began_at: datetime,
) -> None:
    with matching.matching(event.pk, with_others=False):
        ids = [guest.pk for guest in guests]
        kept = set(
            Enrollment.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True)
        )
        faces = {row.face_id for row in found}
        there = set(Face.objects.filter(pk__in=faces).values_list("pk", flat=True))
        FaceSimilarity.objects.bulk_create(
            [row for row in found if row.enrollment_id in kept and row.face_id in there],
            ignore_conflicts=True,
            batch_size=1000,
        )
        Enrollment.objects.filter(pk__in=kept).update(searched_at=began_at)
        users = {guest.selfie.user_id for guest in guests if guest.pk in kept}
        matching.match_guests(event, index, sorted(users))


def _behind(index: FaceIndex, event: Event) -> EnrollmentQuerySet:
    """Enrollments that some face of the event was not compared with, down to its threshold."""
    newest = _scans(index, event).aggregate(newest=Max("finished_at"))["newest"]
    if newest is None:
        return Enrollment.objects.none()
    return Enrollment.objects.in_event(event, index.name).filter(
        Q(searched_at=None)
        | Q(searched_at__lt=newest + SETTLING)
        | Q(searched_at_least__gt=event.match_threshold)
    )


def _covered_until(enrollment: Enrollment, event: Event) -> datetime | None:
    at_least = enrollment.searched_at_least
    if enrollment.searched_at is None or at_least is None or at_least > event.match_threshold:
        return None
    return enrollment.searched_at - SETTLING


def _new_faces(index: FaceIndex, event: Event) -> list[NewFaces]:
    rows = _scans(index, event).values_list("finished_at", "face_count")
    return [NewFaces(finished_at, count) for finished_at, count in rows if finished_at]


def _scans(index: FaceIndex, event: Event) -> PhotoScanQuerySet:
    """The scans that found faces."""
    return PhotoScan.objects.in_event(event, index.name).done().filter(face_count__gt=0)


def _is_quiet(index: FaceIndex, event: Event) -> bool:
    """Whether all photos are looked at, and have been for a while."""
    scans = PhotoScan.objects.in_event(event, index.name)
    if not scans.are_complete():
        return False
    return not scans.finished_since(_database_time() - QUIET).exists()


def _own_faces(index: RemoteIndex, answer: SimilarFaces) -> dict[int, float]:
    """The photo faces of an answer, by our ids; it also names selfies."""
    faces = Face.objects.filter(index_name=index.name, remote_face_id__in=list(answer.similar))
    known = faces.values_list("pk", "remote_face_id")
    return {pk: answer.similar[remote_id] for pk, remote_id in known}


def _floor(event: Event) -> float:
    return min(FLOOR, event.match_threshold)


def _database_time() -> datetime:
    """One clock for all hosts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _lock(event: Event) -> str:
    """Two who ask the same at once would pay twice; who waited finds nothing left to ask."""
    return f"findme.search.{event.pk}"
