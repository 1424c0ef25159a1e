"""Every photo ends in one state, with one finished scan of the index that its event uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from events.models import Event
from faces.finding import claims, reindexing, scanning
from faces.index.indexes import index_of
from faces.index.models import EventIndex, EventIndexQuerySet
from faces.models import Enrollment, Face, GuestModel, PhotoScan
from faces.querysets import IS_DONE, IS_FAILED, PhotoScanQuerySet
from faces.working import leases
from faces.working.models import Lease, LeaseQuerySet
from findme import jobs
from findme.diagnosis import Rule, broken
from findme.health import queue_rests
from photos.models import Photo
from photos.querysets import PhotoQuerySet

# What lost its job is enqueued within a minute or two, where nothing else waits.
LOST = timedelta(minutes=15)
# A claim without a sign of life for 20 s is nobody's; the sweep gives those back each minute.
CLAIM_STALE = timedelta(minutes=6)
# The sweep drops them after a minute or two.
LEASE_STALE = timedelta(hours=1)
# An index that is being built has a photo looked at, or takes over.
NO_PROGRESS = timedelta(hours=1)
# Grouped along the index that keeps faces unique: no face is read.
COUNTS_DIFFER = """
    SELECT scan.id FROM faces_photoscan scan
      LEFT JOIN (SELECT photo_id, index_name, count(*) AS faces FROM faces_face
                  GROUP BY photo_id, index_name) AS found USING (photo_id, index_name)
     WHERE scan.state = 'done' AND scan.face_count <> coalesce(faces, 0)
