"""Real workers on the test database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def scratch_url() -> str:
    """For other processes; they see what tests commit."""
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{name}".format(
        **settings.DATABASES["default"], name=connection.settings_dict["NAME"]
    )


def start_worker() -> subprocess.Popen[bytes]:
    """`manage.py worker` with one process for jobs; needs a database that tests commit to."""
    url = scratch_url()
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "WORKERS": "1", "LOG_LEVEL": "WARNING"},
    )


def stop_worker(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(20)
