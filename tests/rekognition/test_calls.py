"""What the product asks of Rekognition, and no call more."""

from datetime import timedelta
from itertools import count

import pytest
from django.db.models import F
from django.utils import timezone

from events.models import Event
from faces import checks, tasks
from faces.desk import costs
from faces.finding import asking, enrolling, renewing, searching
from faces.index.indexes import index_of
from faces.models import Enrollment, Face, FaceMatch, FaceSimilarity, PhotoScan
from faces.vision.selfie_check import SeveralFaces
from faces.working import leases
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import add_member, consent, make_selfie, make_user
from tests.fakes import picture
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


def join(event, person):
    user = make_user()
    add_member(event, user)
    consent(user, event)
    make_selfie(user, person=person)
    enrolling.enroll_event(event.pk)
    return user


def upload(event, *photos, first=0):
    for seed, people in enumerate(photos, first):
        ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None)
    run_jobs()


def asked(server):
    """Calls that cost money, since the last time."""
    billed = {name: count for name, count in server.calls.items() if name in BILLED}
    server.calls.clear()
    return billed


BILLED = {
    "AssociateFaces",
    "CompareFaces",
    "DetectFaces",
    "DisassociateFaces",
    "IndexFaces",
    "SearchFaces",
    "SearchFacesByImage",
    "SearchUsers",
    "SearchUsersByImage",
}


@pytest.mark.parametrize(("anchors", "searches"), [(0, 3), (1, 3 + 3), (2, 3 + 6)])
def test_a_batch_costs_a_call_for_each_photo_and_two_for_each_guest_and_their_anchors(
    event, rekognition, settings, anchors, searches
):
    settings.REKOGNITION_ANCHORS = anchors
    for person in (1, 2, 3):
        join(event, person)
    upload(event, *([1, 2, 3, 4] for _ in range(8)))
    tasks.settle(event.pk)
    assert asked(rekognition) == {"IndexFaces": 8 + 3, "SearchFaces": searches}
    assert FaceMatch.objects.count() == 3 * 8


def test_a_search_that_is_cut_into_jobs_costs_no_call_more(event, rekognition, monkeypatch):
    monkeypatch.setattr(searching, "SLICE_SECONDS", -1)
    for person in (1, 2, 3):
        join(event, person)
    upload(event, *([1, 2, 3, 4] for _ in range(4)))
    tasks.settle(event.pk)
    assert 0 < FaceMatch.objects.count() < 3 * 4
    run_jobs()
    assert asked(rekognition) == {"IndexFaces": 4 + 3, "SearchFaces": 3 + 6}
    assert FaceMatch.objects.count() == 3 * 4


def test_of_several_faces_the_service_is_shown_the_chosen_one_alone(event, rekognition):
    upload(event, [1], [2], [3])
    user, data = make_user(), picture([3, 1, 2])
    add_member(event, user)
    consent(user, event)
    with pytest.raises(SeveralFaces) as question:
        enrolling.add_selfie(user=user, data=data)
    enrolling.add_selfie(user=user, data=data, box=question.value.choices[1].box)
    enrolling.enroll_event(event.pk)
    assert FaceMatch.objects.of(user).get().photo == Photo.objects.earliest("pk")


def test_settling_again_asks_nothing(event, rekognition):
    join(event, 1)
    upload(event, [1], [2, 1])
    tasks.settle(event.pk)
    asked(rekognition)
    tasks.settle(event.pk)
    searching.sweep()
    run_jobs()
    assert asked(rekognition) == {}


def test_a_guest_who_looks_between_batches_has_the_new_photos_searched(event, rekognition):
    user = join(event, 1)
    upload(event, [1, 2, 3, 4])
    assert searching.ask_for(event, user)
    run_jobs()
    assert asked(rekognition) == {"IndexFaces": 2, "SearchFaces": 1 + 1}
    assert FaceMatch.objects.count() == 1
    assert not searching.ask_for(event, user)


