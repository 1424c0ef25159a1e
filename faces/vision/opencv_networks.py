"""The networks in OpenCV's dnn: they run wherever the product does, and are the reference."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from faces.vision.detection import Floats
from faces.vision.networks import FAINTEST_SCORE, MOST_ROWS, SHARED_AREA, Backend
from photos.imaging.pixels import Pixels


class OpenCvDetection:
    def __init__(self, path: Path) -> None:
        _quiet()
        self._network = cv2.FaceDetectorYN.create(
            str(path), "", (320, 320), FAINTEST_SCORE, SHARED_AREA, MOST_ROWS
        )

    def rows(self, picture: Pixels) -> Floats:
        self._network.setInputSize(picture.shape[1::-1])
        found = self._network.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        # None where nothing was found, whatever OpenCV's type hints say.
        return np.asarray([] if found is None else found, np.float32).reshape(-1, 15)


class OpenCvEmbedding:
    def __init__(self, path: Path) -> None:
        _quiet()
        self._network = cv2.dnn.readNetFromONNX(str(path))

    def vector(self, crop: Pixels) -> Floats:
        """RGB, 0..255: in BGR the hits at a false positive rate of 1e-4 fall from 97.1 to 94.9 %
        (measured on LFW, folds 1-5)."""
        self._network.setInput(cv2.dnn.blobFromImage(crop), "data")
        return np.asarray(self._network.forward().reshape(-1), np.float32)


def _quiet() -> None:
    """Loading warns of a setting ("targets") that is not ours."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


BACKEND = Backend("OpenCV", OpenCvDetection, OpenCvEmbedding)
