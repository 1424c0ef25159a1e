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


def start_worker(**environment: str) -> subprocess.Popen[bytes]:
    """`manage.py worker` with one process for jobs; needs a database that tests commit to."""
    return start("worker", WORKERS="1", **environment)


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """`manage.py` as a process of its own, on the database of the tests."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING", **environment},
    )


def database_url() -> str:
    """Of the database of the tests."""
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{name}".format(
        **settings.DATABASES["default"], name=connection.settings_dict["NAME"]
    )


def stop_worker(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(20)
