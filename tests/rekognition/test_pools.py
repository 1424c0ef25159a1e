"""Where only guests are looked for: a guest's selfies are one pool at the service, and go with
their rows."""

import pytest
from django.utils import timezone

from events.models import Event
from faces.finding import enrolling, erasing, pooling, scanning, tidying, verdicts
from faces.index import aws, pools
from faces.index.indexes import index_of
from faces.models import Enrollment, FaceMatch, FaceSimilarity, PhotoScan, RemoteRemoval, Selfie
from faces.privacy import withdrawal
from findme import sweeps
from tests.builders import consent, make_selfie
from tests.rekognition.server import Fault
from tests.rekognition.test_calls import asked, join, upload
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


@pytest.fixture(autouse=True)
def guests_only(event, rekognition, monkeypatch):
    monkeypatch.setattr(pools, "SETTLING_SECONDS", (0, 0))
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    event.refresh_from_db()


@pytest.fixture
def member(event):
    return join(event, 1)


def add_selfie(event, user, person=1):
    selfie = make_selfie(user, person=person)
    enrolling.enroll_event(event.pk)
    return selfie


def held(server):
    """Pools at the service, with how many faces."""
    return {
        name: len(user.face_ids) for users in server.users.values() for name, user in users.items()
    }


def faces_held(server):
    return sum(len(faces) for faces in server.collections.values())


def test_selfies_of_a_guest_are_one_pool_of_nobody_s_name(event, member, rekognition):
    first = Selfie.objects.get()
    add_selfie(event, member)
    assert held(rekognition) == {f"selfie-{first.pk}": 2}
    assert set(Enrollment.objects.values_list("pool", flat=True)) == {f"selfie-{first.pk}"}


def test_a_selfie_of_somebody_else_is_a_pool_of_its_own(event, member, rekognition):
    add_selfie(event, member, person=2)
    assert sorted(held(rekognition).values()) == [1, 1]
    upload(event, [1], [2])
    assert FaceMatch.objects.of(member).count() == 2


def test_a_face_costs_one_call_however_many_selfies_there_are(event, member, rekognition):
    add_selfie(event, member)
    run_jobs()
    asked(rekognition)
    upload(event, [1, 2])
    assert asked(rekognition) == {"SearchUsersByImage": 2}
    assert FaceMatch.objects.of(member).count() == 1


def test_a_pool_s_answer_stays_with_each_of_its_selfies(event, member):
    second = add_selfie(event, member)
    upload(event, [1])
    assert FaceSimilarity.objects.count() == 2
    erasing.remove_selfie(second)
    assert FaceMatch.objects.of(member).count() == 1


def test_enrolling_again_asks_nothing(event, member, rekognition):
    rekognition.requests.clear()
    enrolling.enroll_event(event.pk)
    assert not rekognition.requests


def test_a_withdrawal_removes_the_pool_and_its_faces(event, member, rekognition):
    add_selfie(event, member)
    withdrawal.withdraw(user=member, event=event)
    run_jobs()
    assert held(rekognition) == {}
    assert faces_held(rekognition) == 0
    assert not RemoteRemoval.objects.due().exists()


def test_a_selfie_that_is_removed_leaves_the_pool_to_the_others(event, member, rekognition):
    first = Selfie.objects.get()
    (pool,) = held(rekognition)
    add_selfie(event, member)
    erasing.remove_selfie(first)
    run_jobs()
    assert held(rekognition) == {pool: 1}
    assert faces_held(rekognition) == 1
    upload(event, [1])
    assert FaceMatch.objects.of(member).count() == 1


def test_an_event_that_is_deleted_leaves_no_pool(event, member, rekognition):
    event.delete()
    tidying.sweep()
    run_jobs()
    assert rekognition.users == {}
    assert not RemoteRemoval.objects.exists()


@pytest.mark.parametrize("operation", ["DeleteUser", "DisassociateFaces", "DeleteFaces"])
def test_a_service_that_refuses_the_removal_is_told_later(event, member, rekognition, operation):
    first = Selfie.objects.get()
    add_selfie(event, member)
    rekognition.script(Fault(kind="access_denied", operation=operation))
    erasing.remove_selfie(first)
    run_jobs()
    withdrawal.withdraw(user=member, event=event)
    run_jobs()
    rekognition.script()
    sweeps.run()
    run_jobs()
    assert (held(rekognition), faces_held(rekognition)) == ({}, 0)


