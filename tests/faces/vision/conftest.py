"""The sample photos as the real models see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faces.vision import engine
from faces.vision.detection import Detection
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import around, load


@pytest.fixture(scope="session")
def seen() -> dict[str, tuple[list[Detection], np.ndarray]]:
    return {}


@pytest.fixture
def party(samples: list[Path], seen: dict) -> dict[str, tuple[list[Detection], np.ndarray]]:
    """Faces from left to right, and their templates, of each sample. Looked at once."""
    for path in samples:
        if path.stem not in seen:
            image = load(path)
            faces = sorted(engine.engine().detect(image), key=lambda face: face.x)
            seen[path.stem] = faces, engine.engine().embed(image, faces)
    return seen


@pytest.fixture
def portrait(samples: list[Path]) -> DecodedImage:
    """The face at the left of sample6, alone, about 270 px high."""
    image = load(samples[5])
    face = min(engine.engine().detect(image), key=lambda found: found.x)
    return around(image, face, 0.4)
