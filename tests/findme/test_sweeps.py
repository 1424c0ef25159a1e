"""The sweeps of each minute: whatever becomes of one, the others are run, and it is seen."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django_q.models import OrmQ

from events.models import Event
from findme import jobs, sweeps


@pytest.fixture
def none_registered(monkeypatch):
    monkeypatch.setattr(sweeps, "_sweeps", {})
    monkeypatch.setattr(sweeps, "_for_lost_jobs", set())


@pytest.mark.django_db
def test_one_that_fails_starves_no_other_and_is_seen(none_registered, caplog):
    done = []

    def earlier():
        done.append("earlier")

    def broken():
        raise ZeroDivisionError

    def later():
        done.append("later")

    sweeps.register(earlier, broken, later)
    with pytest.raises(sweeps.SweepsFailed, match=r"^tests\.findme\.test_sweeps\.broken$"):
        sweeps.run()
    assert done == ["earlier", "later"]
    assert "sweep_failed sweep=tests.findme.test_sweeps.broken" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_lost_jobs_are_looked_for_where_the_queue_was_empty_before_any_sweep(none_registered):
    found = []

    def enqueues():
        jobs.enqueue("scan", 1)

    def looks():
        found.append(OrmQ.objects.count())

    sweeps.register(enqueues)
    sweeps.register(looks, for_lost_jobs=True)
    sweeps.run()
    assert found == [1]
    sweeps.run()
    assert found == [1]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_fails_one_sweep_and_not_the_next(none_registered):
    found = []

    def loses_its_connection():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def reads():
        found.append(Event.objects.count())

    sweeps.register(loses_its_connection, reads)
    with pytest.raises(sweeps.SweepsFailed, match="loses_its_connection"):
        sweeps.run()
    assert found == [0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("waits", ["in PostgreSQL", "in Python"])
def test_one_that_hangs_is_ended_and_holds_up_no_other(none_registered, monkeypatch, waits):
    done = []

    def hangs():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [30 if waits == "in PostgreSQL" else 0])
        time.sleep(30)

    def later():
        done.append(Event.objects.count())

    monkeypatch.setattr(sweeps, "MOST_SECONDS", 0.2)
    sweeps.register(hangs)
    sweeps.register(later)
    with pytest.raises(sweeps.SweepsFailed, match="hangs"):
        sweeps.run()
    assert done == [0]


def test_each_room_has_registered_its_own():
    assert set(sweeps._sweeps) == {
        "events.desk.retention.sweep",
        "events.entrance.sessions.sweep",
        "faces.finding.enrolling.sweep",
        "faces.finding.reindexing.sweep",
        "faces.finding.scanning.enqueue_lost",
        "faces.finding.claims.return_stale",
        "faces.finding.renewing.sweep",
        "faces.finding.searching.sweep",
        "faces.finding.tidying.sweep",
        "faces.notices.mailing.sweep",
        "faces.notices.ready.sweep",
        "faces.privacy.event_removal.sweep",
        "faces.privacy.receipts.sweep",
        "faces.privacy.unclaimed.sweep",
        "faces.working.leases.sweep",
        "findme.leftovers.sweep",
        "photos.binning.sweep",
        "photos.desk.approval_mails.sweep",
        "photos.delivery.turns.sweep",
        "photos.gallery.versions.fold",
        "photos.intake.batches.sweep",
        "photos.intake.direct_upload.sweep",
        "photos.intake.upload_log.sweep",
        "photos.store.emptying.sweep",
    }
