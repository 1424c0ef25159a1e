"""An event that moves to Amazon: nothing goes there of guests who did not agree to that."""

import io

import pytest
from django.core.management import call_command

from events.models import Event
from faces.finding import enrolling, erasing, reindexing, scanning, searching
from faces.index.indexes import index_of
from faces.models import Enrollment, Face, FaceMatch
from faces.privacy import consenting, unclaimed
from photos.intake.ingest import ingest
from tests.builders import consent, make_selfie
from tests.fakes import picture
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


@pytest.fixture
def moved(event, guest, other_guest, rekognition, settings):
    """Two guests in one photo; `other_guest` has agreed to Amazon before the event moves there."""
    settings.FACE_INDEX = "local"
    for person, (user, kind) in enumerate([(guest, "local"), (other_guest, "rekognition")], 1):
        consent(user, event, index_kind=kind)
        make_selfie(user, person=person)
    ingest(event=event, data=picture([1, 2], seed=1), name="a.jpg", uploader=None)
    enrolling.enroll_event(event.pk)
    run_jobs()
    assert FaceMatch.objects.count() == 2
    return event


def reindex(event, *options):
    out = io.StringIO()
    call_command("reindex_event", event.slug, *options, stdout=out, verbosity=0)
    run_jobs()
    return out.getvalue()


@pytest.mark.parametrize("options", [["--dry-run"], []], ids=["dry run", "done"])
def test_the_command_says_how_many_are_asked(moved, options):
    said = reindex(moved, "--index", "rekognition", *options)
    assert "1 guests have not agreed to rekognition" in said


def test_only_who_agreed_is_enrolled_and_nobody_loses_photos(
    moved, guest, other_guest, rekognition
):
    reindex(moved, "--index", "rekognition")
    enrolling.sweep()
    scanning.scan_again(moved)
    run_jobs()
    searching.settle(moved)
    enrolled = Enrollment.objects.values_list("selfie__user", flat=True)
    assert [*enrolled] == [other_guest.pk]
    assert rekognition.calls["IndexFaces"] == 1 + 2  # the other's selfie; the photo, twice
    kept = FaceMatch.objects.get(user=guest)
    assert (kept.band, kept.face) == ("sure", None)
    assert FaceMatch.objects.get(user=other_guest).face.index_name == index_of(moved).name


def test_who_agrees_is_enrolled_and_found_anew(moved, guest):
    reindex(moved, "--index", "rekognition")
    consenting.give_anew(user=guest, event=moved, words=consenting.words(moved))
    run_jobs()
    assert Enrollment.objects.filter(selfie__user=guest).exists()
    assert FaceMatch.objects.get(user=guest).face.index_name == index_of(moved).name


def test_who_agrees_when_the_faces_are_gone_still_keeps_their_photos(moved, guest):
    reindex(moved, "--index", "rekognition")
    Event.objects.update(faces_kept_days=1)
    unclaimed.forget(moved.pk)
    consenting.give_anew(user=guest, event=moved, words=consenting.words(moved))
    run_jobs()
    assert Enrollment.objects.filter(selfie__user=guest).exists()
    assert FaceMatch.objects.filter(user=guest).counting().exists()


def test_a_guest_without_a_selfie_keeps_nothing_that_rested_on_it(moved, guest):
    reindex(moved, "--index", "rekognition")
    erasing.remove_selfie(guest.selfies.get())
    assert not FaceMatch.objects.filter(user=guest).exists()


def test_words_name_the_service_while_it_is_about_to_take_over(moved, guest):
    reindexing.start(moved, "rekognition")
    assert consenting.words(moved).index_kind == "rekognition"
    assert consenting.asked_again(guest, moved) == "kind"


def test_faces_of_nobody_leave_the_service_and_those_of_guests_stay(moved, rekognition):
    reindex(moved, "--index", "rekognition")
    Event.objects.update(faces_kept_days=1)
    unclaimed.forget(moved.pk)
    run_jobs()
    [remote] = Face.objects.exclude(remote_face_id="").values_list("remote_face_id", flat=True)
    [stored] = rekognition.collections.values()
    assert remote in {face.face_id for face in stored}
    assert len(stored) == 2  # and the selfie of its guest
    assert Face.objects.filter(remote_face_id="").count() == 1
