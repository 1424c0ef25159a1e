"""Parties that never were: where guests and photographers stood, and who is in whose photo."""

from __future__ import annotations

import numpy as np

from faces.desk.clock_agreement import Pairs

MINUTES = 300
PLACES = 10


def wander(random, dwell):
    """Where somebody is, minute by minute; at the speech and the cake all are in one place."""
    places = []
    while len(places) < MINUTES:
        places += [int(random.integers(PLACES))] * int(random.integers(*dwell))
    places = np.array(places[:MINUTES])
    places[60:85] = 0
    places[180:192] = 1
    return places


def shoot(random, guests, minutes, photos):
    """(seconds, people) of a photographer's photos: those who stand where they do."""
    path = wander(random, (3, 10))
    taken = []
    for second in sorted(random.integers(minutes[0] * 60, minutes[1] * 60, photos)):
        there = np.flatnonzero(guests[:, second // 60] == path[second // 60])
        seen = random.permutation(there)[: random.integers(1, 5)]
        taken.append((int(second), {int(who) for who in seen if random.random() < 0.8}))
    return taken


def party(seed, *, first=(0, MINUTES), second=(0, MINUTES), guests=90, photos=400, moments=25):
    random = np.random.default_rng(seed)
    stand = np.stack([wander(random, (8, 25)) for _ in range(guests)])
    ours, theirs = (shoot(random, stand, span, photos) for span in (first, second))
    for _ in range(moments):
        _both_shoot(
            random, guests, (max(first[0], second[0]), min(first[1], second[1])), ours, theirs
        )
    return ours, theirs, random


def _both_shoot(random, guests, minutes, ours, theirs):
    """A kiss, a toast, a dance: some people whom both take within a minute."""
    if minutes[0] >= minutes[1]:
        return
    second = int(random.integers(minutes[0] * 60, minutes[1] * 60))
    who = random.choice(guests, random.integers(2, 6), replace=False)
    for taken in (ours, theirs):
        for _ in range(random.integers(1, 4)):
            seen = {int(one) for one in who if random.random() < 0.7}
            taken.append((second + int(random.integers(-40, 40)), seen))


def pairs_of(ours, theirs, *, behind=0, noise=0.0, random=None):
    """All pairs with somebody in common; the second camera's clock is `behind` by so many seconds.

    `noise`: so large a part of all pairs more is of people who only look alike.
    """
    found = [
        (one, other - behind, len(seen & also))
        for one, seen in ours
        for other, also in theirs
        if seen & also
    ]
    for _ in range(int(noise * len(found))):
        one, other = ours[random.integers(len(ours))], theirs[random.integers(len(theirs))]
        found.append((one[0], other[0] - behind, 1))
    return Pairs(*np.array(found, np.int64).reshape(-1, 3).T)