@pytest.fixture
def killed_before_the_commit(event, member, monkeypatch):
    """A second selfie, whose worker dies when the service has it in the pool."""

    class Killed(BaseException):
        pass

    def die(rows):
        raise Killed

    selfie = make_selfie(member, person=2)
    with monkeypatch.context() as patch:
        patch.setattr(pooling, "_there", die)
        with pytest.raises(Killed):
            enrolling.enroll_event(event.pk)
    return selfie


@pytest.mark.django_db(transaction=True)
def test_a_selfie_whose_worker_died_is_pooled_by_the_next(
    event, killed_before_the_commit, rekognition
):
    assert Enrollment.objects.filter(pool="").count() == 1
    before = held(rekognition)
    assert tidying.reconcile(index_of(event)) == 0
    sweeps.run()
    run_jobs()
    assert held(rekognition) == before | {f"selfie-{killed_before_the_commit.pk}": 1}
    assert not Enrollment.objects.filter(pool="").exists()


@pytest.mark.django_db(transaction=True)
def test_a_guest_who_withdrew_while_the_worker_died_leaves_no_pool(
    event, member, killed_before_the_commit, rekognition
):
    withdrawal.withdraw(user=member, event=event)
    run_jobs()
    RemoteRemoval.objects.update(not_before=timezone.now())
    sweeps.run()
    run_jobs()
    assert (held(rekognition), faces_held(rekognition)) == ({}, 0)


def test_a_withdrawal_while_the_service_pools_leaves_nothing(
    event, guest, rekognition, monkeypatch
):
    ask = aws.ask

    def ask_slowly(operation, **parameters):
        answer = ask(operation, **parameters)
        if operation == "AssociateFaces":
            withdrawal.withdraw(user=guest, event=event)
        return answer

    consent(guest, event)
    make_selfie(guest)
    with monkeypatch.context() as patch:
        patch.setattr(aws, "ask", ask_slowly)
        enrolling.enroll_event(event.pk)
    RemoteRemoval.objects.update(not_before=timezone.now())
    sweeps.run()
    run_jobs()
    assert (held(rekognition), faces_held(rekognition)) == ({}, 0)


def test_a_pool_that_nothing_knows_is_found_by_comparing(event, member, rekognition):
    index = index_of(event)
    aws.ask("CreateUser", event_id=None, CollectionId=index.name, UserId="selfie-0")
    assert tidying.reconcile(index) == 1
    assert len(held(rekognition)) == 1


def test_until_its_pool_is_found_a_selfie_waits_and_photos_do_not(event, guest, rekognition):
    rekognition.updating_seconds = 3600
    join(event, 1)
    upload(event, [1])
    assert PhotoScan.objects.get().state == "done"
    assert not FaceMatch.objects.exists()
    for user in rekognition.users[index_of(event).name].values():
        user.updated_at = 0
    rekognition.updating_seconds = 0
    sweeps.run()
    run_jobs()
    assert FaceMatch.objects.count() == 1


def test_a_pool_is_waited_for(event, rekognition, monkeypatch):
    monkeypatch.setattr(pools, "SETTLING_SECONDS", (0.1, 0.2, 0.4))
    rekognition.updating_seconds = 0.2
    member = join(event, 1)
    assert Enrollment.objects.exclude(pool="").count() == 1
    upload(event, [1])
    assert FaceMatch.objects.of(member).count() == 1


def test_who_gets_a_second_selfie_while_a_photo_is_compared_is_compared_anew(
    event, member, rekognition, monkeypatch
):
    upload(event, [1])
    scan = PhotoScan.objects.get()
    PhotoScan.objects.update(state="queued")
    publish = scanning._publish

    def publish_late(claim, photo, index, found, guests):
        if len(guests) == 1:
            add_selfie(event, member)
        return publish(claim, photo, index, found, guests)

    monkeypatch.setattr(scanning, "_publish", publish_late)
    scanning.run(scan.pk)
    run_jobs()
    assert FaceSimilarity.objects.count() == 2


def test_below_what_a_guest_is_asked_about_the_service_is_not_asked(event, member, rekognition):
    upload(event, [1])
    (search,) = [record for record in rekognition.log if record.operation == "SearchUsersByImage"]
    assert search.parameters["UserMatchThreshold"] == 70


def test_a_no_removes_what_was_answered_of_the_face(event, member):
    upload(event, [1])
    match = FaceMatch.objects.get()
    verdicts.say(user=member, photo=match.photo, verdict="not_me")
    assert not FaceSimilarity.objects.exists()
