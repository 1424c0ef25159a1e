"""What is to be removed from the face services: faces and pools whose rows are gone, indexes out of
use.

Rows go first, what they name at the service after the commit; `RemoteRemoval` remembers it until
the service confirms. Work that died between the service's answer and our commit leaves faces and
pools that no row ever named: those are looked for by comparing the collection with our rows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from events.models import Event
from faces.errors import IndexRefused, IndexUnavailable
from faces.index.contract import RemoteIndex
from faces.index.indexes import indexes_of, is_remote, load
from faces.index.models import EventIndex, RemoteRemoval
from faces.models import Consent, Enrollment, Face, GuestModel, PhotoScan, Selfie
from faces.working import leases
from findme import jobs

logger = logging.getLogger(__name__)

# Longer than a job may run: by then, what was under way is finished or dead.
ABANDONED = timedelta(minutes=5)
# Each collection is compared with our rows this often, whatever happened.
RECONCILE_EVERY = timedelta(days=1)
AT_A_TIME = 10_000


def ask_for(event: Event) -> None:
    """Have the event's remote faces whose rows are gone removed when this transaction commits.

    And later look for what may be on its way to the service just now, if its work dies.
    """
    for index in indexes_of(event):
        if is_remote(index):
            look_later(index)
            jobs.enqueue("tidy", index.row.pk)


def look_later(index: RemoteIndex) -> None:
    """Have what no row names looked for at the service, when work under way is over."""
    not_before = timezone.now() + ABANDONED
    RemoteRemoval.objects.create(index_name=index.name, not_before=not_before)


def remember(
    index: RemoteIndex, remote_face_ids: Sequence[str] = (), pools: Sequence[str] = ()
) -> None:
    """Note what the service holds and no row will name. The sweep has it removed.

    Of an index that is removed nothing is left to note.
    """
    if not EventIndex.objects.filter(pk=index.row.pk).exists():
        return
    name = index.name
    noted = [RemoteRemoval(index_name=name, remote_face_id=face_id) for face_id in remote_face_ids]
    noted += [RemoteRemoval(index_name=name, pool=pool) for pool in pools]
    RemoteRemoval.objects.bulk_create(noted)


def tidy(index_id: int) -> None:
    """Remove from one index what is due; what cannot be removed now stays due."""
    row = EventIndex.objects.filter(pk=index_id).first()
    if row is None:
        return
    try:
        if row.event_id is None or row.state == EventIndex.State.RETIRED:
            _remove_index(row)
        else:
            _remove_faces(row)
    except (IndexUnavailable, IndexRefused) as error:
        logger.warning("removal_delayed index=%s reason=%s", row.name, error)


def sweep() -> None:
    """Enqueue each index with something to remove, or not looked at for a day."""
    now = timezone.now()
    due = RemoteRemoval.objects.due().values("index_name")
    long_ago = Q(reconciled_at=None, made_at__lt=now - RECONCILE_EVERY)
    long_ago |= Q(reconciled_at__lt=now - RECONCILE_EVERY)
    waiting = EventIndex.objects.filter(Q(name__in=due) | long_ago) | EventIndex.objects.unneeded()
    jobs.enqueue_many("tidy", waiting.order_by("pk").values_list("pk", flat=True))


def reconcile(index: RemoteIndex) -> int:
    """Remove what the collection holds and nothing knows. Returns how many faces and pools.

    The collection is read first, then what is still to be done, then our rows: what is on its way
    in the first is in the second, or its work has ended since, and the third names it.
    """
    remote, pools = index.faces(), index.pools()
    expected = _expected_sources(index)
    known = _known(index, {face.face_id for face in remote})
    unknown = [f.face_id for f in remote if f.face_id not in known and f.source not in expected]
    with _pools_kept(index):
        nobody_s = sorted({*pools} - expected - _known_pools(index))
        if unknown or nobody_s:
            logger.warning(
                "faces_abandoned index=%s faces=%s pools=%s",
                index.name,
                len(unknown),
                len(nobody_s),
            )
            index.forget(unknown, nobody_s)
    EventIndex.objects.filter(pk=index.row.pk).update(reconciled_at=timezone.now())
    return len(unknown) + len(nobody_s)


def _remove_faces(row: EventIndex) -> None:
    index = load(row)
    due = RemoteRemoval.objects.due().filter(index_name=row.name)
    while batch := list(due.order_by("pk")[:AT_A_TIME]):
        if is_remote(index):
            _forget(index, batch)
            if any(not (removal.remote_face_id or removal.pool) for removal in batch):
                reconcile(index)
        RemoteRemoval.objects.filter(pk__in=[removal.pk for removal in batch]).delete()
    if is_remote(index) and _is_long_ago(row):
        reconcile(index)


def _forget(index: RemoteIndex, batch: list[RemoteRemoval]) -> None:
    """Pools first: a face that is in one cannot be deleted."""
    pools = {removal.pool for removal in batch} - {""}
    if pools:
        with _pools_kept(index):
            index.forget([], sorted(pools - _known_pools(index)))
    named = {removal.remote_face_id for removal in batch} - {""}
    # A photo that was looked at again has the same faces, under the same ids.
    gone = named - _known(index, named)
    if gone:
        index.forget(sorted(gone))


def _remove_index(row: EventIndex) -> None:
    """A whole index at once. Its rows last: until then the sweep knows that it is there."""
    index = load(row)
    with index.exclusion() if is_remote(index) else nullcontext():
        if is_remote(index):
            index.drop()
        if row.event_id is not None:
            for model in (Enrollment, GuestModel, Face, PhotoScan):
                model.objects.filter(event_id=row.event_id, index_name=row.name).delete()
        RemoteRemoval.objects.filter(index_name=row.name).delete()
        row.delete()
    logger.info("index_removed index=%s", row.name)


def _known(index: RemoteIndex, face_ids: set[str]) -> set[str]:
    named = {"index_name": index.name, "remote_face_id__in": face_ids}
    faces = Face.objects.filter(**named).values_list("remote_face_id", flat=True)
    enrolled = Enrollment.objects.filter(**named).values_list("remote_face_id", flat=True)
    return {*faces, *enrolled}


def _known_pools(index: RemoteIndex) -> set[str]:
    pooled = Enrollment.objects.filter(index_name=index.name).exclude(pool="")
    return set(pooled.values_list("pool", flat=True))


@contextmanager
def _pools_kept(index: RemoteIndex) -> Iterator[None]:
    """Inside, no selfie is put into a pool that is taken for nobody's. Raises `IndexUnavailable`
    where somebody fills pools: that may take its time."""
    with leases.if_free(pools_lease(index.row.event_id)) as lease:
        if lease is None:
            raise IndexUnavailable("pools are being filled")
        yield


def pools_lease(event_id: int | None) -> str:
    return f"pools.{event_id}"


def _expected_sources(index: RemoteIndex) -> set[str]:
    """Selfies and photos whose work is not finished: the service may hold their faces, and pools
    that are named after them, already."""
    scans = PhotoScan.objects.unfinished().filter(index_name=index.name)
    photos = scans.values_list("photo_id", flat=True)
    consents = Consent.objects.filter(event=index.row.event).in_force().covering(index.row.kind)
    selfies = Selfie.objects.accepted().filter(user__in=consents.values("user"))
    finished = Enrollment.objects.filter(index_name=index.name)
    if index.row.event is not None and index.row.event.indexing == Event.Indexing.GUESTS_ONLY:
        finished = finished.searchable()
    waiting = selfies.exclude(enrollments__in=finished).values_list("pk", flat=True)
    return {f"photo-{pk}" for pk in photos} | {f"selfie-{pk}" for pk in waiting}


def _is_long_ago(row: EventIndex) -> bool:
    last = row.reconciled_at or row.made_at
    return last is not None and last < timezone.now() - RECONCILE_EVERY
