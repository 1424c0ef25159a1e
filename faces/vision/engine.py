"""The eyes of a thread: the detector and the embedder, each loaded when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property

import cv2

from faces.vision import detector, embedder
from faces.vision.detection import Detection, Floats
from faces.vision.detector import MIN_SCORE, PHOTO_SIDES, Detector, Sight
from faces.vision.embedder import Described, Embedder
from photos.imaging.images import DecodedImage

MODELS = (detector.MODEL, embedder.MODEL, embedder.MEAN)
# Stored with every template: change it whenever templates stop being comparable.
MODEL_NAME = "yunet2023mar-sface2021dec-int8bq-centred"


class Engine:
    """Both models. Not for two threads at once: see `engine`."""

    @cached_property
    def _detector(self) -> Detector:
        return Detector()

    @cached_property
    def _embedder(self) -> Embedder:
        """Web processes check selfies, and need it for a guest's second one only: it is the larger
        (100 MB, which threads share with OpenVINO, 0.3 s)."""
        return Embedder()

    def detect(
        self,
        image: DecodedImage,
        sides: Sequence[int] = PHOTO_SIDES,
        min_score: float = MIN_SCORE,
    ) -> list[Detection]:
        return self._detector.detect(image, sides, min_score)

    def look(self, photo: DecodedImage) -> Sight:
        """The faces of a photo, in the picture of it that they are best described from."""
        return self._detector.look(photo)

    def embed(self, image: DecodedImage, detections: Sequence[Detection]) -> Floats:
        """The templates alone: float32 (n, 128), unit length, in the order of the detections."""
        return self.describe(image, detections).templates

    def describe(self, image: DecodedImage, detections: Sequence[Detection]) -> Described:
        return self._embedder.describe(image, detections)


_of_thread = threading.local()


def engine() -> Engine:
    """This thread's engine, loaded at first use: loaded networks are not safe in threads."""
    found: Engine | None = getattr(_of_thread, "engine", None)
    if found is None:
        # Throughput comes from one worker process per core; OpenCV's own threads would only
        # fight with them. It is one setting for the whole process.
        cv2.setNumThreads(1)
        found = _of_thread.engine = Engine()
    return found
