"""Scanning a photo: claim its scan, work outside any transaction, publish if the claim holds."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from events import audit
from events.audit import Person
from events.models import Event
from faces.errors import IndexRefused, IndexUnavailable, ScanPutOff
from faces.finding import claims, comparing, matching, renewing, tidying, verdicts
from faces.finding.claims import RETRY_SECONDS, Claim
from faces.index.contract import Answers, FaceIndex, FoundFace
from faces.index.indexes import index_named, index_of, indexes_of, is_remote
from faces.models import Enrollment, Face, FaceSimilarity, PhotoScan
from faces.working import heartbeat
from findme import jobs
from photos.delivery import downloads
from photos.imaging import images, renditions
from photos.imaging.images import UnusableImage
from photos.intake import publishing
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.store import reading
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)


def queue_scan(photo: Photo) -> None:
    """Add the work of a new photo, in the transaction that inserts it."""
    for index in indexes_of(photo.event):
        scan = PhotoScan.objects.create(photo=photo, event=photo.event, index_name=index.name)
        jobs.enqueue("scan", scan.pk)


def run(scan_id: int) -> None:
    """Do one scan to its end, or leave it claimable. Unexpected errors are raised again."""
    claim = claims.take(scan_id)
    if claim is None:
        return
    try:
        with heartbeat.kept_up(lambda: claims.refresh(claim)):
            _scan(claim)
    except UnusableImage as error:
        claims.fail(claim, error.code)
    except IndexUnavailable:
        logger.warning("index_unavailable scan=%s", scan_id)
        claims.give_back(claim, RETRY_SECONDS * 2, counted=False)
    except IndexRefused as refused:
        claims.give_back(claim, RETRY_SECONDS * claim.attempts, counted=True, code=refused.code)
    except StoreUnavailable as error:
        logger.warning("store_unavailable scan=%s code=%s", scan_id, error.code)
        claims.give_back(claim, RETRY_SECONDS * 2, counted=False)
    except Exception:
        logger.exception("scan_error scan=%s attempt=%s", scan_id, claim.attempts)
        claims.give_back(claim, RETRY_SECONDS * claim.attempts, counted=True)
        raise


def enqueue_lost() -> int:
    """Enqueue again what lost its job: what is due while nothing waits in the queue. Returns how
    many scans that were."""
    lost = list(PhotoScan.objects.due().order_by("id").values_list("pk", flat=True))
    jobs.enqueue_many("scan", lost)
    return len(lost)


def scan_again(event: Event) -> int:
    """Queue every finished scan of an event anew. Old results stay until new ones are there."""
    return sum(_scan_again(event, index.name) for index in indexes_of(event))


def scan_for_late_guests(event: Event) -> int:
    """Where only guests are looked for, faces of strangers were not kept: who was a stranger when
    a photo was looked at needs a second look at it. Again is the same as once."""
    late = Enrollment.objects.filter(event=event).not_looked_for().searchable()
    names = late.order_by("index_name").values_list("index_name", flat=True).distinct()
    return sum(_scan_again(event, name) for name in list(names))


def _scan_again(event: Event, index_name: str) -> int:
    with transaction.atomic():
        if event.indexing == Event.Indexing.GUESTS_ONLY:
            # This is in one transaction with the scans: who dies in between forgets nobody.
            late = Enrollment.objects.in_event(event, index_name).searchable()
            late.filter(searched_at=None).update(searched_at=Now())
        scans = PhotoScan.objects.in_event(event, index_name).done()
        again = list(scans.select_for_update().values_list("pk", flat=True))
        PhotoScan.objects.filter(pk__in=again).update(
            state=PhotoScan.State.QUEUED, attempts=0, available_at=timezone.now()
        )
        jobs.enqueue_many("scan", again)
    return len(again)


def retry_failed(photos: PhotoQuerySet, *, by: Person = None) -> int:
    """Queue the failed scans among these photos anew. Returns how many photos.

    A photo that never became visible is prepared again too, by the same scan.
    """
    with transaction.atomic():
        failed = PhotoScan.objects.in_use().failed()
        failed = failed.filter(photo__in=photos.order_by().values("pk"))
        locked = failed.select_for_update(of=("self",)).order_by("pk")
        again = dict(locked.values_list("pk", "photo_id"))
        PhotoScan.objects.filter(pk__in=again).update(
            state=PhotoScan.State.QUEUED,
            attempts=0,
            available_at=timezone.now(),
            failure_code="",
        )
        Photo.objects.failed().filter(pk__in=again.values()).update(
            status=Photo.Status.PROCESSING, failure_code=""
        )
        jobs.enqueue_many("scan", again)
        looked_at_again = Photo.objects.filter(pk__in=again.values())
        audit.record_count(looked_at_again, "photos_retried", by=by)
    logger.info("scans_retried count=%s", len(again))
    return len(set(again.values()))


def _scan(claim: Claim) -> None:
    photo = Photo.objects.select_related("event").filter(pk=claim.photo_id).first()
    if photo is not None and photo.status != Photo.Status.READY:
        publishing.demand_space(photo)
    data = reading.read(Photo, claim.photo_id, "original")
    if photo is None:
        logger.info("scan_superseded scan=%s reason=photo_removed", claim.scan_id)
        return
    if data is None:
        raise UnusableImage("original_missing")
    image = images.decode(data, min_side=renditions.PREVIEW_SIDE)
    stripped_size = downloads.stripped_size(data, arrived=photo.uploaded_at)
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
    claim: Claim, photo: Photo, index: FaceIndex, found: list[FoundFace], guests: dict[int, str]
) -> bool:
    """Faces, matches and the end of the scan: all together, and only if the claim still holds."""
    with matching.matching(photo.event_id, with_others=True):
        there = _enrolled(photo.event, index)
        if there.keys() - guests.keys():  # enrolled while the photo was compared with the others
            claims.give_back(claim, 0, counted=False)
            jobs.enqueue("scan", claim.scan_id)
            return True
        ended = claims.claimed(claim).update(
            state=PhotoScan.State.DONE,
            finished_at=Now(),
            failure_code="",
            face_count=len(found),
            answered=None,
        )
        if not ended:
            logger.info("scan_superseded scan=%s", claim.scan_id)
            return False
        left = comparing.touched(photo.event, [photo.pk])
        faces = _store_faces(photo, index.name, found)
        _store_similar(faces, found, there)
        matches = matching.match_photo(photo.event, index, photo.pk, left)
        matching.forget_strangers(photo.event, photo.faces.all())
    logger.info("scan_done photo=%s faces=%s matches=%s", photo.pk, len(found), matches)
    renewing.ask_if_resting(photo.event)
    return True


def _enrolled(event: Event, index: FaceIndex) -> dict[int, str]:
    """The enrollments that a remote index of guests only compares a photo with, and their pools."""
    if not index.is_remote or event.indexing != Event.Indexing.GUESTS_ONLY:
        return {}
    enrolled = Enrollment.objects.in_event(event, index.name).searchable()
    return dict(enrolled.values_list("pk", "pool"))


def _answered(claim: Claim, guests: dict[int, str]) -> Answers:
    """What an earlier attempt was answered about the same guests."""
    answered = claim.answered
    if answered is None or answered["enrollments"] != sorted(guests):
        return {}
    answers: Answers = answered["boxes"]
    return answers


def _keep_answers(
    claim: Claim, event: Event, index: FaceIndex, answers: Answers, guests: dict[int, str]
) -> None:
    """Keep for the next attempt what was paid for, unless one of the guests withdrew meanwhile."""
    with matching.matching(event.pk, with_others=True):
        if guests.keys() <= _enrolled(event, index).keys():
            answered = {"boxes": answers, "enrollments": sorted(guests)}
            claims.claimed(claim).update(answered=answered)


def _store_similar(faces: list[Face], found: list[FoundFace], guests: dict[int, str]) -> None:
    """A pool's answer is that of each of its selfies: it stays as long as one of them does."""
    FaceSimilarity.objects.bulk_create(
        FaceSimilarity(enrollment_id=enrollment_id, face=face, similarity=seen.similar[pool])
        for face, seen in zip(faces, found, strict=True)
        for enrollment_id, pool in guests.items()
        if pool in seen.similar
    )


def _move_to_active(claim: Claim, photo: Photo) -> None:
    """The photo came while its event's index was replaced: the one in use has the scan."""
    with transaction.atomic():
        if not claims.claimed(claim).delete()[0]:
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
