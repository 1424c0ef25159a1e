"""How the queue grows: python benchmarks/scale_queue.py [--clusters 8] [--seconds 4] [--json]

Jobs that do nothing, with 100, 10,000 and 100,000 of them waiting: taken and acknowledged through
our broker by eight processes, beside the same two statements in a plain loop; by real clusters; and
beside a transaction that stays open, which keeps every removed row. Then how long adding takes, and
what an idle worker asks of the database.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import psycopg2
from scratch import ROOT, report, scratch_database

LEVELS = (100, 10_000, 100_000)
TAKERS = 8
# So many are added again at once; the level must not run dry between.
AGAIN = 8
IDLE_SECONDS = 20
Step = Callable[[], bool]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clusters", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    with scratch_database() as url:
        table = rates(url, options.clusters, options.seconds)
        rest = adding() | idle(url)
    print("\n| jobs a second | " + " | ".join(f"{level:,} waiting" for level in LEVELS) + " |")
    print("|---|" + "---|" * len(LEVELS))
    for name, by_level in table.items():
        print(f"| {name} | " + " | ".join(f"{by_level[level]:,.0f}" for level in LEVELS) + " |")
    flat = {f"{name}: least of most": least_of_most(by_level) for name, by_level in table.items()}
    report(f"Queue, {os.cpu_count()} cores", {**flat, **rest}, as_json=options.json)


def least_of_most(by_level: dict[int, float]) -> float:
    return min(by_level.values()) / max(by_level.values())


def rates(url: str, clusters: int, seconds: float) -> dict[str, dict[int, float]]:
    """Twice each, in turn: shared machines change their speed within a minute."""
    through, bare, old, real = (
        "our broker",
        "bare SQL",
        "our broker, beside an old transaction",
        f"{clusters} clusters",
    )
    table: dict[str, dict[int, list[float]]] = {through: {}, bare: {}, old: {}, real: {}}
    for _ in range(2):
        for level in LEVELS:
            note = lambda name, rate: table[name].setdefault(level, []).append(rate)  # noqa: B023,E731
            note(through, taken_a_second(level, through_the_broker, seconds))
            note(bare, taken_a_second(level, in_a_plain_loop, seconds))
    for level in LEVELS:
        with an_old_transaction(url):
            table[old][level] = [taken_a_second(level, through_the_broker, seconds)]
    with running(*["qcluster"], times=clusters):
        for level in LEVELS:
            table[real][level] = [worked_a_second(level, seconds * 2)]
    return {
        name: {level: statistics.mean(found) for level, found in by_level.items()}
        for name, by_level in table.items()
    }


def fill(level: int) -> None:
    """Jobs that do nothing. One payload serves them all: nobody looks whether it is the same."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_q_ormq")
        cursor.execute(
            "INSERT INTO django_q_ormq (key, payload, lock)"
            " SELECT 'findme', %s, now() FROM generate_series(1, %s)",
            [payload(), level],
        )
        cursor.execute("ANALYZE django_q_ormq")


def payload() -> str:
    from django.utils import timezone
    from django_q.signing import SignedPackage

    task = {"id": "0" * 32, "name": "nothing", "func": "math.sqrt", "args": (4,), "kwargs": {}}
    return str(SignedPackage.dumps({**task, "started": timezone.now(), "ack_failure": True}))


def taken_a_second(level: int, make_step: Callable[[], Step], seconds: float) -> float:
    from django.db import connections

    fill(level)
    connections.close_all()
    begin, out = multiprocessing.Barrier(TAKERS), multiprocessing.Queue()
    takers = [
        multiprocessing.Process(target=take, args=(make_step, seconds, begin, out))
        for _ in range(TAKERS)
    ]
    for taker in takers:
        taker.start()
    count = sum(out.get() for _ in takers)
    for taker in takers:
        taker.join()
    return float(count / seconds)


def take(make_step: Callable[[], Step], seconds: float, begin: Any, out: Any) -> None:
    step, count = make_step(), 0
    begin.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        count += step()
    out.put(count)


def through_the_broker() -> Step:
    from django.db import connection

    from findme.queue import rows
    from findme.queue.broker import GuestsFirstBroker

    broker, done = GuestsFirstBroker("findme"), []
    connection.ensure_connection()
    commit_without_waiting(connection.connection)

    def step() -> bool:
        job = broker.dequeue()
        if job is None:
            return False
        broker.acknowledge(job[0][0])
        done.append(job[0][1])
        if len(done) == AGAIN:
            rows.add("findme", done)
            done.clear()
        return True

    return step


