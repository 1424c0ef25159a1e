"""What is painted over a face is seen, and faces as they are are not taken for covered."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from faces.vision import coverings, engine
from faces.vision.alignment import aligned
from faces.vision.detection import Detection
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import load, scaled, with_mask, with_sunglasses

Seen = list[tuple[DecodedImage, Detection]]
CLOTHS = {"blue": (130, 175, 215), "white": (225, 225, 225), "black": (30, 30, 34)}


@pytest.fixture(scope="module")
def frontal() -> dict[str, Seen]:
    return {}


@pytest.fixture
def faces(samples: list[Path], frontal: dict[str, Seen]) -> Seen:
    """Those of the samples that look into the camera, half of 22, at half their size."""
    if not frontal:
        halves = [scaled(load(path), 0.5) for path in samples]
        seen = [(half, face) for half in halves for face in engine.engine().detect(half)]
        frontal["all"] = [(half, face) for half, face in seen if abs(face.yaw) < 0.2]
    return frontal["all"]


def crop(image: DecodedImage, face: Detection) -> np.ndarray:
    return aligned(image, face.landmarks)


@pytest.mark.engine
def test_no_face_is_taken_for_a_covered_one_whatever_its_light(faces: Seen) -> None:
    assert len(faces) >= 10
    for image, face in faces:
        plain = crop(image, face)
        dim, hard = (plain * 0.3).astype(np.uint8), (255 * (plain / 255.0) ** 1.8).astype(np.uint8)
        grey = np.repeat(cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
        for copy in (plain, dim, hard, grey):
            assert not coverings.wears_sunglasses(copy)
            assert not coverings.wears_mask(copy)


@pytest.mark.engine
def test_sunglasses_are_seen(faces: Seen) -> None:
    seen = [
        coverings.wears_sunglasses(crop(with_sunglasses(image, face), face))
        for image, face in faces
    ]
    assert np.mean(seen) >= 0.9


@pytest.mark.engine
@pytest.mark.parametrize("colour", CLOTHS.values(), ids=CLOTHS)
def test_a_mask_is_seen(faces: Seen, colour: tuple[int, int, int]) -> None:
    seen = [
        coverings.wears_mask(crop(with_mask(image, face, colour), face)) for image, face in faces
    ]
    assert np.mean(seen) >= 0.9


def test_a_crop_of_nothing_is_not_covered() -> None:
    for value in (0, 128, 255):
        nothing = np.full((112, 112, 3), value, np.uint8)
        assert not coverings.wears_sunglasses(nothing)
