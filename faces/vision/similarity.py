"""The scale of similarities, 0 to 100, whatever the embedder: its cosines are brought onto it."""

from __future__ import annotations

import math

from faces.vision.embedder import MIDDLE, SLOPE


def similarity(cosine: float) -> float:
    """0..100 from the cosine of two templates: 0.363 -> 50, 0.45 -> 85, 0.50 -> 94.

    0.363 is OpenCV's published threshold for SFace. The slope makes 85, the usual threshold of
    other services, the point of 99.0 % precision at 96.2 % recall: cosine 0.45 (measured on LFW,
    222 selfies among 3,811 faces).
    """
    return 100 / (1 + math.exp(-SLOPE * (cosine - MIDDLE)))


def cosine_of(similarity: float) -> float:
    """The inverse of `similarity`, for 0 and 100 the ends of what a cosine can be."""
    if not 0 < similarity < 100:
        return -1.0 if similarity <= 0 else 1.0
    return min(1.0, max(-1.0, MIDDLE - math.log(100 / similarity - 1) / SLOPE))