def in_a_plain_loop() -> Step:
    """The least that a queue in PostgreSQL does: the oldest row that nobody has."""
    from django.db import connection

    connection.ensure_connection()
    commit_without_waiting(connection.connection)
    cursor, done = connection.connection.cursor(), []

    def step() -> bool:
        cursor.execute(TAKE)
        job = cursor.fetchone()
        if job is None:
            return False
        cursor.execute("DELETE FROM django_q_ormq WHERE id = %s", [job[0]])
        done.append(job[1])
        if len(done) == AGAIN:
            cursor.execute(ADD, [done])
            done.clear()
        return True

    return step


TAKE = """
UPDATE django_q_ormq SET findme_owner = 'bare', lock = now() + interval '30 seconds'
WHERE id = (
    SELECT id FROM django_q_ormq WHERE findme_owner IS NULL
    ORDER BY findme_rank, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, payload
"""
ADD = "INSERT INTO django_q_ormq (key, payload, lock) SELECT 'findme', unnest(%s), now()"


def commit_without_waiting(raw: Any) -> None:
    """As workers do."""
    with raw.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


@contextmanager
def an_old_transaction(url: str) -> Iterator[None]:
    raw = psycopg2.connect(url)
    raw.set_session(isolation_level="REPEATABLE READ")
    raw.cursor().execute("SELECT 1")  # not of the table, which is emptied meanwhile
    try:
        yield
    finally:
        raw.close()


def worked_a_second(level: int, seconds: float) -> float:
    from django_q.models import OrmQ

    fill(level)
    time.sleep(1)
    began, first = time.monotonic(), OrmQ.objects.count()
    last = 0
    # A low level is gone in a moment: it is filled again, and what was worked is counted.
    while time.monotonic() < began + seconds:
        left = OrmQ.objects.count()
        if left < level - AGAIN * 4:
            last += add_again(level - left)
        time.sleep(0.02)
    return (first + last - OrmQ.objects.count()) / (time.monotonic() - began)


def add_again(count: int) -> int:
    from findme.queue import rows

    rows.add("findme", [payload()] * count)
    return count


@contextmanager
def running(*arguments: str, times: int = 1, workers: int = 1) -> Iterator[None]:
    environment = {**os.environ, "WORKERS": str(workers)}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    processes = [
        subprocess.Popen(command, env=environment, start_new_session=True) for _ in range(times)
    ]
    try:
        wait_until_taken()
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """By force where django-q waits for ever: its only worker had ended after its 500 jobs, and
    whoever hands it the next waits for it to be taken. Under a supervisor that is ended so too."""
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_taken() -> float:
    """Seconds until a job that is added now has been done."""
    from django.db import connection
    from django_q.models import OrmQ

    OrmQ.objects.all().delete()
    began = time.monotonic()
    add_again(1)
    while OrmQ.objects.exists():
        time.sleep(0.005)
        if time.monotonic() > began + 120:
            raise SystemExit("no worker takes jobs")
    connection.close()
    return time.monotonic() - began


def adding() -> dict[str, object]:
    from findme import jobs

    fill(0)
    began = time.monotonic()
    jobs.enqueue_many("scan", range(20_000))
    many = time.monotonic() - began
    began = time.monotonic()
    for scan_id in range(500):
        jobs.enqueue("scan", scan_id)
    single = time.monotonic() - began
    return {
        "20,000 added by enqueue_many, seconds": many,
        "added one by one, a second": 500 / single,
    }


def idle(url: str) -> dict[str, object]:
    """Of one host with a worker for each core."""
    from django.utils import timezone
    from django_q.models import Schedule

    from findme import jobs

    fill(0)
    jobs.ensure_schedules()
    with running("worker", workers=os.cpu_count() or 1):
        Schedule.objects.update(next_run=timezone.now() + timedelta(hours=1))
        time.sleep(8)
        asked = transactions_within(url, IDLE_SECONDS)
        delays = []
        for _ in range(5):
            time.sleep(2.5)
            delays.append(wait_until_taken())
    return {
        "idle host, transactions a second (PostgreSQL's own too)": asked / IDLE_SECONDS,
        "a sweep, statements": statements_of_a_sweep(),
        "job of an idle host done after, seconds (median of 5)": statistics.median(delays),
        "the same, longest": max(delays),
    }


def transactions_within(url: str, seconds: float) -> int:
    before = transactions(url)
    time.sleep(seconds)
    return transactions(url) - before


def transactions(url: str) -> int:
    """Committed and rolled back in this database. An idle host's are a statement each; some are
    PostgreSQL's own."""
    raw = psycopg2.connect(url.rpartition("/")[0] + "/postgres")
    raw.autocommit = True
    with raw.cursor() as cursor:
        name = url.rpartition("/")[2]
        cursor.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s", [name]
        )
        count = cursor.fetchone()[0]
    raw.close()
    return int(count)


def statements_of_a_sweep() -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from findme import sweeps

    with CaptureQueriesContext(connection) as asked:
        sweeps.run()
    return len(asked)


if __name__ == "__main__":
    main()
