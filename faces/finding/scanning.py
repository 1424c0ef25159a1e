"""Looking at a photo: claim its scan, work outside any transaction, publish if still ours."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from events.models import Event
from faces.errors import IndexRefused, IndexUnavailable, ScanPutOff
from faces.finding import matching, tidying, verdicts
from faces.index.contract import Answers, FaceIndex, FoundFace
from faces.index.indexes import index_named, index_of, indexes_of, is_remote
from faces.models import Enrollment, EventIndex, Face, FaceSimilarity, PhotoScan
from faces.querysets import PhotoScanQuerySet
from findme import jobs
from photos.delivery import downloads
from photos.desk import curating
from photos.desk.curating import Person
from photos.imaging import images, renditions
from photos.imaging.images import UnusableImage
from photos.intake import publishing
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.store import reading
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# Longer than a job may run (the queue's `timeout`): for what the sessions do not tell, as where a
# pooler stands between.
CLAIM_SECONDS = 240
# Of which role, since a role does not see when another's began: a process id comes again.
SESSION = "usename || ' ' || pid || ' ' || extract(epoch FROM backend_start)"
OWN_SESSION = f"(SELECT {SESSION} FROM pg_stat_activity WHERE pid = pg_backend_pid())"  # noqa: S608
SESSIONS = f"SELECT usename, {SESSION} FROM pg_stat_activity WHERE usename = current_user"  # noqa: S608
RETRY_SECONDS = 30


@dataclass(frozen=True)
class Claim:
    """The right to publish a scan, until somebody else claims it."""

    scan_id: int
    photo_id: int
    index_name: str
    attempt_id: uuid.UUID
    attempts: int
    # As `PhotoScan.answered`.
    answered: dict[str, Any] | None = None


def queue_scan(photo: Photo) -> None:
    """Add the work of a new photo, in the transaction that inserts it."""
    for index in indexes_of(photo.event):
        scan = PhotoScan.objects.create(photo=photo, event=photo.event, index_name=index.name)
        jobs.enqueue("scan", scan.pk)


def run(scan_id: int) -> None:
    """Do one scan to its end, or leave it claimable. Unexpected errors are raised again."""
    claim = _claim(scan_id)
    if claim is None:
        return
    try:
        _scan(claim)
    except UnusableImage as error:
        _fail(claim, error.code)
    except IndexUnavailable:
        logger.warning("index_unavailable scan=%s", scan_id)
        _give_back(claim, RETRY_SECONDS * 2, counted=False)
    except IndexRefused as refused:
        _give_back(claim, RETRY_SECONDS * claim.attempts, counted=True, code=refused.code)
    except StoreUnavailable as error:
        logger.warning("store_unavailable scan=%s code=%s", scan_id, error.code)
        _give_back(claim, RETRY_SECONDS * 2, counted=False)
    except Exception:
        logger.exception("scan_error scan=%s attempt=%s", scan_id, claim.attempts)
        _give_back(claim, RETRY_SECONDS * claim.attempts, counted=True)
        raise


def enqueue_lost() -> int:
    """Enqueue again what lost its job: what is due while nothing waits in the queue. Returns how
    many scans that were."""
    due = PhotoScan.objects.filter(
        state=PhotoScan.State.QUEUED, available_at__lte=timezone.now()
    ).order_by("id")
    lost = list(due.values_list("pk", flat=True))
    for scan_id in lost:
        jobs.enqueue("scan", scan_id)
    return len(lost)


def scan_again(event: Event) -> int:
    """Queue every finished scan of an event anew. Old results stay until new ones are there."""
    return sum(_scan_again(event, index.name) for index in indexes_of(event))


def scan_for_late_guests(event: Event) -> int:
    """Where only guests are looked for, faces of strangers were not kept: who was a stranger when
    a photo was looked at needs a second look at it. Again is the same as once."""
    late = Enrollment.objects.filter(event=event).not_looked_for()
    names = late.order_by("index_name").values_list("index_name", flat=True).distinct()
    return sum(_scan_again(event, name) for name in list(names))


def _scan_again(event: Event, index_name: str) -> int:
    with transaction.atomic():
        if event.indexing == Event.Indexing.GUESTS_ONLY:
            # In one transaction with the scans: who dies in between forgets nobody.
            Enrollment.objects.in_event(event, index_name).filter(searched_at=None).update(
                searched_at=Now()
            )
        scans = PhotoScan.objects.in_event(event, index_name).filter(state=PhotoScan.State.DONE)
        again = list(scans.select_for_update().values_list("pk", flat=True))
        PhotoScan.objects.filter(pk__in=again).update(
            state=PhotoScan.State.QUEUED, attempts=0, available_at=timezone.now()
        )
        for scan_id in again:
            jobs.enqueue("scan", scan_id)
    return len(again)


def retry_failed(photos: PhotoQuerySet, *, by: Person | None = None) -> int:
    """Queue the failed scans among these photos anew. Returns how many photos.

    A photo that never became visible is prepared again too, by the same scan.
    """
    with transaction.atomic():
        failed = PhotoScan.objects.filter(
            photo__in=photos.order_by().values("pk"),
            index_name__in=EventIndex.objects.in_use().values("name"),
            state=PhotoScan.State.FAILED,
        )
        locked = failed.select_for_update(of=("self",)).order_by("pk")
        again = dict(locked.values_list("pk", "photo_id"))
        PhotoScan.objects.filter(pk__in=again).update(
            state=PhotoScan.State.QUEUED,
            attempts=0,
            available_at=timezone.now(),
            failure_code="",
        )
        Photo.objects.filter(pk__in=again.values(), status=Photo.Status.FAILED).update(
            status=Photo.Status.PROCESSING, failure_code=""
        )
        for scan_id in again:
            jobs.enqueue("scan", scan_id)
        curating.record(set(again.values()), "photos_retried", by)
    logger.info("scans_retried count=%s", len(again))
    return len(set(again.values()))


def _claim(scan_id: int) -> Claim | None:
    """One conditional UPDATE: of all who try, one gets the scan. The attempt is counted here,
    so that a photo which kills its worker stops after a few."""
    attempt_id = uuid.uuid4()
    now = timezone.now()
    claimed = PhotoScan.objects.filter(
        pk=scan_id, state=PhotoScan.State.QUEUED, available_at__lte=now
    ).update(
        state=PhotoScan.State.RUNNING,
        attempts=F("attempts") + 1,
        attempt_id=attempt_id,
        claimed_at=now,
        claimed_in=RawSQL(OWN_SESSION, ()),  # noqa: S611
    )
    if not claimed:
        return None
    scan = PhotoScan.objects.filter(pk=scan_id, attempt_id=attempt_id).first()
    if scan is None:
        return None
    return Claim(scan_id, scan.photo_id, scan.index_name, attempt_id, scan.attempts, scan.answered)


def _scan(claim: Claim) -> None:
    photo = Photo.objects.select_related("event").filter(pk=claim.photo_id).first()
    data = reading.read(Photo, claim.photo_id, "original")
    if photo is None:
        logger.info("scan_superseded scan=%s reason=photo_removed", claim.scan_id)
        return
    if data is None:
        raise UnusableImage("original_missing")
    image = images.decode(data, min_side=renditions.PREVIEW_SIDE)
    stripped_size = downloads.stripped_size(data)
    del data
    if photo.status != Photo.Status.READY:
        publishing.publish(photo.pk, renditions.make(image), stripped_size=stripped_size)
    index = index_named(photo.event, claim.index_name)
    if index is None:
        _move_to_active(claim, photo)
        return
    guests = _enrolled(photo.event, index)
    try:
        found = index.scan(photo.pk, image, _answered(claim, guests))
    except ScanPutOff as put_off:
        _keep_answers(claim, photo.event, index, put_off.answers, guests)
        raise
    if not _publish(claim, photo, index, found, guests) and is_remote(index):
        tidying.remember(index, [face.remote_face_id for face in found if face.remote_face_id])


def _publish(
    claim: Claim, photo: Photo, index: FaceIndex, found: list[FoundFace], guests: dict[str, int]
) -> bool:
    """Faces, matches and the end of the scan: all together, and only if the claim still holds."""
    with matching.matching(photo.event_id, with_others=True):
        if is_remote(index) and _missed_a_guest(photo.event, index, guests):
            _give_back(claim, 0, counted=False)
            jobs.enqueue("scan", claim.scan_id)
            return True
        ended = _claimed(claim).update(
            state=PhotoScan.State.DONE,
            finished_at=Now(),
            failure_code="",
            face_count=len(found),
            answered=None,
        )
        if not ended:
            logger.info("scan_superseded scan=%s", claim.scan_id)
            return False
        faces = _store_faces(photo, index.name, found)
        _store_similar(faces, found, guests)
        hits = matching.match_photo(photo.event, photo.pk)
        matching.forget_strangers(photo.event, photo.faces.all())
    logger.info("scan_done photo=%s faces=%s matches=%s", photo.pk, len(found), len(hits))
    return True


def _enrolled(event: Event, index: FaceIndex) -> dict[str, int]:
    """Ids of the enrollments that a remote index of guests only compares a photo with."""
    if not is_remote(index) or event.indexing != Event.Indexing.GUESTS_ONLY:
        return {}
    enrolled = Enrollment.objects.in_event(event, index.name)
    return dict(enrolled.values_list("remote_face_id", "pk"))


def _missed_a_guest(event: Event, index: FaceIndex, guests: dict[str, int]) -> bool:
    """Whether somebody was enrolled while the photo was compared with the others."""
    return not _enrolled(event, index).keys() <= guests.keys()


def _answered(claim: Claim, guests: dict[str, int]) -> Answers:
    """What an earlier attempt was answered about the same guests."""
    answered = claim.answered
    if answered is None or answered["enrollments"] != sorted(guests.values()):
        return {}
    places: Answers = answered["places"]
    return places


def _keep_answers(
    claim: Claim, event: Event, index: FaceIndex, answers: Answers, guests: dict[str, int]
) -> None:
    """For the next attempt: each was paid for. Not if one of the guests withdrew meanwhile."""
    with matching.matching(event.pk, with_others=True):
        if guests.keys() <= _enrolled(event, index).keys():
            places = {"places": answers, "enrollments": sorted(guests.values())}
            _claimed(claim).update(answered=places)


def _store_similar(faces: list[Face], found: list[FoundFace], guests: dict[str, int]) -> None:
    FaceSimilarity.objects.bulk_create(
        FaceSimilarity(enrollment_id=guests[remote_id], face=face, similarity=similarity)
        for face, seen in zip(faces, found, strict=True)
        for remote_id, similarity in seen.similar.items()
        if remote_id in guests
    )


def _move_to_active(claim: Claim, photo: Photo) -> None:
    """The photo came while its event's index was replaced: the one in use has the scan."""
    with transaction.atomic():
        if not _claimed(claim).delete()[0]:
            return
        scan, is_new = PhotoScan.objects.get_or_create(
            photo=photo, event=photo.event, index_name=index_of(photo.event).name
        )
        if is_new:
            jobs.enqueue("scan", scan.pk)
    logger.info("scan_moved photo=%s", photo.pk)


