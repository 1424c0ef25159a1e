"""Real workers on the test database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from faces.models import PhotoScan

ROOT = Path(__file__).resolve().parent.parent


def start_worker(**variables: str) -> subprocess.Popen[bytes]:
    """`manage.py worker` with one process for jobs; needs a database that tests commit to."""
    return start("worker", WORKERS="1", **variables)


def start(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """`manage.py` as a process of its own, on the database of the tests."""
    return _process("manage.py", *arguments, **variables)


def start_python(program: str, **variables: str) -> subprocess.Popen[bytes]:
    """A process of the product that runs these lines, with Django set up."""
    program = f"import django; django.setup()\n{program}"
    return _process("-c", program, DJANGO_SETTINGS_MODULE="findme.settings", **variables)


def database_url() -> str:
    """Of the database of the tests."""
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{name}".format(
        **settings.DATABASES["default"], name=connection.settings_dict["NAME"]
    )


def _process(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    ours = {"DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING"}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **ours, **variables}
    )


def stop_worker(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def run_jobs() -> int:
    """Do here what a worker would: every job, those that jobs enqueue too, until none is left.

    Work that was put back for later is due at once.
    """
    done = 0
    while job := OrmQ.objects.order_by("id").first():
        job.delete()
        PhotoScan.objects.filter(state="queued").update(available_at=timezone.now())
        task = SignedPackage.loads(job.payload)
        import_string(task["func"])(*task["args"])
        done += 1
    return done
