"""A guest's surest faces are asked about too: once, when photos rest, and the same in any order.

Person 1 is the guest as the selfie shows them; 3 is the guest half turned, 2 turned away: like 3,
and hardly like the selfie. 4 is a stranger.
"""

from datetime import timedelta

import numpy as np
import pytest

from faces.finding import answers, asking, enrolling, erasing, searching, verdicts
from faces.index.indexes import index_of
from faces.index.models import Anchor
from faces.models import Candidate, Face, FaceMatch, FaceSimilarity, Selfie
from photos import removing
from photos.models import Photo
from tests.builders import NOON, make_event, make_selfie
from tests.rekognition.test_calls import asked, join, upload
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]
COSINES = {(1, 3): 0.62, (2, 3): 0.62, (1, 2): 0.34}


@pytest.fixture(autouse=True)
def people(monkeypatch):
    """Templates with these cosines: the rows of a matrix whose product with itself they are."""
    cosines = np.eye(4)
    for (one, other), cosine in COSINES.items():
        cosines[one - 1, other - 1] = cosines[other - 1, one - 1] = cosine
    rows = np.linalg.cholesky(cosines)
    templates = {person: np.zeros(128, np.float32) for person in (1, 2, 3, 4)}
    for person, template in templates.items():
        template[:4] = rows[person - 1]
    monkeypatch.setattr("tests.fakes.template", templates.__getitem__)


def settle(event):
    searching.settle(event)
    run_jobs()


def bands(event, user):
    """The guest's bands by the names of photos and the places of faces."""
    found = answers.scored(index_of(event), event, answers.bands(85), [user.pk])[user.pk]
    faces = Face.objects.in_bulk([one.face_id for one in found])
    return {
        (faces[one.face_id].photo.sha256, faces[one.face_id].ordinal): one.band for one in found
    }


def anchors_of(user):
    own = Anchor.objects.filter(enrollment__selfie__user=user, face__isnull=False)
    return set(own.values_list("face", flat=True))


def sure_count(event, user):
    return [*bands(event, user).values()].count(Candidate.Band.SURE)


def test_an_anchor_finds_what_the_selfie_does_not(event, rekognition, settings):
    guest = join(event, 1)
    upload(event, [3], [2], [4])
    settle(event)
    assert sure_count(event, guest) == 2
    settings.REKOGNITION_ANCHORS = 0
    assert sure_count(event, guest) == 1


def test_what_an_anchor_answered_is_no_answer_of_the_selfie(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [2])
    settle(event)
    rows = FaceSimilarity.objects.filter(enrollment__selfie__user=guest)
    assert rows.filter(anchor=None).count() == 2
    (anchor,) = anchors_of(guest)
    assert set(rows.exclude(anchor=None).values_list("anchor", flat=True)) == {anchor}


def test_of_one_photo_only_its_faces_are_scored(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [2, 4])
    settle(event)
    photo = Photo.objects.order_by("pk").last()
    found = answers.scored(index_of(event), event, answers.bands(85), [guest.pk, 0], photo.pk)
    assert [one.band for one in found[guest.pk]] == [Candidate.Band.SURE]
    assert found[0] == []


def test_nothing_is_asked_twice(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [3, 2], [1])
    settle(event)
    asked(rekognition)
    searching.sweep()
    run_jobs()
    searching.search_guests(event, [guest.pk])
    searching.heard(event, guest)
    settle(event)
    assert asked(rekognition) == {}


def test_while_photos_are_looked_at_a_guest_s_anchors_are_not_asked_about(event, rekognition):
    guest = join(event, 1)
    upload(event, [3])
    event.scans.update(state="queued")
    searching.search_guests(event, [guest.pk])
    assert "SearchFaces" not in asked(rekognition)
    event.scans.update(state="done")
    searching.search_guests(event, [guest.pk])
    assert asked(rekognition) == {"SearchFaces": 2}


PHOTOS = [[3, 4], [2], [3], [1, 2], [3]]


def result(event, user):
    """Bands and anchors, by the photos' bytes: rows have other numbers in another order."""
    anchors = Face.objects.filter(pk__in=anchors_of(user))
    return bands(event, user), set(anchors.values_list("photo__sha256", "ordinal"))


