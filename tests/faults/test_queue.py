"""Who dies gives its job back at once; who says that it goes on is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from tests.faults import queue_jobs
from tests.workers import start_worker, stop_worker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

STALL_SECONDS = 3


@pytest.fixture(scope="module")
def worker(django_db_setup, django_db_blocker) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py worker` for all tests here, with one process for jobs."""
    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)
        process = start_worker(FINDME_STALL_SECONDS=str(STALL_SECONDS))
        async_task("math.sqrt", 4)
        wait_for(lambda: not OrmQ.objects.exists())
    yield process
    stop_worker(process)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "starts"


def starts(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def wait_for(condition: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def work(function: Callable[..., None], *arguments: object) -> None:
    async_task(
        f"{queue_jobs.__name__}.{function.__name__}", *map(str, arguments[:1]), *arguments[1:]
    )


def test_what_a_killed_cluster_held_is_begun_again_by_the_next(worker, path):
    work(queue_jobs.hang_once, path)
    wait_for(lambda: starts(path))
    (cluster,) = psutil.Process(worker.pid).children()
    # Not for want of whoever holds it longer: who ended is known.
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    os.killpg(cluster.pid, signal.SIGKILL)
    wait_for(lambda: not OrmQ.objects.exists())
    assert len(starts(path)) == 2


def test_what_one_killed_process_of_a_cluster_held_is_begun_again(worker, path):
    work(queue_jobs.hang_once, path)
    wait_for(lambda: starts(path))
    (cluster,) = psutil.Process(worker.pid).children()
    os.kill(starts(path)[0], signal.SIGKILL)
    wait_for(lambda: not OrmQ.objects.exists())
    assert len(starts(path)) == 2
    assert cluster.is_running()


def test_a_job_that_takes_long_and_says_so_is_not_killed_though_others_wait(worker, path):
    work(queue_jobs.beat_for, path, STALL_SECONDS * 2.0)
    for _ in range(5):
        async_task("math.sqrt", 4)
    wait_for(lambda: not OrmQ.objects.exists())
    assert len(starts(path)) == 1
    assert Path(f"{path}.done").exists()


def test_a_job_that_takes_long_silently_is_killed_while_others_wait(worker, path):
    work(queue_jobs.hang_once, path)
    for _ in range(5):
        async_task("math.sqrt", 4)
    wait_for(lambda: not OrmQ.objects.exists())
    assert len(starts(path)) == 2