"""


def _known(**state: Any) -> Exists:
    """That an event has the index which a row names."""
    own = EventIndex.objects.filter(event=OuterRef("event"), name=OuterRef("index_name"))
    return Exists(own.filter(**state))


def _current() -> PhotoScanQuerySet:
    return PhotoScan.objects.filter(_known(state=EventIndex.State.ACTIVE))


def _unscanned() -> PhotoQuerySet:
    """Failed ones need none: no other index would fare better."""
    scanned = _current().filter(photo=OuterRef("pk"))
    photos = Photo.objects.kept().not_failed()
    return photos.filter(~Exists(scanned), event__deletion_started_at=None)


def _queue_scans() -> int:
    events = Event.objects.filter(pk__in=_unscanned().values("event"))
    return sum(reindexing.queue_missing_scans(event, index_of(event).name) for event in events)


def _unlike_photo() -> PhotoScanQuerySet:
    """Scans that ended while their photo did not, or did otherwise."""
    unended = Q(photo__status=Photo.Status.PROCESSING) & (IS_DONE | IS_FAILED)
    return _current().filter(unended | (Q(photo__status=Photo.Status.FAILED) & IS_DONE))


def _agree() -> int:
    """A photo fails with its scan; one whose scan found faces is prepared by another look."""
    unended = Photo.objects.filter(status=Photo.Status.PROCESSING)
    ended = sum(
        unended.filter(pk=scan.photo_id).update(
            status=Photo.Status.FAILED, failure_code=scan.failure_code
        )
        for scan in _unlike_photo().failed()
    )
    return ended + _look_again(_unlike_photo().done())


def _look_again(scans: PhotoScanQuerySet) -> int:
    with transaction.atomic():
        ids = list(scans.done().select_for_update(of=("self",)).values_list("pk", flat=True))
        PhotoScan.objects.filter(pk__in=ids).update(
            state=PhotoScan.State.QUEUED, attempts=0, available_at=timezone.now()
        )
        jobs.enqueue_many("scan", ids)
    return len(ids)


def _lost() -> PhotoScanQuerySet:
    """Due for long, while nothing is in the queue: what has its job waits there too."""
    if not queue_rests():
        return PhotoScan.objects.none()
    return PhotoScan.objects.in_use().due().filter(available_at__lt=timezone.now() - LOST)


def _enqueue_lost() -> int:
    return scanning.enqueue_lost() if _lost().exists() else 0


def _claimed_for_long() -> PhotoScanQuerySet:
    return PhotoScan.objects.running().filter(claimed_at__lt=timezone.now() - CLAIM_STALE)


def _give_back() -> int:
    """Enqueued too: what kills whoever takes it waits ever longer. A second job finds nothing."""
    stale = list(_claimed_for_long().values_list("pk", flat=True))
    claims.return_stale()
    given_back = PhotoScan.objects.filter(pk__in=stale).exclude(state=PhotoScan.State.RUNNING)
    waiting = given_back.due().order_by("pk").values_list("pk", flat=True)
    jobs.enqueue_many("scan", list(waiting))
    return given_back.count()


def _abandoned() -> LeaseQuerySet:
    return Lease.objects.filter(alive_at__lt=Now() - LEASE_STALE)


def _drop_leases() -> int:
    count = _abandoned().count()
    leases.sweep()
    return count


def _miscounted() -> PhotoScanQuerySet:
    return _current().filter(pk__in=RawSQL(COUNTS_DIFFER, ()))  # noqa: S611


def _of_no_index() -> list[QuerySet[Any]]:
    """A scan that waits is moved to the index in use when its turn comes."""
    scans = PhotoScan.objects.filter(IS_DONE | IS_FAILED)
    rows = (Enrollment.objects.all(), GuestModel.objects.all(), Face.objects.all(), scans)
    return [each.filter(~_known()) for each in rows]


def _remove_of_no_index() -> int:
    """As the removal of an index does; triggers note what a service still holds."""
    return sum(each.delete()[0] for each in _of_no_index())


def _building_stuck() -> EventIndexQuerySet:
    if not queue_rests():
        return EventIndex.objects.none()
    since = timezone.now() - NO_PROGRESS
    scans = PhotoScan.objects.filter(event=OuterRef("event"), index_name=OuterRef("name"))
    building = EventIndex.objects.building().filter(created_at__lt=since)
    return building.filter(
        ~Exists(scans.finished_since(since)), event__deletion_started_at__isnull=True
    ).exclude(event=None)


def _go_on_building() -> int:
    events = list(_building_stuck().values_list("event", flat=True))
    jobs.enqueue_many("reindex", events)
    return len(events)


RULES = (
    Rule(
        "scan_claim_stale",
        "photos that a worker took and did not finish",
        "The worker is gone, and none runs that gives its work back. Start one (manage.py worker,"
        " or run). --repair gives the photos back.",
        lambda: broken(_claimed_for_long()),
        _give_back,
        "claims given back",
    ),
    Rule(
        "lease_abandoned",
        "what processes had taken on alone, and did not give back for an hour",
        "They are gone, and no worker runs that tidies up. Nothing waits for it: whoever wants one"
        " of them takes it. --repair drops them.",
        lambda: broken(_abandoned()),
        _drop_leases,
        "leases dropped",
    ),
    Rule(
        "index_unknown",
        "scans, faces, selfies and models in an index that their event does not have",
        "Nothing is compared with them any more. --repair removes them, as the removal of the index"
        " would have; what a service still holds is noted.",
        lambda: broken(*_of_no_index()),
        _remove_of_no_index,
        "rows removed",
    ),
    Rule(
        "photo_without_scan",
        "photos that nobody will look at: without a scan in the index in use",
        "--repair queues their scans.",
        lambda: broken(_unscanned()),
        _queue_scans,
        "scans queued",
    ),
    Rule(
        "photo_state_differs",
        "photos whose scan ended and that did not, or not alike",
        "--repair has photos end as their scan did, or be looked at again.",
        lambda: broken(_unlike_photo()),
        _agree,
        "photos mended or queued",
    ),
    Rule(
        "face_count_differs",
        "photos that have more or fewer faces than their scan found",
        "--repair has them looked at again; what guests said stays.",
        lambda: broken(_miscounted()),
        lambda: _look_again(_miscounted()),
        "scans queued",
    ),
    Rule(
        "scan_lost",
        "photos that wait to be looked at, and have no job",
        "A worker's sweep would have enqueued them: is one running? --repair enqueues them.",
        lambda: broken(_lost()),
        _enqueue_lost,
        "scans enqueued",
    ),
    Rule(
        "index_building_stuck",
        "indexes being built in which nothing was done for an hour",
        "Look for reindex among the jobs that failed. --repair has it gone on with.",
        lambda: broken(_building_stuck()),
        _go_on_building,
        "events enqueued",
    ),
)
