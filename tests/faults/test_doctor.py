"""What a worker leaves that dies over a photo, `doctor --repair` mends, with no worker running.
Where there is no database, it says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from faces.models import Face, PhotoScan
from findme import jobs
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.fakes import picture
from tests.health import found
from tests.workers import ROOT, run_jobs, start_python

DIES_OVER_IT = """
import os, signal
from faces.finding import scanning
scanning.images.decode = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
scanning.run({scan_id})
"""


@pytest.fixture
def scan(event):
    """Of a photo over which its worker died half an hour ago; its job is held by the dead."""
    jobs.ensure_schedules()
    ingest(event=event, data=picture(people=[1]), name="a.jpg", uploader=None)
    scan = PhotoScan.objects.get()
    worker = start_python(DIES_OVER_IT.format(scan_id=scan.pk))
    assert worker.wait(60) == -signal.SIGKILL
    OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=9))
    PhotoScan.objects.update(claimed_at=timezone.now() - timedelta(minutes=30))
    return scan


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_photo_over_which_a_worker_died_is_given_back_once_and_looked_at(scan):
    assert PhotoScan.objects.get().state == "running"
    assert found(repair=True) == {"scan_claim_stale": "mended"}
    assert found(repair=True) == {}
    assert OrmQ.objects.count() == 2  # the job of the dead finds nothing left to do
    run_jobs()
    assert PhotoScan.objects.get().state == "done"
    assert Photo.objects.get().status == "ready"
    assert Face.objects.count() == 1
    assert found() == {}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": "", **variables}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("command", ["doctor", "migrate"])
def test_a_server_of_our_own_that_cannot_start_is_no_traceback(tmp_path, command):
    (tmp_path / "file").touch()
    done = manage(command, FINDME_PG_HOME=str(tmp_path / "file" / "pg"))
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Traceback" not in said
    assert "cannot use its folder" in said
    assert ("recognition: " in said) == (command == "doctor")
