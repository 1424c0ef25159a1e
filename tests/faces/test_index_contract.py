"""What any face index must do, whatever recognizes the faces behind it."""

import pytest

from faces.index import index_of
from faces.models import Enrollment, Face
from photos import images
from tests.builders import make_photo, make_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["local"])
def index(request, settings, event):
    settings.FACE_INDEX = request.param
    return index_of(event)


def image(people):
    return images.decode(picture(people), min_side=None)


def enroll(index, event, user, person):
    face = index.enroll(event, image([person]))
    return Enrollment.objects.create(
        selfie=make_selfie(user, person=person),
        event=event,
        index_name=index.name,
        template=face.template,
        remote_face_id=face.remote_face_id,
    )


def scan(index, event, people):
    photo = make_photo(event)
    for ordinal, face in enumerate(index.scan(event, image(people))):
        Face.objects.create(
            photo=photo, event=event, index_name=index.name, ordinal=ordinal, **face.__dict__
        )
    return photo


def test_boxes_are_parts_of_the_photo(index, event):
    for face in index.scan(event, image([1, 2])):
        assert 0 <= face.left < face.left + face.width <= 1
        assert 0 <= face.top < face.top + face.height <= 1


def test_a_photo_without_faces_is_an_empty_list(index, event):
    assert index.scan(event, image([])) == []


def test_a_search_finds_each_guest_in_the_right_photos(index, event, guest, other_guest):
    enroll(index, event, guest, 1)
    enroll(index, event, other_guest, 2)
    both, second = scan(index, event, [1, 2]), scan(index, event, [2])
    hits = index.search(event, at_least=85)
    assert {(hit.user_id, hit.photo_id) for hit in hits} == {
        (guest.pk, both.pk),
        (other_guest.pk, both.pk),
        (other_guest.pk, second.pk),
    }
    assert all(85 <= hit.similarity <= 100 for hit in hits)


def test_a_search_can_be_narrowed_to_a_guest_and_to_a_photo(index, event, guest, other_guest):
    enroll(index, event, guest, 1)
    enroll(index, event, other_guest, 2)
    photo, other = scan(index, event, [1, 2]), scan(index, event, [1])
    of_guest = index.search(event, at_least=85, user_id=guest.pk)
    of_photo = index.search(event, at_least=85, photo_id=photo.pk)
    assert {hit.photo_id for hit in of_guest} == {photo.pk, other.pk}
    assert {hit.user_id for hit in of_photo} == {guest.pk, other_guest.pk}


def test_a_guest_with_two_selfies_is_one_hit_a_photo(index, event, guest):
    enroll(index, event, guest, 1)
    enroll(index, event, guest, 1)
    scan(index, event, [1])
    assert len(index.search(event, at_least=85)) == 1


def test_another_event_is_never_searched(index, event, guest, rival_organizer):
    elsewhere = rival_organizer.events.get()
    enroll(index, event, guest, 1)
    scan(index, elsewhere, [1])
    assert index.search(event, at_least=0) == []
    assert index.search(elsewhere, at_least=0) == []


def test_the_ends_of_the_scale_are_allowed(index, event, guest):
    enroll(index, event, guest, 1)
    scan(index, event, [1])
    scan(index, event, [2])
    assert len(index.search(event, at_least=0)) == 2
    assert len(index.search(event, at_least=100)) <= 1


def test_templates_of_another_model_are_not_compared(index, event, guest):
    enroll(index, event, guest, 1)
    scan(index, event, [1])
    Face.objects.update(index_name="another")
    assert index.search(event, at_least=0) == []
