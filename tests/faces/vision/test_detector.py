"""Faces are found once, small and very large ones too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faces.vision import engine, selfie_check
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import load, scaled


@pytest.mark.engine
def test_every_face_of_the_party_is_found_once(party: dict) -> None:
    assert [len(party[f"sample{i}"][0]) for i in range(1, 7)] == [3, 3, 3, 4, 5, 4]


@pytest.mark.engine
def test_boxes_and_landmarks_are_in_the_pictures_pixels(party: dict, samples: list[Path]) -> None:
    large = scaled(load(samples[2]), 2)
    found = sorted(engine.engine().detect(large), key=lambda face: face.x)
    for face, twice in zip(party["sample3"][0], found, strict=True):
        assert twice.landmarks == pytest.approx(face.landmarks * 2, abs=0.12 * face.height)
        assert face.x < face.landmarks[:, 0].min() < face.x + face.width


@pytest.mark.engine
def test_a_face_that_fills_a_large_photo_is_found_once(portrait: DecodedImage) -> None:
    large = scaled(portrait, 3000 / portrait.height)
    faces = engine.engine().detect(large)
    assert len(faces) == 1
    assert faces[0].height > 1400
    assert engine.engine().detect(large, (4096,)) == []  # why a small copy is looked at too


@pytest.mark.engine
def test_small_faces_of_a_large_photo_are_found(samples: list[Path]) -> None:
    small = scaled(load(samples[4]), 0.25)  # faces of about 60 px
    photo = np.full((3000, 4000, 3), 90, np.uint8)
    photo[1200 : 1200 + small.height, 2000 : 2000 + small.width] = small.pixels
    image = DecodedImage(photo)
    assert len(engine.engine().detect(image)) == 5
    assert len(engine.engine().detect(image, selfie_check.SIDES)) < 5
