"""Nothing stays at the service that should not: guests', photos', events', abandoned work's."""

import pytest
from django.utils import timezone

from events.models import Event
from faces.finding import enrolling, erasing, scanning, tidying
from faces.index import aws
from faces.index.indexes import index_of
from faces.index.models import EventIndex, RemoteRemoval
from faces.index.rekognition import RekognitionIndex
from faces.models import Enrollment, Face, PhotoScan, Selfie
from faces.privacy import withdrawal
from findme import sweeps
from photos import removing
from photos.intake import guest_upload
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import consent, make_selfie
from tests.fakes import picture
from tests.rekognition.server import Fault
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


def held(server):
    return {face.external_image_id for faces in server.collections.values() for face in faces}


def time_passes():
    """As much as the sweep waits before it looks for abandoned work."""
    RemoteRemoval.objects.update(not_before=timezone.now())


@pytest.fixture
def enrolled(event, guest, rekognition):
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    assert f"selfie-{selfie.pk}" in held(rekognition)
    return selfie


@pytest.fixture
def photo(event, rekognition):
    photo = ingest(event=event, data=picture([1, 2]), name="a.jpg", uploader=None).photo
    run_jobs()
    assert f"photo-{photo.pk}" in held(rekognition)
    return photo


def test_a_withdrawal_removes_the_selfie_there_too(event, guest, enrolled, rekognition):
    withdrawal.withdraw(user=guest, event=event)
    run_jobs()
    assert held(rekognition) == set()


def test_a_selfie_that_is_removed_is_removed_there_too(enrolled, rekognition):
    erasing.remove_selfie(enrolled)
    run_jobs()
    assert held(rekognition) == set()


def test_an_account_that_is_deleted_leaves_nothing_there(guest, enrolled, rekognition):
    guest.delete()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()


def test_a_photo_that_is_deleted_is_removed_there_too(photo, enrolled, rekognition):
    Photo.objects.filter(pk=photo.pk).delete()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == {f"selfie-{enrolled.pk}"}


def test_a_photo_deleted_at_the_desk_is_removed_there_without_a_sweep(photo, enrolled, rekognition):
    removing.remove([photo.pk], by=None)
    run_jobs()
    assert held(rekognition) == {f"selfie-{enrolled.pk}"}


def test_a_photo_that_its_guest_takes_back_is_removed_there_without_a_sweep(
    photo, guest, enrolled, rekognition
):
    guest_upload.remove(photo, by=guest)
    run_jobs()
    assert held(rekognition) == {f"selfie-{enrolled.pk}"}


def test_a_photo_that_is_looked_at_again_keeps_its_faces_there(event, photo, rekognition):
    scanning.scan_again(event)
    run_jobs()
    tidying.sweep()
    run_jobs()
    assert not RemoteRemoval.objects.exists()
    (faces,) = rekognition.collections.values()
    assert {face.face_id for face in faces} == set(
        Face.objects.values_list("remote_face_id", flat=True)
    )


def test_a_service_that_is_away_is_told_later(event, guest, enrolled, rekognition, monkeypatch):
    rekognition.script(Fault(kind="access_denied", operation="DeleteFaces"))
    withdrawal.withdraw(user=guest, event=event)
    run_jobs()
    assert held(rekognition)
    rekognition.script()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()


def test_an_event_that_is_deleted_leaves_no_collection(event, photo, enrolled, rekognition):
    event.delete()
    tidying.sweep()
    run_jobs()
    assert rekognition.collections == {}
    assert not EventIndex.objects.exists()
    assert not RemoteRemoval.objects.exists()


def test_an_event_deleted_before_its_first_face_makes_no_collection(event, rekognition):
    index = index_of(event)
    Event.objects.all().delete()
    assert isinstance(index, RekognitionIndex)
    with pytest.raises(Exception, match="retired"):
        index.make()
    assert rekognition.collections == {}


def test_a_lost_answer_to_the_making_of_a_collection_is_no_error(event, enrolled, rekognition):
    Enrollment.objects.all().delete()
    EventIndex.objects.update(made_at=None)
    assert enrolling.enroll_event(event.pk) == 1
    assert EventIndex.objects.get().model_version


@pytest.fixture
def killed_after_the_answer(monkeypatch):
    """The worker dies when the service has answered, before anything is committed."""

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    def work(job):
        with monkeypatch.context() as patch:
            patch.setattr("faces.finding.scanning._publish", die)
            patch.setattr("faces.finding.enrolling._store", die)
            with pytest.raises(Killed):
                job()

    return work


