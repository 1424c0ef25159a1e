"""Claims of scans: who may work at one and publish it, until when, and how it is given back."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from faces.models import PhotoScan
from faces.querysets import PhotoScanQuerySet
from faces.working.models import GONE_AFTER
from photos.models import Photo

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
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
        claimed_at=Now(),
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


def refresh(claim: Claim) -> None:
    """A sign of life, for `faces.working.heartbeat`."""
    claimed(claim).update(claimed_at=Now())


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
    """Give back the claims of workers that are gone. One that was only slow finds its claim gone
    at the end."""
    for scan in PhotoScan.objects.running().filter(claimed_at__lt=Now() - GONE_AFTER):
        if scan.attempt_id is not None:  # a constraint's promise, said to the type checker
            claim = Claim(scan.pk, scan.photo_id, scan.index_name, scan.attempt_id, scan.attempts)
            logger.warning("scan_claim_stale scan=%s attempt=%s", scan.pk, scan.attempts)
            give_back(claim, 0, counted=True)
