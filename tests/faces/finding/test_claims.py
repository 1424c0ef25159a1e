"""The claims of workers that are gone come back, and a photo that kills them stops."""

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from faces.finding import claims, scanning
from faces.models import PhotoScan
from faces.working.models import GONE_AFTER
from photos.intake.ingest import ingest
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def scan(event):
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    return PhotoScan.objects.get()


def no_sign_of_life_any_more():
    PhotoScan.objects.update(claimed_at=Now() - GONE_AFTER)


def sweep():
    claims.return_stale()
    return scanning.enqueue_lost()


def test_the_sweep_returns_the_claim_of_a_worker_that_is_gone_and_enqueues_it(scan):
    claims.take(scan.pk)
    OrmQ.objects.all().delete()
    assert sweep() == 0
    no_sign_of_life_any_more()
    assert sweep() == 1
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == ("queued", 1)


def test_a_worker_that_takes_its_time_keeps_its_claim_by_signs_of_life(scan):
    claim = claims.take(scan.pk)
    no_sign_of_life_any_more()
    claims.refresh(claim)
    claims.return_stale()
    assert claims.claimed(claim).exists()


def test_a_worker_that_lost_its_claim_gives_no_sign_of_life_for_the_next(scan):
    claim = claims.take(scan.pk)
    no_sign_of_life_any_more()
    claims.return_stale()
    claims.take(scan.pk)
    no_sign_of_life_any_more()
    claims.refresh(claim)
    claims.return_stale()
    assert PhotoScan.objects.get().state == "queued"


def test_a_photo_that_kills_its_worker_stops_after_three_attempts(scan):
    for _ in range(3):
        assert claims.take(scan.pk)
        no_sign_of_life_any_more()
        sweep()
    scan.refresh_from_db()
    assert (scan.state, scan.failure_code) == ("failed", "internal_error")
