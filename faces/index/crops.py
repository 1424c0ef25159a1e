"""Cutting one face out of a photo for a service that only ever looks at the largest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from faces.vision.detection import Detection
from photos.imaging.images import DecodedImage

# Head and shoulders: a crop to the face's own box is found worse, or not at all (developer guide,
# "Recommendations for facial comparison input images").
ASIDE, ABOVE, BELOW = 0.8, 0.6, 1.0
# The service refuses pictures with a side below 80 px.
MIN_SIDE_PIXELS = 120
NEUTRAL_GREY = 128


@dataclass(frozen=True, eq=False)
class Crop:
    """A face with what is around it. The face's middle in parts (0..1) of the crop."""

    image: DecodedImage
    middle: tuple[float, float]

    def shows(self, box: dict[str, Any]) -> bool:
        """Whether a box (parts of the crop, as the service gives them) is around the face."""
        x, y = self.middle
        return bool(
            box["Left"] <= x <= box["Left"] + box["Width"]
            and box["Top"] <= y <= box["Top"] + box["Height"]
        )


def cut(photo: DecodedImage, face: Detection, others: Iterable[Detection]) -> Crop:
    """The face's head and shoulders. Other faces in sight are painted over: the larger one of
    two would be searched, and whose it is would be put down to the wrong box."""
    left = max(0, int(face.x - ASIDE * face.width))
    top = max(0, int(face.y - ABOVE * face.height))
    right = min(photo.width, int(face.x + (1 + ASIDE) * face.width))
    bottom = min(photo.height, int(face.y + (1 + BELOW) * face.height))
    pixels = photo.pixels[top:bottom, left:right].copy()
    for other in others:
        if other is not face:
            _paint_over(pixels, other, face, left, top)
    middle = (
        (face.x + face.width / 2 - left) / (right - left),
        (face.y + face.height / 2 - top) / (bottom - top),
    )
    return Crop(DecodedImage(_large_enough(pixels), photo.icc_profile), middle)


def _paint_over(
    pixels: np.ndarray[Any, np.dtype[np.uint8]],
    other: Detection,
    face: Detection,
    left: int,
    top: int,
) -> None:
    """Grey where the other face is, but not over the face itself."""
    kept = _area(face, left, top)
    own = pixels[kept].copy()
    pixels[_area(other, left, top)] = NEUTRAL_GREY
    pixels[kept] = own


def _area(face: Detection, left: int, top: int) -> tuple[slice, slice]:
    x, y = max(0, int(face.x) - left), max(0, int(face.y) - top)
    right, bottom = int(face.x + face.width) - left, int(face.y + face.height) - top
    return slice(y, max(y, bottom)), slice(x, max(x, right))


def _large_enough(
    pixels: np.ndarray[Any, np.dtype[np.uint8]],
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    height, width = pixels.shape[:2]
    scale = MIN_SIDE_PIXELS / min(height, width)
    if scale <= 1:
        return pixels
    size = (round(width * scale), round(height * scale))
    return np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)
