"""Eyes for tests that are not about recognition: people are coloured squares.

Deterministic and fast. The index around them, its SQL included, is the real one.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from faces.vision.detection import Detection
from faces.vision.detector import Sight
from faces.vision.embedder import Described
from photos.imaging.images import DecodedImage

GREY = (128, 128, 128)
PEOPLE = {1: (230, 20, 20), 2: (20, 230, 20), 3: (20, 20, 230), 4: (230, 230, 20)}
SIDE = 100
# Of a clear face.
NORM = 15.0


def picture(people: list[int], *, seed: int = 0, side: int = SIDE) -> bytes:
    """A JPEG of 640x480 with a square for each person. Another seed gives other bytes."""
    image = Image.new("RGB", (640, 480), GREY)
    for place, person in enumerate(people):
        image.paste(PEOPLE[person], (10 + place * 150, 200, 10 + place * 150 + side, 200 + side))
    shade = seed % 200
    image.paste((shade, shade, shade), (600, 440, 640, 480))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, comment=f"seed {seed}".encode())
    return out.getvalue()


class FakeEngine:
    def detect(
        self, image: DecodedImage, sides: tuple[int, ...] = (), min_score: float = 0
    ) -> list[Detection]:
        return [d for person in PEOPLE for d in _find(image, person)]

    def look(self, photo: DecodedImage) -> Sight:
        return Sight(photo, self.detect(photo))

    def embed(self, image: DecodedImage, detections: list[Detection]) -> np.ndarray:
        return self.describe(image, detections).templates

    def describe(self, image: DecodedImage, detections: list[Detection]) -> Described:
        templates = [template(int(d.landmarks[0, 0])) for d in detections]
        norms = np.full(len(detections), NORM, np.float32)
        return Described(np.array(templates, np.float32).reshape(-1, 128), norms)


def template(person: int) -> np.ndarray:
    """A unit vector of 128; of different people almost orthogonal."""
    vector = np.random.default_rng(person).normal(size=128).astype(np.float32)
    return vector / np.linalg.norm(vector)


def _find(image: DecodedImage, person: int) -> list[Detection]:
    colour = np.array(PEOPLE[person], np.int16)
    # Not in NumPy, which takes twenty times as long over three channels: most tests look at photos.
    mask = cv2.inRange(np.ascontiguousarray(image.pixels), colour - 39, colour + 39)
    if cv2.countNonZero(mask) < 100:
        return []
    landmarks = np.full((5, 2), person, np.float32)  # carries who it is to `embed`
    x, y, width, height = map(float, cv2.boundingRect(mask))
    return [Detection(x, y, width, height, 0.9, landmarks, sharpness=500, brightness=128)]
