"""The method: a guest's model, its guard and parts, and what the guest's word does to it."""

import numpy as np
import pytest

from faces.finding.recognition import Limits, Said
from faces.index import grouping
from faces.models import Candidate
from tests.faces.finding.party import LIMITS, Cast, unit

SURE, ASKED, NEAR = Candidate.Band.SURE, Candidate.Band.ASKED, Candidate.Band.NEAR


def banded(result, band):
    return {claim.face_id for claim in result.claims if claim.band == band}


@pytest.fixture
def cast():
    return Cast()


@pytest.fixture
def anna(cast):
    return cast.person()


def test_faces_too_far_from_the_selfie_are_found_by_those_that_are_near(cast, anna):
    near = cast.shoot(anna, 6, cosine=0.85)
    far = cast.shoot(anna, 4, cosine=0.6)
    selfie = cast.near(anna, 0.6)
    vectors = cast.templates().vectors
    assert max(vectors[far] @ selfie) < LIMITS.sure  # alone the selfie finds none of these
    assert banded(cast.recognize(selfie), SURE) >= {*near, *far}


def test_strangers_are_left_out(cast, anna):
    cast.shoot(cast.person(), 30)
    assert cast.recognize(cast.near(anna, 0.8)).claims == []


@pytest.mark.parametrize("count", [0, 1, 10, 29])
def test_an_event_may_have_few_faces(cast, anna, count):
    faces = cast.shoot(anna, count, cosine=0.85)
    assert banded(cast.recognize(cast.near(anna, 0.85)), SURE) == set(faces)


def test_a_member_is_not_compared_with_itself(cast, anna):
    """One face at cosine 0.43 with the selfie: with itself in the model it would have 0.84."""
    selfie = cast.near(anna, 0.8)
    only = cast.add(cast.near(selfie, 0.43))
    result = cast.recognize(selfie)
    assert result.model.members == [only]
    assert [(claim.face_id, claim.band) for claim in result.claims] == [(only, ASKED)]
    assert result.claims[0].cosine == pytest.approx(0.43, abs=1e-5)


def test_each_photo_gives_the_model_its_best_face_only(cast, anna):
    selfie = cast.near(anna, 0.9)
    best = cast.add(cast.near(selfie, 0.8))
    cast.add(cast.near(selfie, 0.7), photo=0)
    assert cast.recognize(selfie).model.members == [best]


def run_off(cast, selfie, *, bridge=0.55, others=30):
    """One photo of the guest's, and many of somebody like it who is not like the selfie."""
    own = cast.near(selfie, bridge)
    stranger = cast.near(own, 0.72)
    stranger = unit(stranger - (stranger @ selfie - 0.2) * selfie)
    return cast.add(own), cast.shoot(stranger, others, cosine=0.9)


def test_a_guest_with_one_photo_does_not_run_off_with_anothers_forty(cast, anna):
    selfie = cast.near(anna, 0.8)
    for seed in range(100, 120):
        cast.faces.clear()
        cast.chance = np.random.default_rng(seed)
        own, others = run_off(cast, selfie, others=40)
        found = banded(cast.recognize(selfie), SURE)
        assert not found & set(others)
        assert found <= {own}


def test_where_the_model_ran_off_the_rest_is_asked(cast, anna):
    selfie = cast.near(anna, 0.8)
    own = cast.add(cast.near(selfie, 0.6))
    bridge = [cast.add(cast.near(selfie, 0.47)) for _ in range(2)]
    stranger = unit(sum(cast.faces[i][1] for i in bridge) - 0.5 * selfie)
    others = cast.shoot(stranger, 40, cosine=0.93)
    result = cast.recognize(selfie)
    assert result.model.ran_off
    assert own in banded(result, SURE)
    assert banded(result, ASKED) & set(others)
    assert not banded(result, SURE) & set(others)


@pytest.fixture
def sisters():
    """Cast, a selfie of one, her eight photos, and twelve of her sister, found too."""
    cast = Cast(3)
    one = cast.person()
    own = cast.shoot(one, 8)
    other = cast.shoot(cast.person(like=one, cosine=0.56), 12)
    return cast, cast.near(one, 0.8), own, other


def test_a_sisters_group_is_asked_about_and_not_shown(sisters):
    cast, selfie, own, other = sisters
    result = cast.recognize(selfie)
    assert banded(result, SURE) == set(own)
    assert banded(result, ASKED) == set(other)
    assert all(claim.cosine >= LIMITS.sure for claim in result.claims)


def test_what_is_in_doubt_takes_no_face_from_who_is_sure(sisters):
    cast, selfie, _own, other = sisters
    doubted = [claim for claim in cast.recognize(selfie).claims if claim.face_id in other]
    assert {claim.strength for claim in doubted} == {LIMITS.asked}


def test_two_selfies_of_different_people_run_off_with_nobody_else(cast, anna):
    other = cast.person()
    both = [*cast.shoot(anna, 5, cosine=0.85), *cast.shoot(other, 5, cosine=0.85)]
    strangers = cast.shoot(cast.person(), 20, cosine=0.85)
    result = cast.recognize(cast.near(anna, 0.85), cast.near(other, 0.85))
    assert {claim.face_id for claim in result.claims} <= set(both)
    assert not banded(result, SURE) & set(strangers)


def test_a_profile_is_asked_about(cast, anna):
    cast.shoot(anna, 10, cosine=0.85)
    profile = cast.add(cast.near(anna, 0.42))
    result = cast.recognize(cast.near(anna, 0.85))
    assert profile in banded(result, ASKED)


