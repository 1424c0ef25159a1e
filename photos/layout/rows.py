"""How photos stand in rows that are full to the edge: where rows end, for each width of a screen.

A row's photos are as wide as their shapes ask, and as high as that leaves the row: the wider the
sum of their shapes, the lower. So where rows end follows from the shapes alone, for every screen
that wants rows of about the same sum. The style sheet (`grid.css`) chooses one of these `FILLS`
by the screen, the gallery and the density that a guest likes; the browser only stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

# What a row's shapes sum up to, by the letter that the style sheet knows it by: each step makes
# photos a third smaller. A row of 2.4 are two landscapes on a phone, 6.8 five photos on a laptop.
FILLS = {"a": 1.7, "b": 2.4, "c": 3.4, "d": 4.8, "e": 6.8, "f": 9.6}
# Photos that are too few for a row would be a screen high: they stand at its beginning instead.
LEAST = 0.5
# What is not stretched needs room for the gaps between its photos.
MOST_LOOSE = 0.95
# A gallery's last row is not stretched; a full one is better still, if it costs the others little.
LOOSE_COST = 0.05


class Rows(NamedTuple):
    """By place in the sequence: letters of the fills of which a row begins there, and of those in
    which the photo's row is not full."""

    begins: list[str]
    loose: list[str]


@lru_cache(maxsize=1024)
def rows(percents: tuple[int, ...], *, is_last: bool) -> Rows:
    """Rows of one day's photos, whose shapes are said in percent. `is_last`: none follow, and so
    the last row may end before the edge."""
    begins, loose = [""] * len(percents), [""] * len(percents)
    for letter, fill in FILLS.items():
        starts, is_loose = _starts(percents, round(100 * fill), is_last=is_last)
        for start in starts[1:]:
            begins[start] += letter
        for place in range(starts[-1], len(percents)) if is_loose else ():
            loose[place] += letter
    return Rows(begins, loose)


def _starts(percents: Sequence[int], fill: int, *, is_last: bool) -> tuple[list[int], bool]:
    """Where rows begin so that their heights differ least from what is wanted (as a paragraph is
    broken into lines), and whether the last one is loose."""
    costs, begins = [0.0], [0]
    for end in range(1, len(percents) + 1):
        costs.append(float("inf"))
        begins.append(end - 1)
        total = 0
        for start in range(end - 1, -1, -1):
            total += percents[start]
            if total > 1.6 * fill and start < end - 1:
                break
            cost = costs[start] + (fill / total - 1) ** 2
            if cost < costs[end]:
                costs[end], begins[end] = cost, start
    begins[-1], is_loose = _last(percents, fill, costs, begins[-1], is_last=is_last)
    return _back(begins), is_loose


def _last(
    percents: Sequence[int], fill: int, costs: list[float], begin: int, *, is_last: bool
) -> tuple[int, bool]:
    """Where the last row begins, and whether it is loose."""
    total, best, found = 0, costs[-1], (begin, False)
    for start in range(len(percents) - 1, -1, -1):
        total += percents[start]
        if total > MOST_LOOSE * fill:
            break
        too_few = start == 0 and total < LEAST * fill
        if (is_last and costs[start] + LOOSE_COST < best) or too_few:
            best, found = costs[start] + LOOSE_COST, (start, True)
    return found


def _back(begins: list[int]) -> list[int]:
    starts, end = [], len(begins) - 1
    while end:
        end = begins[end]
        starts.append(end)
    return starts[::-1]
