"""Where a picture is cut so that nobody loses their head, in parts (0..1) of it.

A browser cuts what does not fit (`object-fit`), and aligns the same part of the picture and of the
frame (`object-position`). With `left / (1 - width)` of what must be seen, all of that is inside of
every frame that it fits into, whatever the frame's shape: one pair of numbers does for all pages.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

# Of a face's height: a box goes from the brow to the chin, and people have hair, ears and a neck.
HAIR, NECK, EARS = 0.6, 0.3, 0.25
# Whose face is smaller than that, beside the largest, is in the background.
BACKGROUND = 0.4


class Box(NamedTuple):
    """A face, in parts of the upright picture."""

    left: float
    top: float
    width: float
    height: float


class Focus(NamedTuple):
    """How what is cut off is shared between left and right, above and below."""

    x: float
    y: float


# Where nobody is known to be: people rather stand in the upper half.
NOBODY = Focus(0.5, 0.3)


def focus_on(boxes: Collection[Box]) -> Focus:
    """On the people in front."""
    tallest = max((box.height for box in boxes), default=0.0)
    seen = [box for box in boxes if box.height >= tallest * BACKGROUND]
    if not seen:
        return NOBODY
    return Focus(
        _aligned(
            min(box.left - box.height * EARS for box in seen),
            max(box.left + box.width + box.height * EARS for box in seen),
        ),
        _aligned(
            min(box.top - box.height * HAIR for box in seen),
            max(box.top + box.height * (1 + NECK) for box in seen),
        ),
    )


def window(width: int, height: int, shape: float, focus: Focus) -> tuple[float, ...]:
    """The part of a picture that fills a frame of that shape (width per height): left, top, right
    and bottom, in pixels."""
    across, down = min(width, height * shape), min(height, width / shape)
    left, top = (width - across) * focus.x, (height - down) * focus.y
    return left, top, left + across, top + down


def _aligned(start: float, end: float) -> float:
    start, end = max(0.0, start), min(1.0, end)
    spare = 1 - (end - start)
    return start / spare if spare > 0 else 0.5