def test_an_event_with_many_faces_asks_for_more():
    assert Limits(0.45).asked == pytest.approx(0.34)


def test_the_order_of_faces_makes_no_difference(cast, anna):
    cast.shoot(anna, 25, cosine=0.75)
    cast.shoot(cast.person(like=anna, cosine=0.6), 15, cosine=0.8)
    selfies = [cast.near(anna, 0.8), cast.near(anna, 0.7)]
    faces = cast.templates()
    expected = cast.recognize(*selfies)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(faces))
        again = cast.recognize(*selfies[::-1], faces=faces.narrowed(order))
        assert again.claims == expected.claims
        assert again.model.members == expected.model.members


# What the guest says.


def test_a_yes_brings_faces_like_it(cast, anna):
    selfie = cast.near(anna, 0.8)
    cast.shoot(anna, 3, cosine=0.8)
    bearded = cast.near(anna, 0.5)
    asked = cast.shoot(bearded, 6, cosine=0.9)
    before = cast.recognize(selfie)
    assert set(asked) <= banded(before, ASKED) | banded(before, SURE)
    waiting = sorted(banded(before, ASKED) & set(asked))
    assert len(waiting) >= 3
    after = cast.recognize(selfie, said=Said(me=frozenset(waiting[:2])))
    assert len(banded(after, SURE) & set(waiting)) > 2


@pytest.mark.parametrize("seed", range(5))
def test_who_confirms_everything_gains_only_what_they_were_asked_about(seed):
    """Again and again, until nothing more is asked: never a model of somebody else."""
    cast = Cast(seed)
    anna = cast.person()
    selfie = cast.near(anna, 0.8)
    cast.shoot(anna, 3)
    stranger = cast.person(like=anna, cosine=0.4)
    hers = cast.shoot(stranger, 40, cosine=0.8)
    before = cast.recognize(selfie)
    may = banded(before, SURE) | banded(before, ASKED)
    said = set()
    for _round in range(10):
        result = cast.recognize(selfie, said=Said(me=frozenset(said)))
        said |= banded(result, ASKED)
        assert banded(result, SURE) | banded(result, ASKED) <= may
    assert set(hers) - may


def test_a_claim_of_strangers_in_the_gallery_teaches_nothing(cast, anna):
    selfie = cast.near(anna, 0.8)
    own = cast.shoot(anna, 5)
    hers = cast.shoot(cast.person(), 20)
    said = Said(me=frozenset(hers[:10]))
    assert banded(cast.recognize(selfie, said=said), SURE) == set(own)


def test_a_no_hides_the_face_and_its_group(sisters):
    cast, selfie, own, other = sisters
    after = cast.recognize(selfie, said=Said(not_me=frozenset(other[:1])))
    assert banded(after, SURE) == set(own)
    assert not banded(after, ASKED)


@pytest.mark.parametrize("seed", range(6))
def test_who_denies_their_own_photos_learns_of_nobody_elses(seed):
    """Without the guest's own faces the model may lead to a likeness: that stays hidden."""
    cast = Cast(seed)
    one = cast.person()
    cast.shoot(one, 6)
    cast.shoot(cast.person(like=one, cosine=0.5), 12)
    selfie = cast.near(one, 0.75)
    before = cast.recognize(selfie)
    may = banded(before, SURE) | banded(before, ASKED)
    said = set()
    for _round in range(5):
        said |= banded(cast.recognize(selfie, said=Said(not_me=frozenset(said))), SURE)
        after = cast.recognize(selfie, said=Said(not_me=frozenset(said)))
        assert banded(after, SURE) | banded(after, ASKED) <= may


def test_two_yeses_to_a_group_in_doubt_bring_it(sisters):
    cast, selfie, own, other = sisters
    once = cast.recognize(selfie, said=Said(me=frozenset(other[:1])))
    assert banded(once, SURE) == set(own)
    twice = cast.recognize(selfie, said=Said(me=frozenset(other[:2])))
    assert banded(twice, SURE) == {*own, *other}


def test_a_no_by_mistake_costs_one_photo(cast, anna):
    own = cast.shoot(anna, 10, cosine=0.85)
    selfie = cast.near(anna, 0.85)
    after = cast.recognize(selfie, said=Said(not_me=frozenset(own[:1])))
    assert banded(after, SURE) == set(own[1:])
    assert own[0] not in after.model.members


# Groups.


def test_groups_are_told_apart_and_nobody_is_twice_in_a_photo(cast, anna):
    cast.shoot(anna, 5, cosine=0.85)
    cast.shoot(cast.person(), 5, cosine=0.85)
    twin = cast.add(cast.near(anna, 0.8), photo=0)
    faces = cast.templates()
    labels = grouping.groups(faces.vectors, faces.photo_ids)
    assert len(set(labels[:5])) == len(set(labels[5:10])) == 1
    assert labels[0] != labels[5]
    assert labels[twin] != labels[0]


def test_more_faces_than_are_compared_join_the_nearest_group(cast, anna, monkeypatch):
    monkeypatch.setattr(grouping, "MOST_COMPARED", 12)
    other = cast.person()
    for _ in range(10):
        cast.shoot(anna, 1)
        cast.shoot(other, 1)
    alone = cast.add(cast.person())
    faces = cast.templates()
    labels = grouping.groups(faces.vectors, faces.photo_ids)
    assert len(set(labels[0:20:2])) == len(set(labels[1:20:2])) == 1
    assert labels[alone] not in set(labels[:20])
