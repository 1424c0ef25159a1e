"""A queue that stands still is noticed, and what an ended cluster held is given back."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import OperationalError
from django_q.models import OrmQ

from findme.queue import rows
from findme.queue.owner import owner
from findme.queue.rows import Look
from findme.running import queue_watch
from findme.running.queue_watch import QueueWatcher, StallDetector

EMPTY = Look(waiting=False, held=frozenset())


def waiting(*held: str) -> Look:
    return Look(waiting=True, held=frozenset(held))


def busy(*held: str) -> Look:
    return Look(waiting=False, held=frozenset(held))


def watch(*looks: tuple[float, Look]) -> list[bool]:
    """What a watch with limits of 60 and 240 seconds says to each look."""
    detector = StallDetector(untaken_seconds=60, held_seconds=240)
    return [detector.is_stalled(look, at) for at, look in looks]


def test_an_empty_queue_is_not_stalled():
    assert watch((0, EMPTY), (1000, EMPTY)) == [False, False]


def test_due_jobs_that_nobody_takes_are_a_stall():
    looks = [(0, EMPTY), (3, waiting()), (59, waiting()), (60, waiting())]
    assert watch(*looks) == [False, False, False, True]


def test_a_taken_job_is_movement():
    assert not watch((0, waiting("1")), (59, waiting("1", "2")), (118, waiting("1", "2")))[-1]


def test_a_finished_job_is_movement():
    assert not watch((0, waiting("1", "2")), (59, waiting("2")), (118, waiting("2")))[-1]


def test_a_job_that_goes_on_is_movement():
    assert not watch((0, waiting("1 12:00")), (59, waiting("1 12:01")), (118, waiting("1 12:01")))[
        -1
    ]


def test_jobs_that_wait_behind_held_ones_are_a_stall():
    look = waiting("1", "2")
    assert watch((0, look), (59, look), (60, look)) == [False, False, True]


def test_a_job_that_has_only_just_come_has_not_waited():
    looks = [(0, busy("1")), (100, busy("1")), (103, waiting("1")), (159, waiting("1"))]
    assert not any(watch(*looks))
    assert watch(*looks, (160, waiting("1")))[-1]


def test_workers_busy_while_nothing_waits_are_no_stall_until_their_time_limit_is_over():
    assert watch((0, busy("1")), (239, busy("1")), (240, busy("1"))) == [False, False, True]


def test_after_a_restart_the_time_counts_anew():
    detector = StallDetector(untaken_seconds=60, held_seconds=240)
    detector.is_stalled(waiting(), 0)
    assert detector.is_stalled(waiting(), 60)
    detector.restart()
    assert not detector.is_stalled(waiting(), 61)


def test_each_replacement_gets_twice_the_time_until_something_moves():
    detector = StallDetector(untaken_seconds=60, held_seconds=240)
    for begin, seconds in [(0, 60), (1000, 120), (2000, 240)]:
        detector.is_stalled(waiting(), begin)
        assert not detector.is_stalled(waiting(), begin + seconds - 1)
        assert detector.is_stalled(waiting(), begin + seconds)
        detector.restart()
    detector.is_stalled(waiting(), 3000)
    assert not detector.is_stalled(waiting("1"), 3310)
    assert detector.is_stalled(waiting("1"), 3370)


class FakeCluster:
    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        self.replaced = 0

    def replace(self) -> None:
        self.replaced += 1


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(11)


@pytest.fixture
def watcher(cluster) -> QueueWatcher:
    return QueueWatcher(cluster, StallDetector(60, 60))


def test_an_unreachable_database_is_logged_and_survived(watcher, cluster, monkeypatch, caplog):
    def unreachable(*args: object) -> Look:
        raise OperationalError("the server went away")

    monkeypatch.setattr(rows, "look", unreachable)
    watcher(100)
    assert "queue_watch_failed" in caplog.text
    assert cluster.replaced == 0


@pytest.mark.django_db
def test_a_stall_replaces_the_cluster(watcher, cluster, caplog):
    rows.add("findme", ["work"])
    watcher(100)
    assert cluster.replaced == 0
    watcher(160)
    assert cluster.replaced == 1
    assert "queue_stalled" in caplog.text


@pytest.mark.django_db
def test_what_another_cluster_takes_is_no_movement_of_ours(watcher, cluster):
    rows.add("findme", ["1", "2", "3"])
    watcher(100)
    rows.take("another")
    watcher(160)
    assert cluster.replaced == 1


@pytest.mark.django_db
@pytest.mark.parametrize("next_pid", [None, 12])
def test_what_an_ended_cluster_held_is_given_back_and_nothing_else(watcher, cluster, next_pid):
    rows.add("findme", ["ours", "next", "other"])
    watcher(100)
    for holder in (owner(11), owner(12), "another"):
        assert rows.take(holder)
    cluster.pid = next_pid
    watcher(100.2)
    taken = rows.take("somebody")
    assert taken is not None
    assert taken.payload == "ours"
    assert rows.take("somebody") is None


@pytest.mark.django_db
def test_what_a_cluster_held_at_the_end_of_all_is_given_back(watcher):
    rows.add("findme", ["work"])
    watcher(100)
    assert rows.take(owner(11))
    watcher.end()
    assert rows.any_waits()


@pytest.mark.django_db
def test_what_could_not_be_given_back_is_tried_again(watcher, cluster, monkeypatch):
    rows.add("findme", ["work"])
    watcher(100)
    assert rows.take(owner(11))
    cluster.pid = None

    def unreachable(*args: object) -> int:
        raise OperationalError("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(rows, "give_back", unreachable)
        watcher(101)
    watcher(110)
    assert rows.any_waits()


@pytest.mark.parametrize("seconds", ["", "5"])
def test_the_held_limit_is_above_the_time_limit_of_a_job(monkeypatch, seconds):
    monkeypatch.setenv("FINDME_STALL_SECONDS", seconds)
    assert queue_watch.new_detector().held_seconds > settings.Q_CLUSTER["timeout"]


@pytest.mark.django_db
def test_a_look_costs_one_statement(watcher, django_assert_num_queries):
    OrmQ.objects.create(key="findme", payload="")
    watcher(100)
    with django_assert_num_queries(1):
        watcher(106)
