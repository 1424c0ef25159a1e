"""Whoever dies, changes the threshold, adds photos or joins while guests are matched anew: it ends
as if nothing of that had happened, and nobody waits for all of it."""

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from events.models import Event
from faces import tasks
from faces.desk import threshold
from faces.finding import matching, renewing
from faces.models import Candidate, Face, FaceMatch, GuestModel, Rematch
from tests.faces.finding.party import Party
from tests.locks import advisory_locks
from tests.workers import run_jobs, start_python

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DIES_IN_THE_SECOND_BATCH = """
import os, signal
from events.models import Event
from faces.finding import matching, renewing

match_guests, batches = matching.match_guests, []

def match_and_die(*arguments):
    match_guests(*arguments)
    batches.append(arguments)
    if len(batches) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

matching.BLOCK, matching.match_guests = 1, match_and_die
renewing.rematch(Event.objects.get())
"""


@pytest.fixture
def party(event, monkeypatch):
    """Four guests, each a batch, at the threshold of 85."""
    monkeypatch.setattr(matching, "BLOCK", 1)
    party = Party(event, guests=4)
    party.bring(party.everything()[:-1])
    renewing.match_everybody(event)
    return party


def choose(value):
    threshold.choose(Event.objects.get(), value)


def outcome(party):
    """All that is known, by names that do not change."""
    candidates = Candidate.objects.order_by("user", "face")
    models = GuestModel.objects.order_by("user").values_list("user", "sure_at", "members")
    rows = candidates.values_list("user", "face", "similarity", "strength", "band")
    return party.matches(), [*rows], [*models]


def undisturbed(party, value):
    """What comes out at a threshold; afterwards everything is as before."""
    for chosen in (value, 85.0):
        Event.objects.update(match_threshold=chosen)
        renewing.match_everybody(party.event)
        if chosen == value:
            expected = outcome(party)
    return expected


def test_who_is_killed_half_way_loses_one_batch_and_the_rest_is_matched(party):
    expected = undisturbed(party, 60.0)
    choose(60.0)
    assert start_python(DIES_IN_THE_SECOND_BATCH).wait(60) == -9
    assert Rematch.objects.get().done == 1
    tasks.rematch(party.event.pk)  # at once: the other may be alive
    assert Rematch.objects.get().done == 1
    Rematch.objects.update(beat_at=timezone.now() - Rematch.ABANDONED)
    OrmQ.objects.all().delete()  # its job is lost too
    renewing.sweep()
    run_jobs()
    assert not Rematch.objects.exists()
    assert outcome(party) == expected


def test_a_threshold_changed_on_the_way_ends_with_the_second(party):
    expected = undisturbed(party, 95.0)
    choose(60.0)
    told = []

    def change(done, total):
        told.append((done, total))
        if len(told) == 2:
            choose(95.0)

    renewing.end(renewing.rematch(party.event, report=change))
    run_jobs()
    assert told == [(1, 4), (2, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert outcome(party) == expected


def test_a_threshold_changed_back_leaves_those_alone_whom_it_had_not_reached(party):
    before = outcome(party)
    choose(60.0)
    told = []

    def change_back(done, total):
        told.append((done, total))
        if len(told) == 1:
            choose(85.0)

    assert renewing.rematch(party.event, report=change_back)
    assert told == [(1, 4), (1, 1)]
    assert outcome(party) == before


def test_a_photo_that_is_published_on_the_way_is_matched(party):
    last = len(party.photos) - 1
    choose(60.0)

    def publish(done, _total):
        if done == 2:
            party.publish(last)

    renewing.end(renewing.rematch(party.event, report=publish))
    found = outcome(party)
    assert FaceMatch.objects.filter(photo__name=f"{last}.jpg").exists()
    renewing.match_everybody(party.event)  # from all faces, anew
    assert [row[:4] for row in found[0]] == [row[:4] for row in outcome(party)[0]]


def test_a_face_that_goes_on_the_way_is_no_part_of_any_model(party):
    choose(60.0)
    gone = Face.objects.get(pk=GuestModel.objects.latest("user").members[0])

    def remove(done, _total):
        if done == 2:
            gone.delete()

    assert renewing.rematch(party.event, report=remove)
    assert not GuestModel.objects.filter(members__contains=[gone.pk]).exists()


def test_who_joins_waits_for_one_batch_and_not_for_all(party, monkeypatch):
    choose(60.0)
    order, threads, match_guests = [], [], matching.match_guests

    def join_meanwhile(*arguments):
        if not threads:
            threads.append(threading.Thread(target=join, args=(party, order)))
            threads[0].start()
            wait_for_the_lock()
        return match_guests(*arguments)

    monkeypatch.setattr(matching, "match_guests", join_meanwhile)
    assert renewing.rematch(party.event, report=lambda done, total: order.append(done))
    threads[0].join()
    assert order.index("joined") < order.index(2)


def join(party, order):
    try:
        with matching.matching(party.event.pk, with_others=False):
            order.append("joined")
    finally:
        connection.close()


def wait_for_the_lock():
    """Until the other waits for it."""
    for _ in range(200):
        if advisory_locks("NOT granted"):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