def test_a_page_that_is_open_while_photos_arrive_does_not_ask_at_each_look(event, rekognition):
    user = join(event, 1)
    upload(event, [1])
    assert searching.ask_for(event, user)
    run_jobs()
    upload(event, [1, 2], first=1)
    assert searching.is_behind(event, user)
    assert not searching.ask_for(event, user)
    Enrollment.objects.update(search_asked_at=timezone.now() - searching.ASK_AGAIN)
    assert searching.ask_for(event, user)


def test_a_few_late_photos_are_asked_by_their_faces(event, rekognition):
    for person in (1, 2, 3, 4):
        join(event, person)
    upload(event, [1, 2], [3, 4])
    tasks.settle(event.pk)
    asked(rekognition)
    upload(event, [2], first=7)
    tasks.settle(event.pk)
    # The new face is the second anchor of its guest.
    assert asked(rekognition) == {"IndexFaces": 1, "SearchFaces": 1 + 1}
    assert FaceMatch.objects.filter(photo__name="a.jpg").count() == 5


@pytest.fixture
def late_faces(event, rekognition, settings):
    """Six of them in three photos, after all eight guests were searched for."""
    settings.REKOGNITION_ANCHORS = 0
    for person in (1, 2, 3, 4) * 2:
        join(event, person)
    upload(event, [1, 2], [3, 4])
    tasks.settle(event.pk)
    upload(event, [1, 2], [2, 3], [3, 4], first=7)
    # Minutes ago: what is younger than a few seconds is asked about again in any case.
    PhotoScan.objects.update(finished_at=F("finished_at") - timedelta(minutes=2))
    Enrollment.objects.update(searched_at=F("searched_at") - timedelta(minutes=2))
    asked(rekognition)


class Killed(BaseException):
    """What nobody catches, as if the worker were gone."""


def killed_at_second(function):
    calls = count()

    def call(*args):
        if next(calls):
            raise Killed
        function(*args)

    return call


def test_of_late_faces_whose_worker_dies_those_of_one_photo_are_asked_about_again(
    event, late_faces, rekognition, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(asking, "_publish", killed_at_second(asking._publish))
        with pytest.raises(Killed):
            tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 4}
    assert FaceMatch.objects.count() == 8 + 4  # each of the first new photo's is two guests
    tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 4}
    assert FaceMatch.objects.count() == 8 + 12


def test_late_faces_that_are_cut_into_jobs_cost_no_call_more(
    event, late_faces, rekognition, monkeypatch
):
    monkeypatch.setattr(searching, "SLICE_SECONDS", -1)
    tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 2}
    run_jobs()
    assert asked(rekognition) == {"SearchFaces": 4}
    assert FaceMatch.objects.count() == 8 + 12


def test_who_lost_the_lease_keeps_no_answer_and_asks_no_more(
    event, late_faces, rekognition, monkeypatch
):
    monkeypatch.setattr(leases.Held, "still_is", lambda held: False)
    tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 2}
    assert FaceMatch.objects.count() == 8


def test_a_late_guest_costs_two_calls_and_their_anchors(event, rekognition):
    join(event, 1)
    upload(event, [1, 2], [2])
    tasks.settle(event.pk)
    asked(rekognition)
    join(event, 2)
    tasks.settle(event.pk)
    assert asked(rekognition) == {"IndexFaces": 1, "SearchFaces": 1 + 2}
    assert FaceMatch.objects.count() == 3


def test_before_the_first_guest_nothing_is_searched(event, rekognition):
    upload(event, [1, 2])
    tasks.settle(event.pk)
    assert asked(rekognition) == {"IndexFaces": 1}


def test_where_only_guests_are_looked_for_faces_cost_nothing_before_the_first(event, rekognition):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    upload(event, [1, 2])
    assert asked(rekognition) == {}
    join(event, 1)
    run_jobs()
    assert asked(rekognition) == {"IndexFaces": 1, "AssociateFaces": 1, "SearchUsersByImage": 2}