def in_order(event, order, *, rests):
    """The outcome for a guest when photos come in this order, one batch for each or one for all."""
    guest = join(event, 1)
    for place in order:
        upload(event, PHOTOS[place], first=place)
        # Cameras say when a photo was taken; these pictures have no such time.
        taken_at = NOON + timedelta(minutes=place)
        Photo.objects.filter(pk=Photo.objects.latest("pk").pk).update(taken_at=taken_at)
        if rests:
            settle(event)
    settle(event)
    return result(event, guest)


@pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (1, 3, 0, 4, 2), (2, 0, 4, 1, 3)])
def test_the_same_photos_in_any_order_end_in_the_same_bands_and_anchors(rekognition, order):
    expected = in_order(make_event(), range(5), rests=False)
    assert len(expected[1]) == 2
    for rests in (False, True):
        assert in_order(make_event(), order, rests=rests) == expected


def test_an_anchor_whose_photo_is_removed_is_replaced(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [3], [3], [2])
    settle(event)
    before = anchors_of(guest)
    photo = Face.objects.get(pk=min(before)).photo_id
    removing.remove([photo], by=None)
    asked(rekognition)
    searching.sweep()
    run_jobs()
    assert asked(rekognition) == {"SearchFaces": 1}
    assert len(anchors_of(guest)) == 2
    assert len(anchors_of(guest) & before) == 1


def test_a_face_that_is_denied_is_no_anchor_and_brings_nobody(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [2])
    settle(event)
    match = FaceMatch.objects.get(photo__faces__in=anchors_of(guest))
    verdicts.say(user=guest, photo=match.photo, verdict="not_me")
    assert sure_count(event, guest) == 0
    asked(rekognition)
    settle(event)
    assert asked(rekognition) == {}
    verdicts.say(user=guest, photo=match.photo, verdict="")
    settle(event)
    assert sure_count(event, guest) == 2


def test_another_guest_s_face_is_no_anchor(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [2])
    settle(event)
    assert sure_count(event, guest) == 2
    other = join(event, 3)
    settle(event)
    assert anchors_of(guest) == set()
    assert sure_count(event, guest) == 1
    assert sure_count(event, other) == 2


def test_anchors_that_a_dead_worker_left_are_asked_about_by_the_sweep(
    event, rekognition, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    guest = join(event, 1)
    upload(event, [3], [2])
    with monkeypatch.context() as patch:
        patch.setattr(asking, "_put", die)
        with pytest.raises(Killed):
            searching.settle(event)
    assert searching.is_behind(event, guest)
    searching.sweep()
    run_jobs()
    assert not searching.is_behind(event, guest)
    assert sure_count(event, guest) == 2


def test_a_selfie_that_is_removed_takes_its_anchors_along(event, rekognition):
    join(event, 1)
    upload(event, [3], [2])
    settle(event)
    erasing.remove_selfie(Selfie.objects.get())
    assert not Anchor.objects.exists()
    assert not FaceSimilarity.objects.exists()


def test_a_second_selfie_keeps_the_anchors_and_asks_about_none_again(event, rekognition):
    guest = join(event, 1)
    upload(event, [3], [2])
    settle(event)
    before = anchors_of(guest)
    asked(rekognition)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    settle(event)
    assert anchors_of(guest) == before
    assert asked(rekognition) == {"IndexFaces": 1, "SearchFaces": 1}


def test_a_new_face_is_compared_with_anchors_too(event, rekognition):
    guests = [join(event, 1), join(event, 4)]
    upload(event, [3, 4])
    settle(event)
    asked(rekognition)
    upload(event, [2], first=5)
    settle(event)
    assert asked(rekognition) == {"IndexFaces": 1, "SearchFaces": 1}
    assert [sure_count(event, guest) for guest in guests] == [2, 1]


def test_an_anchor_that_the_collection_lost_keeps_nobody_waiting(event, rekognition, monkeypatch):
    monkeypatch.setattr("faces.index.rekognition.SETTLING_SECONDS", (0,))
    guest = join(event, 1)
    upload(event, [3], [2])
    search = asking.settle_anchors

    def after_a_loss(index, *rest):
        index.forget([Face.objects.order_by("pk").first().remote_face_id])
        return search(index, *rest)

    monkeypatch.setattr(asking, "settle_anchors", after_a_loss)
    settle(event)
    assert not searching.is_behind(event, guest)
