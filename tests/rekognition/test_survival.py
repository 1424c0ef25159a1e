"""A service that is slow, busy, or gone, and workers that die: nothing lost, nothing twice."""

import signal

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Event
from faces import tasks
from faces.finding import claims, enrolling, scanning, tidying
from faces.index import aws
from faces.models import Enrollment, Face, FaceMatch, Lease, PhotoScan, Selfie
from findme import sweeps
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import add_member, consent, make_selfie, make_user
from tests.fakes import picture
from tests.locks import advisory_locks
from tests.rekognition.server import Fault
from tests.workers import run_jobs, start_python

pytestmark = [pytest.mark.rekognition, pytest.mark.django_db]
in_processes = pytest.mark.django_db(transaction=True)


def upload(event, *photos):
    for seed, people in enumerate(photos):
        ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None)


def faces_held(server):
    return [face for faces in server.collections.values() for face in faces]


@pytest.fixture
def process(rekognition):
    """Start a process of the product that uses the test server, at its full pace."""

    def start(program):
        return start_python(
            program,
            **rekognition.environment,
            FACE_INDEX="rekognition",
            REKOGNITION_CALLS_PER_SECOND="1000",
        )

    return start


@in_processes
def test_processes_that_start_together_index_each_selfie_once(event, rekognition, process):
    for number in range(6):
        user = make_user()
        add_member(event, user)
        consent(user, event)
        make_selfie(user, person=number % 4 + 1)
    program = f"from faces.finding import enrolling; enrolling.enroll_event({event.pk})"
    processes = [process(program) for _ in range(4)]
    assert [each.wait(60) for each in processes] == [0] * 4
    assert rekognition.requests["IndexFaces"] == 6
    assert rekognition.requests["CreateCollection"] == 1
    assert Enrollment.objects.count() == len(faces_held(rekognition)) == 6


def test_when_half_of_all_calls_are_throttled_everything_completes_once(
    event, guest, rekognition, monkeypatch
):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", _at_once)
    rekognition.script(Fault(kind="throughput", share=0.5))
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    upload(event, *([1, 2] for _ in range(12)))
    run_jobs()
    tasks.settle(event.pk)
    assert set(PhotoScan.objects.values_list("state", flat=True)) == {"done"}
    assert FaceMatch.objects.count() == 12
    assert len(faces_held(rekognition)) == Face.objects.count() + 1 == 25
    assert rekognition.calls["IndexFaces"] == 13


def _at_once(self, context):
    return 0.0


@pytest.mark.parametrize("kind", ["lost_reply", "reset", "server_error", "throttling_500"])
def test_a_call_that_fails_once_is_repeated_and_doubles_nothing(event, rekognition, kind):
    upload(event, [1, 2])
    rekognition.script(Fault(kind=kind, operation="IndexFaces", times=1))
    run_jobs()
    assert PhotoScan.objects.get().state == "done"
    assert len(faces_held(rekognition)) == Face.objects.count() == 2


