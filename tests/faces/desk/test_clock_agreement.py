"""By how much two clocks differ: told from parties whose truth is known, or not told at all."""

import numpy as np
import pytest

from faces.desk import clock_agreement
from faces.desk.clock_agreement import Pairs
from tests.faces.desk.parties import pairs_of, party

SEEDS = range(12)
BEHIND = 58 * 60


def found(seed, *, behind=BEHIND, noise=0.1, **kind):
    ours, theirs, random = party(seed, **kind)
    offset = clock_agreement.offset(
        pairs_of(ours, theirs, behind=behind, noise=noise, random=random)
    )
    return offset and offset.seconds


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ({}, 12),
        ({"photos": 120, "moments": 12}, 11),
        ({"photos": 30, "moments": 8}, 10),
        ({"guests": 20}, 10),
        ({"guests": 250}, 12),
        ({"noise": 0.5}, 12),
        ({"first": (0, 120), "second": (60, 300)}, 11),
    ],
)
def test_a_camera_58_minutes_behind_is_told_to_the_minute(kind, least):
    answers = [found(seed, **kind) for seed in SEEDS]
    assert sum(answer == BEHIND for answer in answers) >= least
    # Where it says something else, that is near.
    assert all(abs(answer - BEHIND) <= 120 for answer in answers if answer is not None)


@pytest.mark.parametrize(
    "behind", [0, -3600, 7 * 3600, 86400, -400 * 86400 + 1800, 26 * 365 * 86400]
)
def test_any_difference_is_found(behind):
    assert [found(seed, behind=behind) for seed in range(4)] == [behind] * 4


@pytest.mark.parametrize(
    "kind",
    [
        {"first": (0, 120), "second": (125, 300)},
        {"first": (0, 150), "second": (150, 300)},
        {"photos": 6, "moments": 0},
    ],
)
def test_photographers_who_never_met_are_not_compared(kind):
    assert [found(seed, **kind) for seed in SEEDS] == [None] * len(SEEDS)


def test_chance_says_nothing():
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        times = random.integers(0, 18_000, (2, 2000))
        assert clock_agreement.offset(Pairs(*times, random.integers(1, 3, 2000))) is None


def test_one_meeting_however_often_it_was_taken_is_not_enough():
    times = np.arange(600)  # a picture a second of the same people by both
    pairs = Pairs(np.repeat(times, 10), np.repeat(times, 10) - BEHIND, np.full(6000, 3))
    assert clock_agreement.offset(pairs) is None


def test_nobody_in_common_says_nothing():
    assert clock_agreement.offset(Pairs(*np.zeros((3, 0), np.int64))) is None
