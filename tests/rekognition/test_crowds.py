"""Where only guests are looked for, a photo of many faces takes more than one job."""

import pytest
from django.utils import timezone

from events.models import Event
from faces.errors import IndexUnavailable
from faces.finding import erasing, scanning
from faces.index.rekognition import RekognitionIndex
from faces.models import Enrollment, FaceMatch, PhotoScan, Selfie
from faces.privacy import withdrawal
from photos.intake.ingest import ingest
from tests.fakes import picture
from tests.rekognition.test_calls import asked, join

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


@pytest.fixture
def member(event, rekognition):
    """Who is in the crowd; what the joining cost is forgotten."""
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    event.refresh_from_db()
    member = join(event, 1)
    asked(rekognition)
    return member


@pytest.fixture
def scan(event, member, monkeypatch):
    """Of a photo of four, in jobs that have time for one face."""
    monkeypatch.setattr("faces.index.rekognition.SCAN_SECONDS", -1)
    ingest(event=event, data=picture([2, 3, 1, 4]), name="crowd.jpg", uploader=None)
    return PhotoScan.objects.get()


def attempt(scan):
    PhotoScan.objects.update(available_at=timezone.now())
    scanning.run(scan.pk)
    scan.refresh_from_db()


def test_each_face_is_asked_about_once(scan, member, rekognition):
    for answers in (1, 2, 3):
        attempt(scan)
        assert scan.state == PhotoScan.State.QUEUED
        assert len(scan.answered["boxes"]) == answers
    attempt(scan)
    assert asked(rekognition) == {"SearchUsersByImage": 4}
    assert (scan.state, scan.face_count, scan.answered) == (PhotoScan.State.DONE, 4, None)
    assert FaceMatch.objects.of(member).count() == 1


def test_answers_before_a_failure_are_kept(scan, rekognition, monkeypatch):
    monkeypatch.setattr("faces.index.rekognition.SCAN_SECONDS", 60)
    compare, left = RekognitionIndex._compare, [1, 1]

    def compare_twice(self, *face):
        if not left:
            raise IndexUnavailable("throttled")
        left.pop()
        return compare(self, *face)

    monkeypatch.setattr(RekognitionIndex, "_compare", compare_twice)
    attempt(scan)
    left.extend([1, 1])
    attempt(scan)
    assert asked(rekognition) == {"SearchUsersByImage": 4}
    assert scan.state == PhotoScan.State.DONE


def test_who_joins_in_between_is_compared_with_every_face(event, scan, rekognition, monkeypatch):
    attempt(scan)
    attempt(scan)
    late = join(event, 2)
    monkeypatch.setattr("faces.index.rekognition.SCAN_SECONDS", 60)
    asked(rekognition)
    attempt(scan)
    assert asked(rekognition) == {"SearchUsersByImage": 4}
    assert FaceMatch.objects.of(late).count() == 1


@pytest.mark.parametrize("goodbye", ["consent", "selfie"])
def test_who_goes_in_between_leaves_no_answer(event, member, scan, goodbye):
    attempt(scan)
    if goodbye == "consent":
        withdrawal.withdraw(user=member, event=event)
    else:
        erasing.remove_selfie(Selfie.objects.get())
    scan.refresh_from_db()
    assert scan.answered is None
    attempt(scan)
    assert scan.state == PhotoScan.State.DONE
    assert not FaceMatch.objects.exists()


def test_who_goes_during_the_job_leaves_no_answer(event, member, scan, monkeypatch):
    compare = RekognitionIndex._compare

    def compare_and_go(self, *face):
        answer = compare(self, *face)
        if Enrollment.objects.exists():
            withdrawal.withdraw(user=member, event=event)
        return answer

    monkeypatch.setattr(RekognitionIndex, "_compare", compare_and_go)
    attempt(scan)
    assert scan.answered is None
