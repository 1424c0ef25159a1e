"""A face that was found: where it is, and how well it can be recognized."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# The numbers below were measured on 27 portraits of 10 people and copies of them made smaller,
# blurred, darker and brighter; each copy was compared with the same person's other portraits
# (before templates were centred).
# Share found at cosine 0.45 by height of the face: 48 px 100 %, 40 px 98, 32 px 95, 28 px 86,
# 24 px 56, 20 px 46, 16 px 0. Strangers come no nearer for it, so small faces cost time only.
MIN_HEIGHT_PIXELS = 24
# From here on more pixels help no more: mean cosine 0.745 at 64 px, 0.757 at full size.
GOOD_HEIGHT_PIXELS = 64
# Sharp portraits have 3.8 to 20, shrunk to 80 px 2.3 to 13.
GOOD_SHARPNESS = 2.5
# Where quality begins to fall, and where it is 0: the two nearest pairs of strangers at a party
# both had a profile in them (yaw 0.95, cosines 0.38 and 0.37). Profiles are compared all the same:
# 67 % of those beyond 0.7 are found, and no wrong one is added (500 people, centred templates).
FRONTAL_YAW, PROFILE_YAW = 0.25, 0.7


@dataclass(frozen=True, eq=False)
class Detection:
    """A face. Box (of which parts may lie outside the picture) and landmarks (5, 2) in pixels.

    Landmarks: eyes, nose, mouth corners, image left first. `sharpness` (see the detector) and
    `brightness` (mean grey, 0..255) are of the aligned crop's inner face.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    landmarks: Floats
    sharpness: float
    brightness: float

    @property
    def yaw(self) -> float:
        """How far the nose is off the middle of the eyes, in eye distances along the eyes' line.

        0: facing the camera. Beyond 0.5 the nose hides the far cheek. The sign is the side.
        """
        left, right, nose = self.landmarks[:3]
        eyes = right - left
        return float((nose - (left + right) / 2) @ eyes / max(float(eyes @ eyes), 1e-6))

    @property
    def quality(self) -> float:
        """How well the face can be recognized, 0..1: the worst of size, sharpness and direction.

        0 for a profile, which is compared too: this orders faces, it does not sort any out.
        """
        size = self.height / GOOD_HEIGHT_PIXELS
        sharpness = self.sharpness / GOOD_SHARPNESS
        direction = (PROFILE_YAW - abs(self.yaw)) / (PROFILE_YAW - FRONTAL_YAW)
        return min(1.0, max(0.0, min(size, sharpness, direction)))


def worth_matching(face: Detection) -> bool:
    """Whether a face in a photo can be told from others well enough to be compared."""
    return face.height >= MIN_HEIGHT_PIXELS