def test_a_service_that_stays_away_costs_no_attempt_and_hides_no_photo(
    event, rekognition, monkeypatch
):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", _at_once)
    upload(event, [1])
    rekognition.script(Fault(kind="throttling"))
    scan = PhotoScan.objects.get()
    scanning.run(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == ("queued", 0)
    assert scan.available_at > timezone.now()
    assert Photo.objects.get().is_visible


@pytest.mark.parametrize(
    ("kind", "code"), [("access_denied", "index_access_denied"), ("quota", "index_quota")]
)
def test_a_service_that_refuses_us_ends_the_scan_with_a_code(event, rekognition, kind, code):
    upload(event, [1])
    rekognition.script(Fault(kind=kind))
    scan = PhotoScan.objects.get()
    for _ in range(claims.MAX_ATTEMPTS):
        PhotoScan.objects.update(available_at=timezone.now())
        scanning.run(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.failure_code) == ("failed", code)
    assert Photo.objects.get().is_visible


def test_a_selfie_waits_for_a_service_that_is_away(event, guest, rekognition, monkeypatch):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", _at_once)
    consent(guest, event)
    make_selfie(guest)
    rekognition.script(Fault(kind="throttling"))
    tasks.enroll(event.pk)
    assert not Enrollment.objects.exists()
    rekognition.script()
    sweeps.run()
    run_jobs()
    assert Enrollment.objects.count() == 1


@in_processes
@pytest.mark.faults
def test_a_process_killed_between_answer_and_commit_leaves_nothing_double_and_no_orphan(
    event, guest, rekognition, process
):
    consent(guest, event)
    make_selfie(guest)
    upload(event, [1, 2])
    die = "import os; die = lambda *a, **k: os.kill(os.getpid(), 9)\n"
    killed = process(
        f"{die}from faces.finding import enrolling; enrolling._store = die; "
        f"enrolling.enroll_event({event.pk})"
    )
    assert killed.wait(60) == -signal.SIGKILL
    scan = PhotoScan.objects.get()
    killed = process(
        f"{die}from faces.finding import scanning; scanning._publish = die; scanning.run({scan.pk})"
    )
    assert killed.wait(60) == -signal.SIGKILL
    assert len(faces_held(rekognition)) == 3
    assert not Face.objects.exists()
    PhotoScan.objects.update(claimed_at=timezone.now() - tidying.ABANDONED)
    Lease.objects.update(alive_at=timezone.now() - tidying.ABANDONED)
    sweeps.run()
    run_jobs()
    assert len(faces_held(rekognition)) == 3
    assert (Face.objects.count(), Enrollment.objects.count()) == (2, 1)


@pytest.fixture
def late_guest(event, guest, other_guest, rekognition):
    """In an event that looks for guests only, with a photo of both: one was enrolled before it."""
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    consent(other_guest, event)
    make_selfie(other_guest, person=2)
    enrolling.enroll_event(event.pk)
    upload(event, [1, 2])
    run_jobs()
    consent(guest, event)
    make_selfie(guest, person=1)
    return guest


def test_a_late_guest_whose_worker_died_after_the_enrolling_is_looked_for(
    event, late_guest, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(scanning, "scan_for_late_guests", lambda event: None)
        patch.setattr("findme.jobs.enqueue", lambda *args: None)
        enrolling.enroll_event(event.pk)
    assert not FaceMatch.objects.of(late_guest).exists()
    sweeps.run()
    run_jobs()
    assert FaceMatch.objects.of(late_guest).count() == 1
    enrolling.sweep()
    assert run_jobs() == 0


@in_processes
def test_of_several_late_guests_one_is_looked_for_though_the_service_failed_the_next(
    event, late_guest, rekognition
):
    consent(third := make_user(), event)
    make_selfie(third, person=3)
    rekognition.script(Fault(kind="access_denied", operation="IndexFaces", after=1))
    tasks.enroll(event.pk)
    Selfie.objects.of(third).delete()
    sweeps.run()
    run_jobs()
    assert FaceMatch.objects.of(late_guest).count() == 1


@in_processes
def test_nothing_of_the_database_is_held_while_the_service_is_asked(event, late_guest, monkeypatch):
    """It may take its time, and a pooler lends a session for one transaction only."""
    ask, asked, holding = aws.ask, set(), []

    def noted(operation, **parameters):
        asked.add(operation)
        if connection.in_atomic_block or advisory_locks():
            holding.append(operation)
        return ask(operation, **parameters)

    monkeypatch.setattr(aws, "ask", noted)
    enrolling.enroll_event(event.pk)
    Event.objects.update(indexing=Event.Indexing.EVERYONE)
    tasks.rescan(event.pk)
    run_jobs()
    tasks.reindex(event.pk)
    sweeps.run()
    run_jobs()
    assert asked > {"IndexFaces", "AssociateFaces", "SearchFaces", "CreateCollection"}
    assert not holding
