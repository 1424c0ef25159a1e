"""The scale of similarities, 0 to 100, whatever the embedder: its cosines are brought onto it."""

from __future__ import annotations

import math

from faces.vision.embedder import MIDDLE, SLOPE


def similarity(cosine: float) -> float:
    """0..100 from the cosine of two templates: 0.353 -> 50, 0.44 -> 85, 0.50 -> 95.

    85, the usual threshold of other services, is where 3.1 of a million strangers are at or above
    (cosine 0.44, measured on LFW's 13,232 portraits). The slope is that of SFace's own cosines,
    before they were taken from the mean of all faces: there 50 was OpenCV's published threshold.
    """
    return 100 / (1 + math.exp(-SLOPE * (cosine - MIDDLE)))


def cosine_of(similarity: float) -> float:
    """The inverse of `similarity`, for 0 and 100 the ends of what a cosine can be."""
    if not 0 < similarity < 100:
        return -1.0 if similarity <= 0 else 1.0
    return min(1.0, max(-1.0, MIDDLE - math.log(100 / similarity - 1) / SLOPE))
