"""What looks at the pictures sent to the test server."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from faces.vision import engine
from faces.vision.detection import Detection, Floats
from photos.imaging.images import DecodedImage
from tests.fakes import FakeEngine

LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")


@dataclass(frozen=True, eq=False)
class SeenFace:
    """A face in a picture, in Rekognition's units.

    Box and landmarks in parts of the picture, of which the box may reach beyond it; height in
    pixels of the picture looked at; yaw and roll in degrees; the other numbers 0..100.
    Templates, of unit length, are compared by `faces.vision.similarity`.
    """

    left: float
    top: float
    width: float
    height: float
    height_pixels: float
    confidence: float
    sharpness: float
    brightness: float
    yaw: float
    roll: float
    landmarks: dict[str, tuple[float, float]]
    template: Floats


# Looks at an upright picture.
Eyes = Callable[[DecodedImage], list[SeenFace]]


class LocalEyes:
    """The product's own engine, so that the same photos can go through both indexes.

    One engine for all threads, one at a time: as many as clients would take 75 MB each.
    """

    def __init__(self) -> None:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._engine = engine.Engine()
        self._lock = threading.Lock()

    def __call__(self, image: DecodedImage) -> list[SeenFace]:
        with self._lock:
            detections = self._engine.detect(image)
            templates = self._engine.embed(image, detections)
        return _seen(image, detections, templates)


class SquareEyes:
    """Coloured squares are people: fast, and the same every time."""

    def __call__(self, image: DecodedImage) -> list[SeenFace]:
        eyes = FakeEngine()
        detections = eyes.detect(image)
        return _seen(image, detections, eyes.embed(image, detections))


def yaw_degrees(yaw: float) -> float:
    """From how far the nose is off the middle of the eyes, roughly: 0.25 -> 23, 0.7 -> 49."""
    return math.degrees(math.atan(yaw / 0.6))


def _roll_degrees(face: Detection) -> float:
    across, down = face.landmarks[1] - face.landmarks[0]
    return math.degrees(math.atan2(down, across))


def _seen(image: DecodedImage, detections: list[Detection], templates: Floats) -> list[SeenFace]:
    return [
        SeenFace(
            left=face.x / image.width,
            top=face.y / image.height,
            width=face.width / image.width,
            height=face.height / image.height,
            height_pixels=face.height,
            confidence=100 * face.score,
            sharpness=100 * face.sharpness / (face.sharpness + 1),
            brightness=face.brightness / 2.55,
            yaw=yaw_degrees(face.yaw),
            roll=_roll_degrees(face),
            landmarks={
                name: (float(x) / image.width, float(y) / image.height)
                for name, (x, y) in zip(LANDMARKS, face.landmarks, strict=True)
            },
            template=template,
        )
        for face, template in zip(detections, templates, strict=True)
    ]
