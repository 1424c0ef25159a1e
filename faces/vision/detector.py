"""Finding faces with YuNet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from faces.vision import backends, model_files
from faces.vision.alignment import aligned
from faces.vision.detection import Detection, Floats
from faces.vision.model_files import ModelFile
from photos.imaging.images import DecodedImage, resize

MODEL = ModelFile(
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    122_489,
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
# YuNet sees faces of about 10 to 1000 px: small ones need a large copy, and one that fills a
# 12-megapixel photo is only found in a small copy.
PHOTO_SIDES = (2000, 640)
# All 116 faces of 53 photos score 0.85 and more at full size; trees and furniture taken for faces
# reach 0.75.
MIN_SCORE = 0.8
# Blurred, dark and overexposed faces still score this: enough to say what is wrong with a selfie.
FAINT_SCORE = 0.6
# Landmarks are most exact for faces of about this height in the copy looked at: mean cosine of a
# person's portraits 0.68 at 32 px, 0.73 at 56, 0.743 at 110, 0.746 at 200, 0.739 at 300, 0.72 at
# 400 (measured on 23 portraits, cut from the full picture each time).
BEST_HEIGHT_PIXELS = 200
# Where a face is lower than this in what was decoded of a photo, more of it is decoded. The mean
# cosine of a person's portraits, described from half of 12 megapixels and from all: 0.48 and 0.61
# at 24 px of the half, 0.58 and 0.66 at 32, 0.65 and 0.70 at 40, 0.70 and 0.72 at 50, then at most
# 0.01 apart (30 portraits of 13 people on grey).
CLEAR_HEIGHT_PIXELS = 56
# A crowd is looked at in a larger copy too. Its faces are seen faintly in the first copy: of 12
# pictures of 12 megapixels with 40 faces of 24 to 44 px all have 6 such rows and more, of 12 with
# 12 faces nine have 5 and more; 27 photos of up to 13 people have none, one of them 1. Found are
# then, of 60 faces of 24, 30, 36 and 44 px, 52, 74, 84 and 92 % instead of 0, 28, 51 and 72.
CROWD_SIDE = 3200
CROWD_SCORE = 0.5
CROWD_HEIGHT_PIXELS = 24
CROWD_FACES = 5
# Detections that share this much of the smaller one's area are one face.
MAX_OVERLAP = 0.5


@dataclass(frozen=True, eq=False)
class Sight:
    """The faces of a photo, largest first, in the pixels of a picture of it."""

    image: DecodedImage
    faces: list[Detection]


class Detector:
    """The loaded model. Not for two threads at once."""

    def __init__(self) -> None:
        self._network = backends.chosen().load_detection(model_files.path_of(MODEL))

    def detect(
        self,
        image: DecodedImage,
        sides: Sequence[int] = PHOTO_SIDES,
        min_score: float = MIN_SCORE,
    ) -> list[Detection]:
        """The faces found in copies of these longest sides, largest first, in image pixels."""
        return _faces(image, np.concatenate(self._passes(image, sides)), min_score)

    def look(self, photo: DecodedImage) -> Sight:
        """The faces of a photo, in a larger picture of it where some are small or it is a crowd."""
        passes = self._passes(photo, PHOTO_SIDES)
        rows = np.concatenate(passes)
        is_crowd = _is_crowd(passes[0])
        if not is_crowd and not _has_small_faces(rows):
            return Sight(photo, _faces(photo, rows, MIN_SCORE))
        closer = photo.at_least(CROWD_SIDE)
        rows = rows * _growth(photo, closer)
        copy = resize(closer, CROWD_SIDE)
        if is_crowd and max(copy.width, copy.height) > max(PHOTO_SIDES):
            rows = np.concatenate([rows, self._pass(closer, copy)])
        return Sight(closer, _faces(closer, rows, MIN_SCORE))

    def _passes(self, image: DecodedImage, sides: Sequence[int]) -> list[Floats]:
        """A pass for each side, the largest first: making 640 px of 4000 is dear."""
        copies = [image]
        for side in sorted(sides, reverse=True):
            copies.append(resize(copies[-1], side))
        return [self._pass(image, copy) for copy in copies[1:]]

    def _pass(self, image: DecodedImage, copy: DecodedImage) -> Floats:
        """Rows of x, y, width, height, five points, score, and the face's height in the copy."""
        rows = self._network.rows(copy.pixels)
        return np.hstack([rows, rows[:, 3:4]]) * _growth(copy, image)


def _growth(small: DecodedImage, large: DecodedImage) -> Floats:
    """What a row is multiplied with to be in the pixels of a larger picture of the same."""
    across, down = large.width / small.width, large.height / small.height
    return np.array([across, down] * 7 + [1.0, 1.0], np.float32)


def _is_crowd(rows: Floats) -> bool:
    """Whether a first look has many faces that are too small for it."""
    faint = (rows[:, 14] >= CROWD_SCORE) & (rows[:, 15] < CROWD_HEIGHT_PIXELS)
    return int(faint.sum()) >= CROWD_FACES


def _has_small_faces(rows: Floats) -> bool:
    found = rows[:, 14] >= MIN_SCORE
    return bool((rows[found, 3] < CLEAR_HEIGHT_PIXELS).any())


def _faces(image: DecodedImage, rows: Floats, min_score: float) -> list[Detection]:
    """Each face once, largest first."""
    faces = [_detection(image, row) for row in _merged(rows[rows[:, 14] >= min_score])]
    return sorted(faces, key=lambda face: -face.height)


def _merged(rows: Floats) -> list[Floats]:
    """One row per face: the one seen at the best size.

    Not that of the better score: of two pictures of one woman, whom it places at cosine 0.1 with
    faces seen at 80 px, it makes 0.48 with faces seen at 240 px.

    By overlap with the smaller box, not by intersection over union: what a large copy shows of a
    face too large for it is a part of that face.
    """
    kept: list[Floats] = []
    for row in rows[np.argsort(np.abs(np.log(rows[:, 15] / BEST_HEIGHT_PIXELS)))]:
        if all(_overlap(row, other) < MAX_OVERLAP for other in kept):
            kept.append(row)
    return kept


def _overlap(a: Floats, b: Floats) -> float:
    """Shared area of two boxes in parts of the smaller one."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    smaller = min(a[2] * a[3], b[2] * b[3])
    return float(max(width, 0) * max(height, 0) / max(smaller, 1e-6))


def _detection(image: DecodedImage, row: Floats) -> Detection:
    landmarks = row[4:14].reshape(5, 2)
    crop = aligned(image, landmarks)
    # The background is left out, whose edges would pass for a sharp face.
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[20:100, 20:92].astype(np.float32)
    x, y, width, height, score = (float(row[i]) for i in (0, 1, 2, 3, 14))
    return Detection(x, y, width, height, score, landmarks, _sharpness(grey), float(grey.mean()))


def _sharpness(grey: Floats) -> float:
    """Fine detail in thousandths of all contrast, in the poorer of both directions.

    The usual variance of the Laplacian calls a dark face blurred, and a face blurred by motion
    sharp: across the motion its edges are.
    """
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)  # noise is no detail
    detail = min(np.diff(smooth, 2, axis=axis).var() for axis in (0, 1))
    return float(1000 * detail / max(smooth.var(), 1e-6))