def test_where_only_guests_are_looked_for_the_collection_holds_their_selfies_alone(
    event, rekognition
):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    join(event, 1)
    upload(event, [1, 2, 3], [4])
    (faces,) = rekognition.collections.values()
    assert [face.external_image_id.split("-")[0] for face in faces] == ["selfie"]


def test_moving_the_threshold_asks_nothing_above_the_floor_and_once_below(event, rekognition):
    join(event, 1)
    upload(event, [1])
    tasks.settle(event.pk)
    FaceSimilarity.objects.update(similarity=80)
    asked(rekognition)
    for threshold, matches in [(85, 0), (75, 1), (81, 0), (80, 1)]:
        Event.objects.update(match_threshold=threshold)
        event.refresh_from_db()
        renewing.start(event, before=85)
        tasks.rematch(event.pk)
        tasks.settle(event.pk)
        assert FaceMatch.objects.counting().count() == matches
    assert asked(rekognition) == {}
    Event.objects.update(match_threshold=asking.FLOOR - 10)
    tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 1 + 1}


def test_calls_are_counted_by_operation_and_priced(event, rekognition, settings):
    settings.REKOGNITION_PRICES = {"IndexFaces": 0.5, "SearchFaces": 0.25}
    join(event, 1)
    upload(event, [1], [2])
    tasks.settle(event.pk)
    counted = {row.operation: (row.calls, row.dollars) for row in costs.so_far(event)}
    assert counted == {"IndexFaces": (3, 1.5), "SearchFaces": (2, 0.5)}
    assert {name: calls for name, (calls, _) in counted.items()} == asked(rekognition)


def test_a_truncated_answer_is_said(event, rekognition, monkeypatch, caplog):
    monkeypatch.setattr("faces.index.rekognition.MAX_ANSWERS", 2)
    join(event, 1)
    upload(event, [1], [1, 2], [1, 3])
    tasks.settle(event.pk)
    assert Enrollment.objects.get().truncated
    assert "search_truncated" in caplog.text
    (warning,) = checks.searches_found_all()
    assert event.slug in warning.msg


def test_a_truncated_answer_to_a_crop_is_said(event, rekognition, monkeypatch, caplog):
    monkeypatch.setattr("faces.index.rekognition.MAX_POOLS", 1)
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    join(event, 1)
    upload(event, [2])
    assert "search_truncated" not in caplog.text
    upload(event, [1], first=1)
    assert "search_truncated" in caplog.text


def test_a_selfie_that_the_collection_lost_keeps_nobody_else_waiting(
    event, rekognition, monkeypatch
):
    monkeypatch.setattr("faces.index.rekognition.SETTLING_SECONDS", (0,))
    lost, other = join(event, 1), join(event, 2)
    index = index_of(event)
    gone = Enrollment.objects.get(selfie__user=lost).remote_face_id
    index.forget([gone])
    upload(event, [1, 2])
    tasks.settle(event.pk)
    assert FaceMatch.objects.of(other).exists()
    assert not searching.is_behind(event, other)
    assert searching.is_behind(event, lost)


def test_where_a_new_face_is_lost_the_guests_are_asked_for(event, rekognition, monkeypatch):
    monkeypatch.setattr("faces.index.rekognition.SETTLING_SECONDS", (0,))
    for person in (1, 2, 3, 4):
        join(event, person)
    upload(event, [1, 2], [3, 4])
    tasks.settle(event.pk)
    upload(event, [2], first=7)
    index_of(event).forget([Face.objects.latest("pk").remote_face_id])
    asked(rekognition)
    tasks.settle(event.pk)
    assert asked(rekognition) == {"SearchFaces": 4 + 4}
    assert searching.behind_count(index_of(event), event) == 0


def test_a_new_face_that_is_not_found_yet_is_asked_for_again(event, rekognition, monkeypatch):
    monkeypatch.setattr("faces.index.rekognition.SETTLING_SECONDS", (0.1, 0.2, 0.4))
    upload(event, [1])
    rekognition.settling_seconds = 0.2
    join(event, 1)
    assert FaceMatch.objects.count() == 1
