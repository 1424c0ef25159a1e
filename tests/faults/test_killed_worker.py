"""Whatever dies in between, every accepted photo ends in exactly one final state."""

import time

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from faces.finding import claims
from faces.models import Face, PhotoScan
from faces.working.models import GONE_AFTER
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.workers import start_worker, stop_worker

pytestmark = [pytest.mark.faults, pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def nothing_is_claimed():
    claims.return_stale()
    return not PhotoScan.objects.filter(state="running").exists()


@pytest.fixture
def photos(event, samples):
    """18 photos that differ behind their end."""
    call_command("createcachetable", verbosity=0)
    for n in range(18):
        data = samples[n % 6].read_bytes() + bytes([n])
        ingest(event=event, data=data, name=f"{n}.jpg", uploader=None)


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(photos):
    done = PhotoScan.objects.filter(state="done")
    first = start_worker()
    wait_until(lambda: done.count() >= 3)
    first.kill()  # its children die with it
    first.wait(10)
    assert done.count() < 18
    OrmQ.objects.update(lock=timezone.now())  # django-q's own run out after minutes
    # As after this time: nobody gives a sign of life for what it had claimed.
    PhotoScan.objects.update(claimed_at=F("claimed_at") - GONE_AFTER)
    wait_until(nothing_is_claimed)
    second = start_worker()
    try:
        wait_until(lambda: done.count() == 18)
    finally:
        stop_worker(second)
    assert set(Photo.objects.values_list("status", flat=True)) == {"ready"}
    faces = Face.objects.values_list("photo", "ordinal")
    assert len(faces) == len(set(faces)) == 3 * 22
