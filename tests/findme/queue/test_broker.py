"""In which order jobs are taken, at what cost, and who gets what a dead holder had."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from findme import jobs
from findme.queue import guard, rows, working
from findme.queue.board import Board
from findme.queue.broker import GuestsFirstBroker
from findme.queue.guard import Guard
from findme.queue.owner import owner

pytestmark = pytest.mark.django_db


def name_of(payload: str) -> str:
    return str(SignedPackage.loads(payload)["name"])


def taken(count: int = 99) -> list[str]:
    """The names of the next jobs."""
    found = (rows.take("us") for _ in range(count))
    return [name_of(job.payload) for job in found if job is not None]


def run_out() -> None:
    OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))


def test_guests_come_before_photos_and_the_oldest_before_the_newest():
    jobs.enqueue_many("scan", [1, 2])
    jobs.enqueue("enroll", 3)
    assert taken() == ["enroll-3", "scan-1", "scan-2"]


@pytest.mark.django_db(transaction=True)
def test_one_sweep_waits_at_most():
    jobs.ensure_schedules()
    for _ in range(3):
        Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
        scheduler()
    assert OrmQ.objects.count() == 1
    assert rows.take("us")
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    scheduler()  # while one is at work the next may wait
    assert OrmQ.objects.count() == 2


def test_many_are_added_as_one_by_one(django_assert_num_queries):
    jobs.enqueue("scan", 1)
    with django_assert_num_queries(2):
        jobs.enqueue_many("scan", range(2, 3 + jobs.BATCH))
    one, other = (SignedPackage.loads(job.payload) for job in OrmQ.objects.order_by("id")[:2])
    assert one.keys() - {"cluster"} == other.keys()
    assert (one["func"], other["args"]) == (other["func"], (2,))
    assert OrmQ.objects.values("key").distinct().count() == 1


def test_what_is_rolled_back_is_not_queued():
    with transaction.atomic():
        jobs.enqueue_many("scan", [1])
        transaction.set_rollback(True)
    assert not jobs.any_waits()


def test_a_held_job_is_nobody_elses_until_its_time_runs_out():
    jobs.enqueue("scan", 1)
    assert taken() == ["scan-1"]
    assert not jobs.any_waits()
    run_out()
    assert jobs.any_waits()
    jobs.enqueue_many("scan", [2])
    assert taken() == ["scan-1", "scan-2"]


def test_a_kept_job_is_held_for_longer_but_not_for_ever():
    jobs.enqueue("scan", 1)
    job = rows.take("us")
    run_out()
    assert rows.keep("us", {job.id: False}) == {job.id}
    assert taken() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET findme_taken_at = now() - interval '1 hour'")
    assert rows.keep("us", {job.id: True}) == {job.id}
    assert taken() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET findme_taken_at = now() - interval '1 hour'")
    rows.keep("us", {job.id: False})
    assert taken() == ["scan-1"]


def test_nobody_keeps_what_is_anothers_or_gone():
    jobs.enqueue("scan", 1)
    job = rows.take("another")
    assert rows.keep("us", {job.id: True, 12345: False}) == set()


def test_what_kills_whoever_takes_it_waits_ever_longer():
    jobs.enqueue("scan", 1)
    assert taken() == ["scan-1"]
    assert rows.give_back("us") == 1
    assert taken() == ["scan-1"]
    assert rows.give_back("us") == 1
    assert taken() == []
    assert OrmQ.objects.get().lock > timezone.now() + timedelta(seconds=5)


def test_a_broker_finds_what_comes_back_before_the_last_it_took():
    jobs.enqueue_many("scan", [1, 2])
    broker = GuestsFirstBroker()
    ((_, _),) = broker.dequeue()
    ((_, _),) = broker.dequeue()
    rows.give_back(owner())
    found = [job for _ in range(3) for job in broker.dequeue() or []]
    assert sorted(name_of(payload) for _, payload in found) == ["scan-1", "scan-2"]


def test_a_job_is_taken_and_acknowledged_by_a_statement_each(django_assert_num_queries):
    jobs.enqueue("scan", 1)
    broker = GuestsFirstBroker()
    with django_assert_num_queries(2):
        ((job, _),) = broker.dequeue()
        broker.acknowledge(job)
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(("holder", "left"), [("us", 0), (None, 0), ("another", 1)])
def test_who_ends_late_leaves_a_job_to_whoever_took_it_since(holder, left):
    jobs.enqueue("scan", 1)
    job = rows.take("us")
    if holder != "us":
        rows.give_back("us")
    if holder == "another":
        rows.take("another")
    rows.remove("us", job.id)
    assert OrmQ.objects.count() == left


@pytest.fixture
def board(monkeypatch) -> Board:
    monkeypatch.setattr(working, "board", Board())
    return working.board


@pytest.fixture
def children(monkeypatch):
    """Whom the guard takes for alive."""
    alive: list[int] = []
    monkeypatch.setattr(
        multiprocessing,
        "active_children",
        lambda: [SimpleNamespace(pid=pid, exitcode=-9) for pid in alive],
    )
    return alive


def as_process(monkeypatch, pid: int) -> None:
    monkeypatch.setattr("findme.queue.board.os.getpid", lambda: pid)


def test_what_a_killed_worker_had_is_given_back_though_it_was_just_handed(
    board, children, monkeypatch
):
    jobs.enqueue_many("scan", [1, 2])
    first, second = rows.take(owner()), rows.take(owner())
    with monkeypatch.context() as patch:
        as_process(patch, 11)
        board.hand(second.id, first.id)
        as_process(patch, 12)
        board.work(first.id)
        as_process(patch, 13)
        board.work(second.id)
    children.extend([11, 13])
    Guard().tick()
    assert taken() == ["scan-1"]
    assert {one.pid for one in board.holdings()} == {11, 13}


def test_what_a_killed_handler_had_is_given_back_unless_a_worker_has_it(
    board, children, monkeypatch
):
    jobs.enqueue_many("scan", [1, 2])
    first, second = rows.take(owner()), rows.take(owner())
    with monkeypatch.context() as patch:
        as_process(patch, 11)
        board.hand(second.id, first.id)
        as_process(patch, 12)
        board.work(first.id)
    children.append(12)
    Guard().tick()
    assert taken() == ["scan-2"]


def test_a_place_is_cleared_though_one_before_it_became_free(board, children, monkeypatch):
    for pid in (11, 11 + 1024):  # they begin their search at one place
        as_process(monkeypatch, pid)
        board.work(pid)
    children.append(11 + 1024)
    looking = Guard()
    looking.tick()
    children.clear()
    looking.tick()
    assert not list(board.holdings())


def test_what_was_handed_on_by_who_then_ended_is_left_to_the_workers(board, monkeypatch):
    jobs.enqueue("scan", 1)
    job = rows.take(owner())
    handler = SimpleNamespace(pid=11, exitcode=None)
    alive = [handler]
    monkeypatch.setattr(multiprocessing, "active_children", lambda: alive)
    as_process(monkeypatch, 11)
    board.hand(job.id, 0)
    looking = Guard()
    looking.tick()
    handler.exitcode = 0
    alive.clear()
    looking.tick()
    assert not jobs.any_waits()
    assert not list(board.holdings())


def test_a_guard_without_jobs_asks_nothing(board, django_assert_num_queries):
    with django_assert_num_queries(0):
        Guard().tick()


def test_a_guard_forgets_what_is_gone(board, children, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(guard, "KEEP_EVERY_SECONDS", 0)
    as_process(monkeypatch, 11)
    board.work(4711)
    children.append(11)
    looking = Guard()
    with django_assert_num_queries(1):
        looking.tick()
        looking.tick()


@pytest.mark.parametrize("say", [Board.work, lambda board, job: board.hand(job, 0)])
def test_a_job_given_back_and_taken_again_is_held_on_to(board, children, monkeypatch, say):
    monkeypatch.setattr(guard, "KEEP_EVERY_SECONDS", 0)
    jobs.enqueue("scan", 1)
    job, looking = rows.take(owner()), Guard()
    as_process(monkeypatch, 11)
    children.append(11)
    board.hand(job.id, 0)
    rows.give_back(owner())
    looking.tick()  # nobody's for the moment
    rows.take(owner())
    say(board, job.id)
    run_out()
    looking.tick()
    assert taken() == []


def test_a_beat_is_nothing_outside_of_a_job(board):
    jobs.beat()
    assert not list(board.holdings())


def test_a_beat_begins_the_time_of_a_job_anew(board, monkeypatch):
    alarms: list[int] = []
    timer = SimpleNamespace(value=2.0)
    monkeypatch.setattr(working.signal, "alarm", alarms.append)
    monkeypatch.setattr(multiprocessing.current_process(), "timer", timer, raising=False)
    monkeypatch.setattr(working, "_beaten_at", 0.0)
    board.work(7)
    (began,) = board.holdings()
    jobs.beat()
    jobs.beat()  # at once: it would say nothing new
    (mine,) = board.holdings()
    assert mine.said_at > began.said_at
    assert (alarms, timer.value) == ([180], 183)
