"""How fast the eyes are on this machine, for who asks what it can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from faces.vision import backends, engine
from faces.vision.detection import Detection
from photos.imaging.images import DecodedImage

# A 12-megapixel photo as it is looked at, decoded at half scale.
PHOTO = (1500, 2000, 3)
ATTEMPTS = 3
# Anywhere: what is described costs the same whatever it shows.
FACE = Detection(
    *(900, 600, 200, 200, 0.9),
    landmarks=np.array([[960, 680], [1040, 680], [1000, 720], [970, 760], [1030, 760]], np.float32),
    sharpness=9,
    brightness=120,
)


@dataclass(frozen=True)
class Speed:
    """Milliseconds of one core to find the faces of a photo, and to describe one face."""

    backend: str
    photo_ms: float
    face_ms: float


def measure() -> Speed:
    """The best of a few, after loading, whatever else the machine does. Takes two seconds."""
    eyes = engine.engine()
    image = DecodedImage(np.random.default_rng(0).integers(0, 255, PHOTO, np.uint8))
    return Speed(
        backends.chosen().name,
        photo_ms=_milliseconds(lambda: eyes.detect(image)),
        face_ms=_milliseconds(lambda: eyes.embed(image, [FACE])),
    )


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ATTEMPTS + 1):  # the first loads the model
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return 1000 * min(taken)
