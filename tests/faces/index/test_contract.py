"""What any face index must do, whatever recognizes the faces behind it."""

import pytest

from events.models import Event
from faces import tasks
from faces.finding import enrolling, renewing, scanning
from faces.index.contract import RemoteIndex
from faces.index.implementations import implementation
from faces.index.indexes import index_of, is_remote
from faces.models import Candidate, Enrollment, Face, FaceMatch, GuestModel, PhotoScan
from faces.privacy import withdrawal
from photos.imaging import images
from photos.intake.ingest import ingest
from tests.builders import consent, make_photo, make_selfie
from tests.fakes import picture
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(
    params=["local", pytest.param("rekognition", marks=pytest.mark.rekognition), "third"],
    autouse=True,
)
def kind(request, settings, third_index):
    if request.param == "rekognition":
        request.getfixturevalue("rekognition")
    settings.FACE_INDEX = request.param
    return request.param


def enroll(event, user, person):
    consent_of = user.consents.filter(event=event, withdrawn_at=None)
    consent_of.exists() or consent(user, event)
    make_selfie(user, person=person)
    enrolling.enroll_event(event.pk)


def add_photo(event, people, seed=0):
    photo = ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None).photo
    run_jobs()
    return photo


def found(event):
    run_jobs()
    tasks.settle(event.pk)
    return set(FaceMatch.objects.in_event(event).values_list("user", "photo"))


def test_whether_it_is_remote_is_said_by_the_index_and_its_kind(event, kind):
    index = index_of(event)
    assert (
        is_remote(index)
        == index.is_remote
        == implementation(index.row.kind).is_remote
        == (kind == "rekognition")
    )
    can = {name for name in vars(RemoteIndex) if not name.startswith("_")}
    assert all(hasattr(index, name) for name in can) == index.is_remote
    assert bool(index.service) == index.is_remote


def test_boxes_are_parts_of_the_photo(event):
    photo = make_photo(event)
    faces = index_of(event).scan(photo.pk, images.decode(picture([1, 2]), min_side=None))
    assert len(faces) == 2
    for face in faces:
        assert 0 <= face.left < face.left + face.width <= 1
        assert 0 <= face.top < face.top + face.height <= 1


def test_a_photo_without_faces_has_none(event):
    add_photo(event, [])
    assert PhotoScan.objects.get().state == "done"
    assert not Face.objects.exists()


def test_each_guest_is_found_in_the_right_photos(event, guest, other_guest):
    enroll(event, guest, 1)
    enroll(event, other_guest, 2)
    both, second = add_photo(event, [1, 2]), add_photo(event, [2], seed=1)
    assert found(event) == {
        (guest.pk, both.pk),
        (other_guest.pk, both.pk),
        (other_guest.pk, second.pk),
    }
    assert all(85 <= match.similarity <= 100 for match in FaceMatch.objects.all())


def test_a_guest_who_comes_after_the_photos_is_found_too(event, guest):
    photo = add_photo(event, [1, 2])
    enroll(event, guest, 1)
    assert found(event) == {(guest.pk, photo.pk)}


def test_a_match_names_the_face_it_rests_on(event, guest):
    enroll(event, guest, 2)
    add_photo(event, [1, 2])
    found(event)
    face = FaceMatch.objects.get().face
    assert face.left == max(Face.objects.values_list("left", flat=True))


def test_a_guest_with_two_selfies_is_one_match_a_photo(event, guest):
    for _ in range(2):
        enroll(event, guest, 1)
    photo = add_photo(event, [1])
    assert found(event) == {(guest.pk, photo.pk)}


def test_another_event_is_never_searched(event, guest, rival_organizer):
    elsewhere = rival_organizer.events.get()
    enroll(event, guest, 1)
    add_photo(elsewhere, [1])
    assert found(event) == found(elsewhere) == set()
    assert index_of(event).name != index_of(elsewhere).name or not is_remote(index_of(event))


def test_templates_of_another_index_are_not_compared(event, guest):
    enroll(event, guest, 1)
    add_photo(event, [1])
    found(event)
    Face.objects.update(index_name="another")
    Enrollment.objects.update(index_name="another")
    renewing.match_everybody(event)
    assert not FaceMatch.objects.exists()


def test_a_selfie_that_is_withdrawn_is_found_no_more(event, guest):
    enroll(event, guest, 1)
    withdrawal.withdraw(user=guest, event=event)
    add_photo(event, [1])
    assert found(event) == set()
    assert not Candidate.objects.exists()
    assert not GuestModel.objects.exists()


def test_where_only_guests_are_looked_for_they_are_found_and_nobody_else_is_kept(
    event, guest, kind
):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    enroll(event, guest, 1)
    photo = add_photo(event, [1, 2, 3])
    assert found(event) == {(guest.pk, photo.pk)}
    matched = FaceMatch.objects.values("face")
    strangers = Face.objects.exclude(pk__in=matched)
    assert strangers.count() == 2
    assert not strangers.exclude(template=None, remote_face_id="").exists()


def test_where_only_guests_are_looked_for_a_late_one_is_found(event, guest, other_guest):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    enroll(event, other_guest, 2)
    photo = add_photo(event, [1, 2])
    enroll(event, guest, 1)
    assert found(event) == {(guest.pk, photo.pk), (other_guest.pk, photo.pk)}


def test_a_photo_that_is_looked_at_again_has_its_faces_once(event, guest):
    enroll(event, guest, 1)
    photo = add_photo(event, [1])
    scanning.scan_again(event)
    assert found(event) == {(guest.pk, photo.pk)}
    assert Face.objects.count() == 1
