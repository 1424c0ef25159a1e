"""A guest's faces by what a service answered about selfies and anchors. No service, no rows."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from faces.finding import answers
from faces.finding.answers import Answers, Choosable
from faces.models import Candidate
from faces.vision.similarity import similarity

LEVELS = answers.bands(85)
SURE, ASKED, NEAR = Candidate.Band.SURE, Candidate.Band.ASKED, Candidate.Band.NEAR
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)


def bands_of(known):
    return {one.face_id: one.band for one in answers.score(known, LEVELS)}


def of_vectors(selfie, faces, anchors):
    """What a service would answer about these unit vectors; a face's id is its place."""

    def like(vector, but=None):
        scores = {i: similarity(float(vector @ face)) for i, face in enumerate(faces) if i != but}
        return {i: score for i, score in scores.items() if score >= 30}

    return Answers(like(selfie), {a: like(faces[a], a) for a in anchors})


@pytest.fixture
def person():
    """A selfie, eight faces from the front and four turned away; then three strangers' faces."""
    rng = np.random.default_rng(3)

    def unit(vector):
        return vector / np.linalg.norm(vector)

    # All of them at right angles: what is written below is what is compared.
    who, turned, *noise = np.linalg.qr(rng.normal(size=(100, 18)))[0].T
    selfie = unit(0.75 * who + 0.66 * noise[0])
    front = [unit(0.8 * who + 0.35 * turned + 0.48 * n) for n in noise[1:9]]
    side = [unit(0.34 * who + 0.70 * turned + 0.63 * n) for n in noise[9:13]]
    return selfie, np.array(front + side + noise[13:])


def test_without_anchors_the_selfies_decide():
    known = Answers({1: 86, 2: 84, 3: 69, 4: 49})
    assert bands_of(known) == {1: SURE, 2: ASKED, 3: NEAR}


def test_asked_follows_the_threshold_by_a_fixed_distance():
    assert [(answers.bands(t).sure, answers.bands(t).asked) for t in (70, 85, 95)] == [
        (70, 55),
        (85, 70),
        (95, 80),
    ]
    assert answers.bands(5).asked == answers.bands(5).near == 0


def test_anchors_bring_what_the_selfie_was_not_sure_of_and_no_stranger(person):
    alone = bands_of(of_vectors(*person, []))
    found = bands_of(of_vectors(*person, [0, 1]))
    sure = {face for face, band in found.items() if band == SURE}
    assert not {8, 9, 10, 11} & {face for face, band in alone.items() if band == SURE}
    assert sure == set(range(12))


def test_the_score_is_the_cosine_with_the_sum(person):
    selfie, faces = person
    known = of_vectors(selfie, faces, [0, 1])
    total = selfie + faces[0] + faces[1]
    for face in range(2, 12):
        expected = float(total @ faces[face] / np.linalg.norm(total))
        assert answers.model(known, [0, 1], face) == pytest.approx(expected, abs=0.01)


def test_an_anchor_never_counts_for_itself():
    known = Answers({1: 99, 2: 90}, {2: {1: 99}})
    by_other = Answers({1: 99, 2: 90})
    of_second = {one.face_id: one.similarity for one in answers.score(known, LEVELS)}[2]
    assert of_second == {o.face_id: o.similarity for o in answers.score(by_other, LEVELS)}[2]


def test_an_anchor_that_the_selfies_are_not_sure_of_brings_nobody():
    known = Answers({1: 84, 2: 40}, {1: {2: 99}})
    assert answers.members(known, 85) == []
    assert bands_of(known) == {1: ASKED}


def test_what_the_selfie_mistook_brings_nobody_along():
    """An anchor that is nothing like the surer one."""
    known = Answers({1: 99, 2: 86}, {1: {3: 98}, 2: {4: 99, 5: 99}})
    assert answers.members(known, 85) == [1]
    assert set(bands_of(known)) == {1, 2, 3}


@pytest.mark.parametrize("excluded", ["denied", "contested"])
def test_a_face_that_is_denied_or_another_guest_s_is_no_anchor(excluded):
    known = Answers({1: 99}, {1: {2: 99}}, **{excluded: {1}})
    assert answers.members(known, 85) == []
    assert 2 not in {face for face, band in bands_of(known).items() if band != NEAR}


def test_a_face_that_was_denied_is_not_the_guest_s_and_hides_those_that_are_like_it():
    known = Answers({1: 95, 2: 88, 3: 99}, {1: {2: 99}}, denied={1})
    assert bands_of(known) == {2: NEAR, 3: SURE}


def test_a_confirmed_face_is_an_anchor_once_it_is_near_another():
    near = Answers({1: 99, 2: 75}, {1: {2: 97}, 2: {1: 97, 3: 99}}, confirmed={2})
    far = Answers({1: 99, 2: 75}, {1: {2: 40}, 2: {1: 40, 3: 99}}, confirmed={2})
    alone = Answers({2: 84}, {2: {3: 99}}, confirmed={2})
    assert [answers.members(known, 85) for known in (near, far, alone)] == [[1, 2], [1], []]


def stranger_of_forty():
    """A selfie without photos, of which one face is only just sure; its owner has forty."""
    others = dict.fromkeys(range(2, 42), 99.0)
    return Answers({1: 86} | dict.fromkeys(others, 45.0), {1: others})


def test_a_guest_who_ran_off_to_somebody_else_is_shown_what_the_selfie_is_sure_of():
    found = answers.score(stranger_of_forty(), LEVELS)
    assert {one.face_id for one in found if one.band == SURE} == {1}
    assert len(found) == 41
    assert all(one.strength <= 86 for one in found)


def test_without_the_guard_they_would_be_shown_them_all(monkeypatch):
    monkeypatch.setattr(answers, "RAN_OFF", 2)
    assert list(bands_of(stranger_of_forty()).values()).count(SURE) == 41


def test_a_guest_with_many_photos_of_their_own_did_not_run_off(person):
    known = of_vectors(*person, [0, 1])
    scores = {face: answers.model(known, [0, 1], face) for face in range(12)}
    assert not answers.has_run_off(known, [0, 1], scores, LEVELS)


def choosable(face_id, likeness, *, photo_id=None, minute=0, is_confirmed=False):
    at = NOON + timedelta(minutes=minute)
    photo = photo_id or face_id
    return Choosable(1, face_id, photo, 1, likeness, is_confirmed, at, (f"{photo:064}", 0))


def chosen(faces, most=2):
    return [face.face_id for face in answers.choose(faces, most)]


def test_the_surest_faces_are_anchors_one_of_a_photo():
    faces = [choosable(1, 99.9, photo_id=7), choosable(2, 99.8, photo_id=7), choosable(3, 90)]
    assert chosen(faces) == [1, 3]
    assert chosen(faces, most=0) == []


def test_anchors_are_the_same_in_whatever_order_photos_came():
    faces = [choosable(n, 99.9 - n / 100, minute=-n) for n in range(1, 6)]
    assert len({tuple(chosen(order)) for order in itertools.permutations(faces)}) == 1


def test_a_later_photo_takes_no_anchor_s_place_unless_it_is_surer_by_enough():
    first = [choosable(1, similarity(0.56)), choosable(2, similarity(0.56), minute=1)]
    assert chosen([*first, choosable(3, similarity(0.59), minute=2)]) == [1, 2]
    assert chosen([*first, choosable(3, similarity(0.66), minute=2)]) == [3, 1]


def test_a_confirmed_face_comes_after_a_sure_one_and_never_alone():
    said = choosable(1, 60, is_confirmed=True)
    assert chosen([said]) == []
    assert chosen([said, choosable(2, 86)]) == [2, 1]
