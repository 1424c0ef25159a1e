"""Emptying the folders of the bucket that no row holds any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from findme import jobs
from photos.store import multipart, removals
from photos.store.configured import storage
from photos.store.faults import StoreUnavailable, as_store_unavailable
from photos.store.models import StoredObjectRemoval, objects_in

logger = logging.getLogger(__name__)

# These refuse one kind of request; the bucket may still take others.
RIGHTS = frozenset({"store_denied", "store_refused"})


def drain() -> int:
    """Do every due removal, or put them off. Returns how many folders are done."""
    done = 0
    while rows := removals.claim():
        try:
            finished = _do(rows)
        except StoreUnavailable as error:
            logger.warning("removal_postponed code=%s folders=%s", error.code, len(rows))
            _note(rows, error.code)
            break
        done += len(finished)
        StoredObjectRemoval.objects.filter(pk__in=[row.pk for row in finished]).delete()
        _note([row for row in rows if row not in finished], "store_refused")
    if done:
        logger.info("removals_done folders=%s", done)
    return done


def sweep() -> None:
    """Enqueue the removals that are due: a bucket that is away must not hold up the sweep."""
    if StoredObjectRemoval.objects.due().exists():
        jobs.enqueue("remove_objects", 0)


def _do(rows: list[StoredObjectRemoval]) -> list[StoredObjectRemoval]:
    """Those of the rows that are done: nothing is left, or a row holds what there is."""
    in_use = removals.in_use(row.folder for row in rows)
    unused = [row for row in rows if row.folder not in in_use]
    with as_store_unavailable():
        failed = {row.folder for row in unused if row.upload_id and not _aborted(row)}
        failed |= _delete(row.folder for row in unused)
    return [row for row in rows if row.folder not in failed]


def _aborted(row: StoredObjectRemoval) -> bool:
    """Forget an upload's parts. Who may not do that may still delete objects."""
    try:
        multipart.abort(row.folder, row.upload_id)
    except StoreUnavailable as error:
        if error.code not in RIGHTS:
            raise
        logger.warning("upload_not_aborted code=%s removal=%s", error.code, row.pk)
        return False
    return True


def _delete(folders: Iterable[str]) -> set[str]:
    """Delete what folders may hold, at most `removals.AT_ONCE`; those where that failed."""
    bucket = storage()
    folder_of = {
        bucket.key(f"{folder}/{name}"): folder for folder in folders for name in objects_in(folder)
    }
    if not folder_of:
        return set()
    answer = bucket.client.delete_objects(
        Bucket=bucket.bucket_name,
        Delete={"Objects": [{"Key": key} for key in folder_of], "Quiet": True},
    )
    return {folder_of[error["Key"]] for error in answer.get("Errors", [])}


def _note(rows: list[StoredObjectRemoval], code: str) -> None:
    pks = [row.pk for row in rows]
    StoredObjectRemoval.objects.filter(pk__in=pks).update(failure_code=code)
