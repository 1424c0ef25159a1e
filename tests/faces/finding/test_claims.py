"""The claims of workers that are gone come back, and a photo that kills them stops."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from faces.finding import claims, scanning
from faces.models import PhotoScan
from photos.intake.ingest import ingest
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def scan(event):
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    return PhotoScan.objects.get()


def sweep():
    claims.return_stale()
    return scanning.enqueue_lost()


def test_the_sweep_returns_a_stale_claim_and_enqueues_it(scan):
    claims.take(scan.pk)
    OrmQ.objects.all().delete()
    assert sweep() == 0  # still within its time, and this session lives
    long_ago = timezone.now() - timedelta(seconds=claims.CLAIM_SECONDS + 1)
    PhotoScan.objects.update(claimed_at=long_ago)
    assert sweep() == 1
    scan.refresh_from_db()
    assert scan.state == "queued"


def test_a_claim_whose_session_is_gone_is_returned_at_once(scan):
    claims.take(scan.pk)
    scan.refresh_from_db()
    role, pid, began = scan.claimed_in.rsplit(" ", 2)
    earlier = f"{pid} {float(began) - 1}"
    OrmQ.objects.all().delete()
    PhotoScan.objects.update(claimed_in=f"somebody {earlier}")  # whose sessions we cannot see
    assert sweep() == 0
    PhotoScan.objects.update(claimed_in=f"{role} {earlier}")
    assert sweep() == 1
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == ("queued", 1)


def test_a_photo_that_kills_its_worker_stops_after_three_attempts(scan):
    long_ago = timezone.now() - timedelta(seconds=claims.CLAIM_SECONDS + 1)
    for _ in range(3):
        assert claims.take(scan.pk)
        PhotoScan.objects.update(claimed_at=long_ago)
        sweep()
    scan.refresh_from_db()
    assert (scan.state, scan.failure_code) == ("failed", "internal_error")
