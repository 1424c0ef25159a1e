"""Finding faces with YuNet."""

from __future__ import annotations

from collections.abc import Sequence

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
PHOTO_SIDES = (2048, 640)
# All 116 faces of 53 photos score 0.85 and more at full size; trees and furniture taken for faces
# reach 0.75.
MIN_SCORE = 0.8
# Blurred, dark and overexposed faces still score this: enough to say what is wrong with a selfie.
FAINT_SCORE = 0.6
# Landmarks are most exact for faces of about this height in the copy looked at: mean cosine of a
# person's portraits 0.68 at 32 px, 0.73 at 56, 0.743 at 110, 0.746 at 200, 0.739 at 300, 0.72 at
# 400 (measured on 23 portraits, cut from the full picture each time).
BEST_HEIGHT_PIXELS = 200
# Detections that share this much of the smaller one's area are one face.
MAX_OVERLAP = 0.5


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
        # The largest is made first, and each from the one before: making 640 px of 4000 is dear.
        copies = [image]
        for side in sorted(sides, reverse=True):
            copies.append(resize(copies[-1], side))
        rows = np.concatenate([self._pass(image, copy) for copy in copies[1:]])
        faces = [_detection(image, row) for row in _merged(rows[rows[:, 14] >= min_score])]
        return sorted(faces, key=lambda face: -face.height)

    def _pass(self, image: DecodedImage, copy: DecodedImage) -> Floats:
        """Rows of x, y, width, height, five points, score, and the face's height in the copy."""
        rows = self._network.rows(copy.pixels)
        across, down = image.width / copy.width, image.height / copy.height
        scale = np.array([across, down] * 7 + [1.0], np.float32)
        return np.hstack([rows * scale, rows[:, 3:4]])


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