def _store_faces(photo: Photo, index_name: str, found: list[FoundFace]) -> list[Face]:
    said = verdicts.given_for(photo)
    Face.objects.filter(photo=photo, index_name=index_name).delete()
    stored = Face.objects.bulk_create(
        Face(
            photo=photo,
            event_id=photo.event_id,
            index_name=index_name,
            ordinal=ordinal,
            left=face.left,
            top=face.top,
            width=face.width,
            height=face.height,
            detection_score=face.detection_score,
            quality=face.quality,
            template=face.template,
            remote_face_id=face.remote_face_id,
        )
        for ordinal, face in enumerate(found)
    )
    verdicts.restore(photo, said)
    return stored


def _claimed(claim: Claim) -> PhotoScanQuerySet:
    return PhotoScan.objects.filter(
        pk=claim.scan_id, state=PhotoScan.State.RUNNING, attempt_id=claim.attempt_id
    )


def _fail(claim: Claim, code: str) -> None:
    """End the scan, and with it a photo that never became visible."""
    logger.info("scan_failed photo=%s code=%s", claim.photo_id, code)
    with transaction.atomic():
        if not _claimed(claim).update(
            state=PhotoScan.State.FAILED, failure_code=code, finished_at=Now()
        ):
            return
        Photo.objects.filter(pk=claim.photo_id).exclude(status=Photo.Status.READY).update(
            status=Photo.Status.FAILED, failure_code=code
        )


