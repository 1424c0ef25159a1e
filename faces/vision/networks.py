"""What runs the two networks: a small contract, which each backend fulfils in its own module.

A backend changes how fast the answers come, not what they are: OpenCV's are the reference that
others are compared with (`tests/faces/vision/test_backends.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from faces.vision.detection import Floats
from photos.imaging.pixels import Pixels

# Rows below this score are not answered.
FAINTEST_SCORE = 0.3
# Of rows that share this much of their union the best is answered: YuNet says most faces several
# times over. Both are YuNet's own figures.
SHARED_AREA = 0.3
MOST_ROWS = 5000


class DetectionNetwork(Protocol):
    """YuNet, loaded. Not for two threads at once."""

    def rows(self, picture: Pixels) -> Floats:
        """Faces in an RGB picture, float32 (n, 15): x, y, width, height, five points, score."""


class EmbeddingNetwork(Protocol):
    """SFace, loaded. Not for two threads at once."""

    def vector(self, crop: Pixels) -> Floats:
        """The numbers, of any length, that describe an aligned face in RGB."""


@dataclass(frozen=True)
class Backend:
    """A library that runs networks on this machine, named with the precision it computes in."""

    name: str
    load_detection: Callable[[Path], DetectionNetwork]
    load_embedding: Callable[[Path], EmbeddingNetwork]
