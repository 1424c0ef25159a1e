"""By how much two cameras' clocks differ, from photos that show the same people. Pure: no rows.

Who is in a photo of one camera is often in one of the other within minutes, at the table, at the
cake. Of all pairs of photos with somebody in common the differences of their times lie all over the
event; but those few that belong together lie at one difference, the clocks'. It is looked for as a
narrow heap that stands out of the broad one around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]

MINUTE, HOUR, DAY = 60, 3600, 86400
# What two photos of one moment are apart at most, and in which steps differences are counted.
NEAR, STEP = 150, 30
# A heap is compared with what lies around it, from here to there.
AROUND_LEAST, AROUND_MOST = 8 * MINUTE, 45 * MINUTE
# A clock may be wrong by whole days, and besides by what a time zone is wrong at most.
WITHIN = 36 * HOUR
# Who shares more people than that is not surer still.
MOST_IN_COMMON = 4
# Enough to say so: pairs, and moments of either camera that they are from; how far above chance,
# in standard deviations; and how much of it another difference may have at most.
LEAST_PAIRS, LEAST_MOMENTS, LEAST_ABOVE, MOST_OF_RIVAL = 8, 4, 9.0, 0.7
MOMENT = 5 * MINUTE
# Clocks that are a whole quarter of an hour apart, but for so much, are in another time zone.
ZONE_STEP, ZONE_SLACK = HOUR // 4, 45


@dataclass(frozen=True)
class Pairs:
    """Pairs of photos with people in common: when the one and the other was taken, in seconds, and
    how many people. Arrays of one length."""

    first: Numbers
    second: Numbers
    common: Numbers

    def narrowed(self, places: NDArray[np.bool_] | Numbers) -> Pairs:
        return Pairs(self.first[places], self.second[places], self.common[places])

    @property
    def apart(self) -> Numbers:
        return self.first - self.second


@dataclass(frozen=True)
class Offset:
    """By how many seconds the second camera's photos were to be set later to agree with the first
    one's, and how many pairs of photos say so."""

    seconds: int
    pairs: int


def offset(pairs: Pairs) -> Offset | None:
    """None where there is too little to tell."""
    pairs = _one_of_each_burst(pairs)
    if len(pairs.common) < LEAST_PAIRS:
        return None
    days = round(float(np.median(pairs.apart)) / DAY) * DAY
    pairs = pairs.narrowed(np.abs(pairs.apart - days) <= WITHIN)
    if len(pairs.common) < LEAST_PAIRS:
        return None
    steps = (pairs.apart - days + WITHIN) // STEP
    weights = np.minimum(pairs.common, MOST_IN_COMMON).astype(np.float64) ** 2
    above, sure = _heaps(steps, weights, 2 * WITHIN // STEP + 1)
    best = int(above.argmax())
    middle = best * STEP + STEP // 2 - WITHIN + days
    near = pairs.narrowed(np.abs(pairs.apart - middle) <= NEAR)
    rivals = above.copy()
    rivals[max(0, best - AROUND_LEAST // STEP) : best + AROUND_LEAST // STEP + 1] = 0
    if sure[best] < LEAST_ABOVE or rivals.max() > MOST_OF_RIVAL * above[best] or not _enough(near):
        return None
    return Offset(_rounded(_median(near)), len(near.common))


def _one_of_each_burst(pairs: Pairs) -> Pairs:
    """Of all pairs from the same two minutes the one with the most people: ten shots of one group
    by each camera are one meeting, not a hundred."""
    order = np.argsort(-pairs.common, kind="stable")
    minutes = np.stack([pairs.first[order] // MINUTE, pairs.second[order] // MINUTE])
    return pairs.narrowed(order[np.unique(minutes, axis=1, return_index=True)[1]])


def _heaps(steps: Numbers, weights: Weights, length: int) -> tuple[Weights, Weights]:
    """For each difference, by how much the heap there stands out of what is around it, and how
    many standard deviations of chance that is."""
    heap = np.bincount(steps, weights, minlength=length)
    squares = np.bincount(steps, weights**2, minlength=length)
    reach = NEAR // STEP
    near = 1 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1)
    around = np.ones(2 * AROUND_MOST // STEP + 1)
    middle, gap = len(around) // 2, AROUND_LEAST // STEP
    around[middle - gap : middle + gap + 1] = 0
    around /= around.sum()
    here = np.convolve(heap, near, "same")
    chance = np.convolve(heap, around, "same") * near.sum()
    # One pair more or less is no wonder, where nothing is around.
    spread = np.convolve(squares, around, "same") * (near**2).sum() + (weights**2).mean()
    above = np.maximum(here - chance, 0)
    return above, above / np.sqrt(spread)


def _enough(near: Pairs) -> bool:
    moments = min(len(np.unique(times // MOMENT)) for times in (near.first, near.second))
    return len(near.common) >= LEAST_PAIRS and moments >= LEAST_MOMENTS


def _median(near: Pairs) -> float:
    """Of the differences; who shares more people counts for more."""
    order = np.argsort(near.apart)
    total = np.cumsum(near.common[order])
    return float(near.apart[order][np.searchsorted(total, total[-1] / 2)])


def _rounded(seconds: float) -> int:
    """To a time zone's step where it is as good as one, else to whole minutes."""
    zone = round(seconds / ZONE_STEP) * ZONE_STEP
    if abs(seconds - zone) <= ZONE_SLACK:
        return zone
    return round(seconds / MINUTE) * MINUTE