def test_a_photo_whose_worker_died_after_the_answer_has_its_faces_once(
    event, rekognition, killed_after_the_answer
):
    ingest(event=event, data=picture([1, 2]), name="a.jpg", uploader=None)
    scan = PhotoScan.objects.get()
    killed_after_the_answer(lambda: scanning.run(scan.pk))
    PhotoScan.objects.update(claimed_at=timezone.now() - 2 * tidying.ABANDONED)
    sweeps.run()
    run_jobs()
    assert PhotoScan.objects.get().state == "done"
    (faces,) = rekognition.collections.values()
    assert len(faces) == Face.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_selfie_whose_worker_died_after_the_answer_is_there_once(
    event, guest, rekognition, killed_after_the_answer
):
    consent(guest, event)
    make_selfie(guest)
    killed_after_the_answer(lambda: enrolling.enroll_event(event.pk))
    sweeps.run()
    run_jobs()
    (faces,) = rekognition.collections.values()
    assert len(faces) == Enrollment.objects.count() == 1


def test_a_photo_removed_while_its_worker_died_leaves_no_orphan(
    event, rekognition, killed_after_the_answer
):
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scan = PhotoScan.objects.get()
    killed_after_the_answer(lambda: scanning.run(scan.pk))
    Photo.objects.all().delete()
    time_passes()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()


@pytest.mark.django_db(transaction=True)
def test_a_guest_who_withdrew_while_the_worker_died_leaves_no_orphan(
    event, guest, rekognition, killed_after_the_answer
):
    consent(guest, event)
    make_selfie(guest)
    killed_after_the_answer(lambda: enrolling.enroll_event(event.pk))
    assert held(rekognition)
    withdrawal.withdraw(user=guest, event=event)
    time_passes()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()
    assert not Selfie.objects.exists()


def test_a_withdrawal_while_the_service_answers_leaves_nothing_there(
    event, guest, rekognition, monkeypatch
):
    consent(guest, event)
    make_selfie(guest)
    ask = aws.ask

    def ask_slowly(operation, **parameters):
        answer = ask(operation, **parameters)
        if operation == "IndexFaces":
            withdrawal.withdraw(user=guest, event=event)
        return answer

    monkeypatch.setattr(aws, "ask", ask_slowly)
    assert enrolling.enroll_event(event.pk) == 0
    monkeypatch.undo()
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()


def test_what_is_on_its_way_is_not_taken_for_abandoned(event, rekognition):
    photo = ingest(event=event, data=picture([1]), name="a.jpg", uploader=None).photo
    index = index_of(event)
    PhotoScan.objects.update(state="running", attempt_id="0" * 32, claimed_at=timezone.now())
    found = index.scan(photo.pk, _decoded())
    assert tidying.reconcile(index) == 0
    assert len(found) == 1
    PhotoScan.objects.update(state="failed", failure_code="internal_error")
    assert tidying.reconcile(index) == 1


def _decoded():
    from photos.imaging import images

    return images.decode(picture([1]), min_side=None)


def test_each_collection_is_compared_with_our_rows_once_a_day(event, photo, rekognition):
    Face.objects.all().delete()
    RemoteRemoval.objects.all().delete()
    tidying.sweep()
    assert run_jobs() == 0
    EventIndex.objects.update(made_at=timezone.now() - 2 * tidying.RECONCILE_EVERY)
    tidying.sweep()
    run_jobs()
    assert held(rekognition) == set()
    tidying.sweep()
    assert run_jobs() == 0


def test_a_scan_that_ends_while_the_collection_is_compared_keeps_its_faces(
    event, rekognition, monkeypatch
):
    """Whichever of our rows are read first, the scan is published before the others are."""
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scan = PhotoScan.objects.get()
    index = index_of(event)
    index.scan(scan.photo_id, _decoded())
    held_before = held(rekognition)

    def then_publish(name):
        read = getattr(tidying, name)

        def reading(*args):
            rows = read(*args)
            scanning.run(scan.pk)
            return rows

        monkeypatch.setattr(tidying, name, reading)

    then_publish("_known")
    then_publish("_expected_sources")
    tidying.reconcile(index)
    assert held(rekognition) == held_before
    (faces,) = rekognition.collections.values()
    assert {face.face_id for face in faces} >= {
        *Face.objects.values_list("remote_face_id", flat=True)
    }


def test_a_scan_that_ends_after_its_event_is_gone_leaves_nothing_to_remember(
    event, photo, rekognition
):
    index = index_of(event)
    event.delete()
    tidying.sweep()
    run_jobs()
    tidying.remember(index, ["11111111-1111-1111-1111-111111111111"])
    assert not RemoteRemoval.objects.exists()
