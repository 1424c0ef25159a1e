"""However many jobs wait: each is taken and watched by a look at a few rows, what heals is first,
and a host without work asks hardly anything."""

from __future__ import annotations

import select
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.conf import Conf
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from findme import jobs
from findme.queue import bell, rows
from findme.queue.broker import GuestsFirstBroker
from findme.queue.owner import owner
from findme.running.queue_watch import QueueWatcher, new_detector
from tests.faults.reading import rows_read
from tests.health import execute

pytestmark = pytest.mark.django_db

MANY = 20_000


@pytest.fixture
def backlog():
    """Photos that wait to be looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_q_ormq (key, payload, lock)"
            " SELECT 'findme', repeat('x', 400), now() FROM generate_series(1, %s)",
            [MANY],
        )


@pytest.mark.django_db(transaction=True)
def test_a_sweep_runs_first_behind_whatever_waits():
    jobs.enqueue_many("scan", range(500))
    jobs.enqueue_many("enroll", range(5))
    jobs.ensure_schedules()
    scheduler()
    first = rows.take("us")
    assert SignedPackage.loads(first.payload)["func"] == jobs.JOBS["sweep"]


@pytest.mark.parametrize("rank", ["photos", "guests"])
def test_taking_from_many_reads_a_few_pages(backlog, rank):
    key = {"photos": "findme", "guests": rows.FIRST_KEY}[rank]
    rows.add(key, ["first", "ours"])
    assert rows.take("us")  # of the session's first, the plan is made, by the catalogue's pages
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM findme_take_job('us', 0, 30)"
        )
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Actual Rows"] == 1
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200


def test_a_look_of_the_watch_reads_a_few_rows(backlog):
    execute("ANALYZE django_q_ormq")  # as PostgreSQL does by itself within a minute
    watcher = QueueWatcher(SimpleNamespace(pid=11), new_detector())
    assert rows.take(owner(11))
    before = rows_read("django_q_ormq")
    with CaptureQueriesContext(connection) as asked:
        watcher(100)
    assert len(asked) == 1
    assert rows_read("django_q_ormq") - before < 50


def test_a_batch_is_enqueued_by_a_few_statements():
    with CaptureQueriesContext(connection) as asked:
        jobs.enqueue_many("scan", range(MANY // 2))
    assert rows.standing().length == MANY // 2
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 4


def test_a_host_without_work_asks_less_than_once_a_second(monkeypatch):
    now = 1000.0

    def wait(*args):
        nonlocal now
        now += args[-1]
        return ([], [], [])

    clock = SimpleNamespace(monotonic=lambda: now, sleep=wait)
    monkeypatch.setattr(bell, "time", clock)
    monkeypatch.setattr(bell, "select", SimpleNamespace(select=wait, error=select.error))
    broker, began = GuestsFirstBroker(), now
    with CaptureQueriesContext(connection) as asked:
        while now < began + 60:
            assert broker.dequeue() is None
    assert Conf.POLL < 60
    assert 60 / bell.LONGEST_SECONDS <= len(asked) < 60