def _give_back(
    claim: Claim, delay_seconds: int, *, counted: bool, code: str = "internal_error"
) -> None:
    """Make the scan claimable again later (the sweep enqueues it), or end it after the last try."""
    if counted and claim.attempts >= MAX_ATTEMPTS:
        _fail(claim, code)
        return
    _claimed(claim).update(
        state=PhotoScan.State.QUEUED,
        available_at=timezone.now() + timedelta(seconds=delay_seconds),
        attempts=F("attempts") if counted else F("attempts") - 1,
    )


def return_stale_claims() -> None:
    """Of workers that are gone. One that only lost its session finds its claim gone at the end."""
    stale_since = timezone.now() - timedelta(seconds=CLAIM_SECONDS)
    running = list(PhotoScan.objects.filter(state=PhotoScan.State.RUNNING))
    role, alive = _sessions()  # after the claims: who claims meanwhile is not among those
    for scan in running:
        is_stale = scan.claimed_at is None or scan.claimed_at < stale_since
        is_gone = scan.claimed_in.startswith(f"{role} ") and scan.claimed_in not in alive
        if not is_stale and not is_gone:
            continue
        if scan.attempt_id is not None:  # a constraint's promise, said to the type checker
            claim = Claim(scan.pk, scan.photo_id, scan.index_name, scan.attempt_id, scan.attempts)
            logger.warning("scan_claim_stale scan=%s attempt=%s", scan.pk, scan.attempts)
            _give_back(claim, 0, counted=True)


def _sessions() -> tuple[str, set[str]]:
    """The role we are to the database, and the role's sessions: our own at least."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        rows = cursor.fetchall()
    return rows[0][0], {session for _, session in rows}
