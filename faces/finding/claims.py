"""Claims of scans: who may work at one and publish it, until when, and how it is given back."""

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

from faces.models import PhotoScan
from faces.querysets import PhotoScanQuerySet
from photos.models import Photo

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# Longer than a job may run (the queue's `timeout`): for what the sessions do not tell, as where a
# pooler stands between.
CLAIM_SECONDS = 240
# A session is named with its role, since a role does not see when another's sessions began, and
# with its beginning, since a process id comes again.
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
    # What `PhotoScan.answered` holds.
    answered: dict[str, Any] | None = None


def take(scan_id: int) -> Claim | None:
    """One conditional UPDATE: of all who try, one gets the scan. The attempt is counted here,
    so that a photo which kills its worker stops after a few."""
    attempt_id = uuid.uuid4()
    due = PhotoScan.objects.due().filter(pk=scan_id)
    taken = due.update(
        state=PhotoScan.State.RUNNING,
        attempts=F("attempts") + 1,
        attempt_id=attempt_id,
        claimed_at=timezone.now(),
        claimed_in=RawSQL(OWN_SESSION, ()),  # noqa: S611
    )
    if not taken:
        return None
    scan = PhotoScan.objects.filter(pk=scan_id, attempt_id=attempt_id).first()
    if scan is None:
        return None
    return Claim(scan_id, scan.photo_id, scan.index_name, attempt_id, scan.attempts, scan.answered)


def claimed(claim: Claim) -> PhotoScanQuerySet:
    """Its scan, or none once the claim is somebody else's."""
    return PhotoScan.objects.running().filter(pk=claim.scan_id, attempt_id=claim.attempt_id)


def fail(claim: Claim, code: str) -> None:
    """End the scan, and with it a photo that never became visible."""
    logger.info("scan_failed photo=%s code=%s", claim.photo_id, code)
    with transaction.atomic():
        if not claimed(claim).update(
            state=PhotoScan.State.FAILED, failure_code=code, finished_at=Now()
        ):
            return
        Photo.objects.unready().filter(pk=claim.photo_id).update(
            status=Photo.Status.FAILED, failure_code=code
        )


def give_back(
    claim: Claim, delay_seconds: int, *, counted: bool, code: str = "internal_error"
) -> None:
    """Make the scan claimable again later (the sweep enqueues it), or end it after the last try."""
    if counted and claim.attempts >= MAX_ATTEMPTS:
        fail(claim, code)
        return
    claimed(claim).update(
        state=PhotoScan.State.QUEUED,
        available_at=timezone.now() + timedelta(seconds=delay_seconds),
        attempts=F("attempts") if counted else F("attempts") - 1,
    )


def return_stale() -> None:
    """Give back the claims of workers that are gone. One that only lost its session finds its claim
    gone at the end."""
    stale_since = timezone.now() - timedelta(seconds=CLAIM_SECONDS)
    running = list(PhotoScan.objects.running())
    role, alive = _sessions()  # after the claims: who claims meanwhile is not among those
    for scan in running:
        is_stale = scan.claimed_at is None or scan.claimed_at < stale_since
        is_gone = scan.claimed_in.startswith(f"{role} ") and scan.claimed_in not in alive
        if not is_stale and not is_gone:
            continue
        if scan.attempt_id is not None:  # a constraint's promise, said to the type checker
            claim = Claim(scan.pk, scan.photo_id, scan.index_name, scan.attempt_id, scan.attempts)
            logger.warning("scan_claim_stale scan=%s attempt=%s", scan.pk, scan.attempts)
            give_back(claim, 0, counted=True)


def _sessions() -> tuple[str, set[str]]:
    """The role we are to the database, and the role's sessions: our own at least."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        rows = cursor.fetchall()
    return rows[0][0], {session for _, session in rows}
