"""Faces are found once, small and very large ones too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faces.vision import engine, selfie_check
from faces.vision.detector import Sight
from photos.imaging import images
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


def crowd(portrait: DecodedImage, height: int, count: int) -> tuple[bytes, list[tuple[int, int]]]:
    """A photo of 12 megapixels with a head so often, its face so high, and where the heads are."""
    head = scaled(portrait, 1.8 * height / portrait.height)  # the face and 0.4 of it around
    photo = np.full((3000, 4000, 3), 90, np.uint8)
    places = [(200 + n % 10 * 380, 200 + n // 10 * 400) for n in range(count)]
    for x, y in places:
        photo[y : y + head.height, x : x + head.width] = head.pixels
    return images.to_jpeg(DecodedImage(photo), 92), places


def share_found(sight: Sight, places: list[tuple[int, int]]) -> float:
    scale = 4000 / sight.image.width
    corners = np.array([(face.x * scale, face.y * scale) for face in sight.faces]).reshape(-1, 2)
    near = [(np.abs(corners - place).max(axis=1) < 60).any() for place in places]
    return sum(near) / len(places)


def as_first_seen(photo: DecodedImage) -> Sight:
    return Sight(photo, engine.engine().detect(photo))


@pytest.mark.engine
def test_the_faces_of_a_crowd_are_found_by_a_closer_look(portrait: DecodedImage) -> None:
    data, places = crowd(portrait, 30, 60)
    photo = images.decode(data, min_side=2000)
    sight = engine.engine().look(photo)
    assert share_found(as_first_seen(photo), places) < 0.5
    assert share_found(sight, places) > 0.9
    assert len(sight.faces) == len(places)
    assert sight.image.width == 4000
    assert [face.height for face in sight.faces] == pytest.approx([30] * 60, rel=0.35)


@pytest.mark.engine
def test_an_ordinary_photo_is_looked_at_once(samples: list[Path], monkeypatch) -> None:
    for path in samples:
        photo = images.decode(images.to_jpeg(scaled(load(path), 4), 90), min_side=2000)
        monkeypatch.setattr(DecodedImage, "at_least", lambda self, side: pytest.fail("a crowd?"))
        sight = engine.engine().look(photo)
        assert sight.image is photo
        assert len(sight.faces) == len(as_first_seen(photo).faces) > 0


@pytest.mark.engine
def test_a_small_face_is_described_from_all_its_pixels(portrait: DecodedImage) -> None:
    """A few small faces make no crowd: they are found in half the pixels, and cut out of all."""
    data, places = crowd(portrait, 90, 3)
    photo = images.decode(data, min_side=2000)
    sight = engine.engine().look(photo)
    assert (photo.width, sight.image.width, len(sight.faces)) == (2000, 4000, 3)
    assert share_found(sight, places) == 1
    large, _ = crowd(portrait, 150, 3)
    photo = images.decode(large, min_side=2000)
    assert engine.engine().look(photo).image is photo


@pytest.mark.engine
def test_small_faces_of_a_large_photo_are_found(samples: list[Path]) -> None:
    small = scaled(load(samples[4]), 0.25)  # faces of about 60 px
    photo = np.full((3000, 4000, 3), 90, np.uint8)
    photo[1200 : 1200 + small.height, 2000 : 2000 + small.width] = small.pixels
    image = DecodedImage(photo)
    assert len(engine.engine().detect(image)) == 5
    assert len(engine.engine().detect(image, selfie_check.SIDES)) < 5
