"""Where a face is in its picture, in parts (0..1): so that it is found again in a copy of another
size."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

# Boxes of one face in two copies of a picture share this much of both together, and mostly 0.9.
SAME_FACE = 0.5


class Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def read(cls, text: str) -> Self:
        """From four numbers with spaces between them. Raises `ValueError`."""
        numbers = [float(part) for part in text.split()]
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            raise ValueError("not four numbers")
        return cls(*numbers)

    @property
    def written(self) -> str:
        """What `read` reads: enough digits for any picture's pixels."""
        return " ".join(f"{part:.5f}" for part in self)

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def overlap(self, other: Box) -> float:
        """What both share, in parts (0..1) of what they cover together."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        shared = max(width, 0) * max(height, 0)
        together = self.width * self.height + other.width * other.height - shared
        return shared / together if together > 0 else 0.0
