"""To do something alone, without holding anything of the database."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from faces.errors import IndexUnavailable
from faces.finding import enrolling, tidying
from faces.index.local import LocalIndex
from faces.models import Enrollment, Lease
from faces.working import heartbeat, leases
from faces.working.models import GONE_AFTER
from findme import jobs
from tests.builders import consent, make_selfie

pytestmark = pytest.mark.django_db


def no_sign_of_life_any_more():
    Lease.objects.update(alive_at=Now() - GONE_AFTER)


def test_what_one_has_another_has_not_until_it_is_given_back():
    with leases.if_free("a") as held, leases.if_free("a") as again, leases.if_free("b") as other:
        assert (held is not None, again, other is not None) == (True, None, True)
    with leases.if_free("a") as held:
        assert held is not None


def test_it_is_given_back_by_work_that_fails():
    with pytest.raises(ValueError, match="work"), leases.if_free("a"):
        raise ValueError("work")
    assert not Lease.objects.exists()


def test_whoever_waits_too_long_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(leases, "LONGEST_WAIT_SECONDS", 0)
    with leases.if_free("a"), pytest.raises(IndexUnavailable), leases.when_free("a"):
        pytest.fail("two have it")


def test_the_next_has_what_one_left_who_is_gone():
    with leases.if_free("a") as gone:
        no_sign_of_life_any_more()
        with leases.if_free("a") as held:
            assert held is not None
            assert (gone.still_is(), held.still_is()) == (False, True)
            gone.give_back()
            assert held.still_is()


def test_the_sweep_drops_what_nobody_gives_back():
    with leases.if_free("a"), leases.if_free("b") as held:
        Lease.objects.filter(pk="a").update(alive_at=Now() - GONE_AFTER)
        leases.sweep()
        assert list(Lease.objects.all()) == [Lease(pk=held.name)]


@pytest.mark.django_db(transaction=True)
def test_whoever_works_for_long_gives_signs_of_life(monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.02)
    heartbeat._pulse_of.cache_clear()
    with leases.if_free("a") as held:
        no_sign_of_life_any_more()
        deadline = time.monotonic() + 10
        while Lease.objects.abandoned().exists():
            assert time.monotonic() < deadline
        monkeypatch.setattr(heartbeat, "LONGEST_SECONDS", 0)  # it hangs, and its thread does not
        time.sleep(0.1)
        no_sign_of_life_any_more()
        time.sleep(0.1)
        with leases.if_free("a") as other, transaction.atomic():
            assert (held.still_is(), other is not None) == (False, True)


def test_a_job_that_beats_keeps_what_it_has_for_as_long_as_it_beats(monkeypatch):
    now, due = [1000.0], []
    piece = heartbeat._Piece(int, began_at_seconds=now[0], beat_at_seconds=now[0])
    pulse = heartbeat._Pulse({piece})
    monkeypatch.setattr(heartbeat, "_pulse_of", lambda pid: pulse)
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: now[0])
    for seconds in (1, 200, 200, 200, 300):
        now[0] += seconds
        due.append(piece.is_due())
        jobs.beat()
    assert due == [False, True, True, True, False]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_try_at_once_one_has_it():
    together, inside, most = threading.Barrier(4), [], []

    def work(number):
        together.wait(5)
        with leases.when_free("a"):
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert most == [1] * 4


def test_a_selfie_that_another_took_over_is_stored_by_that_one_alone(event, guest, monkeypatch):
    consent(guest, event)
    make_selfie(guest)
    enroll = LocalIndex.enroll

    def slowly(self, *args):
        monkeypatch.setattr(LocalIndex, "enroll", enroll)
        no_sign_of_life_any_more()
        assert enrolling.enroll_event(event.pk) == 1
        return enroll(self, *args)

    monkeypatch.setattr(LocalIndex, "enroll", slowly)
    assert enrolling.enroll_event(event.pk) == 0
    assert Enrollment.objects.count() == 1


def test_while_pools_are_filled_none_is_taken_for_nobodys(event):
    index = LocalIndex(event.face_indexes.model(event=event))
    filled = leases.if_free(tidying.pools_lease(event.pk))
    with filled, pytest.raises(IndexUnavailable), tidying._pools_kept(index):
        pytest.fail("pools are being filled")
    with tidying._pools_kept(index), leases.if_free(tidying.pools_lease(event.pk)) as lease:
        assert lease is None
