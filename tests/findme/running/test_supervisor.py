"""Children are kept running and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django_q.models import OrmQ
from django_q.tasks import async_task

from findme.running.supervisor import Backoff, Child

PROJECT = Path(__file__).resolve().parents[3]

# A supervisor of one child: `sys.argv[2:]`, with short times.
SUPERVISOR = """
import sys
from findme.running.supervisor import Backoff, Child, Supervisor
child = Child("child", sys.argv[1:], backoff=Backoff(first_seconds=0.05), orphan_signal=9)
Supervisor([child], grace_seconds=0.5).run()
"""
# `manage.py worker` with short limits.
WORKER = """
import django
django.setup()
from findme.management.commands.worker import cluster
from findme.running.queue_watch import StallDetector, QueueWatcher
from findme.running.supervisor import Supervisor
child = cluster()
watch = QueueWatcher(child, StallDetector(2, 2), every_seconds=0.5)
Supervisor([child], [watch]).run()
watch.end()
"""
NOTE_PID = "import os, sys; print(os.getpid(), file=open({notes!r}, 'a'), flush=True)\n"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 1:
    subprocess.Popen([sys.executable, "-c", {code!r}, "grandchild"])
time.sleep(60)
"""


class Notes:
    """A file in which processes write their pids."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pids(self) -> list[int]:
        return [int(line) for line in self.path.read_text().split()] if self.path.exists() else []

    def alive(self) -> list[int]:
        return [pid for pid in self.pids() if is_running(pid)]

    def code(self, rest: str) -> str:
        return NOTE_PID.format(notes=str(self.path)) + rest

    def stubborn(self) -> str:
        """Ignores SIGTERM, as does the child it has."""
        inner = self.code("import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(60)")
        return self.code(STUBBORN.format(code=inner))


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    notes = Notes(tmp_path / "pids")
    yield notes
    for pid in notes.alive():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def supervise(notes: Notes) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    started = []

    def start(child: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SUPERVISOR, sys.executable, "-c", child]
        process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_running(pid: int) -> bool:
    """Not counting ended ones that nobody has collected yet."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").exists()


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_child_that_ends_is_started_again(supervise, notes):
    supervise(notes.code("sys.exit(3)"))
    wait_for(lambda: len(notes.pids()) >= 3)


def test_a_child_that_is_replaced_starts_at_once():
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = Child("child", sleep, backoff=Backoff(first_seconds=1000))
    child.start(0)
    try:
        child.replace()
        child.tick(1)
        assert child.restarts == 1
        child.kill()  # whereas one that ends by itself waits
        child.tick(2)
        assert child.restarts == 1
    finally:
        child.kill()


def test_sigterm_ends_supervisor_and_child(supervise, notes):
    process = supervise(notes.code("import time; time.sleep(60)"))
    wait_for(notes.pids)
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert notes.alive() == []
    assert len(notes.pids()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_children_and_grandchildren_that_ignore_sigterm_are_killed(supervise, notes, number):
    process = supervise(notes.stubborn())
    wait_for(lambda: len(notes.pids()) == 2)
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    assert notes.alive() == []


def test_what_a_dead_child_left_behind_is_killed_before_the_next(supervise, notes):
    process = supervise(notes.stubborn())
    wait_for(lambda: len(notes.pids()) == 2)
    first, grandchild = notes.pids()
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_running(grandchild))
    wait_for(lambda: len(notes.pids()) == 4)
    process.terminate()
    process.wait(timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent")
def test_a_killed_supervisor_leaves_no_child(supervise, notes):
    process = supervise(notes.code("import time; time.sleep(60)"))
    wait_for(notes.pids)
    process.kill()
    wait_for(lambda: notes.alive() == [])


def test_restarts_come_at_growing_distances_until_a_long_run():
    backoff = Backoff()
    assert [backoff.after(0) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.after(60) == 0.5
    assert backoff.after(59) == 1


def database_url() -> str:
    """The test database's, for processes of their own."""
    place = connection.settings_dict
    access = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}"
    return f"postgres://{access}/{place['NAME']}"


def descendants(pid: int) -> list[int]:
    """All processes below one, nearest first."""
    import psutil

    return [process.pid for process in psutil.Process(pid).children(recursive=True)]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """As `manage.py worker`, with one process for jobs and limits of two seconds."""
    settings = {"DJANGO_SETTINGS_MODULE": "findme.settings", "WORKERS": "1"}
    environment = {**os.environ, **settings, "DATABASE_URL": database_url()}
    process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=PROJECT, env=environment)
    yield process
    process.terminate()
    try:
        process.wait(timeout=60)
    finally:
        process.kill()


def enqueue() -> None:
    async_task("math.sqrt", 4, cluster="findme")


def queue_is_empty() -> bool:
    return not OrmQ.objects.exists()


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_idle_does_not_stop_the_queue(worker):
    enqueue()
    wait_for(queue_is_empty, 60)
    cluster, guard, *workers = descendants(worker.pid)
    for pid in workers:  # the one for jobs among them, while it waits for the next
        os.kill(pid, signal.SIGKILL)
    enqueue()
    wait_for(queue_is_empty, 90)  # on a busy machine more than one is replaced
    everybody = [cluster, guard, *descendants(worker.pid)]
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    assert [pid for pid in everybody if is_running(pid)] == []


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent")
def test_a_killed_supervisor_leaves_no_worker(worker):
    enqueue()
    wait_for(queue_is_empty, 60)
    everybody = descendants(worker.pid)
    assert len(everybody) >= 4
    worker.kill()
    wait_for(lambda: not any(is_running(pid) for pid in everybody))
