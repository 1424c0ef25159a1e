from __future__ import annotations

import json
import threading
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from faces.errors import UnusableSelfie
from faces.vision import engine, selfie_check
from faces.vision.engine import DETECTOR, Detection, ModelFile
from photos.imaging import images
from photos.imaging.images import DecodedImage

# Daughter3 of family 1 shows another girl than the three other pictures of that name (cosine
# 0.11 and 0.16 to them, measured): it is no first selfie, so nobody is looked for with it.
THRESHOLD = 85


def load(path: Path) -> DecodedImage:
    return images.decode(path.read_bytes(), min_side=None)


def scaled(image: DecodedImage, factor: float) -> DecodedImage:
    flags = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(image.pixels, None, fx=factor, fy=factor, interpolation=flags)
    return DecodedImage(pixels)


def changed(image: DecodedImage, gain: float = 1, sigma: float = 0) -> DecodedImage:
    pixels = np.clip(image.pixels.astype(np.float32) * gain, 0, 255).astype(np.uint8)
    return DecodedImage(cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma else pixels)


def around(image: DecodedImage, face: Detection, margin: float) -> DecodedImage:
    """The face with so many of its heights around it."""
    edge = margin * face.height
    left, top = int(max(0, face.x - edge)), int(max(0, face.y - edge))
    right, bottom = int(face.x + face.width + edge), int(face.y + face.height + edge)
    return DecodedImage(np.ascontiguousarray(image.pixels[top:bottom, left:right]))


def refusal(image: DecodedImage) -> str:
    with pytest.raises(UnusableSelfie) as caught:
        selfie_check.check(image)
    return caught.value.code


def template_of(selfie: DecodedImage) -> np.ndarray:
    return engine.engine().embed(selfie, [selfie_check.check(selfie)])[0]


def made_detection(**changes: object) -> Detection:
    facing = np.array([[40, 50], [60, 50], [50, 60], [42, 72], [58, 72]], np.float32)
    values = {"height": 90.0, "landmarks": facing, "sharpness": 9.0, **changes}
    return Detection(x=0, y=0, width=80, score=0.9, brightness=120, **values)


@pytest.fixture(scope="module")
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


def test_the_installed_models_are_the_known_ones() -> None:
    assert engine.model_problems() == []


def test_an_altered_model_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    data = bytearray(engine.model_path(DETECTOR).read_bytes())
    copy.write_bytes(data)
    assert engine.problem_with(DETECTOR, copy) is None
    data[1000] ^= 1
    copy.write_bytes(data)
    assert "model.onnx" in str(engine.problem_with(DETECTOR, copy))


def test_a_missing_model_is_noticed(tmp_path: Path) -> None:
    absent = tmp_path / "model.onnx"
    assert "missing" in str(engine.problem_with(ModelFile("model.onnx", 1, ""), absent))


@pytest.mark.parametrize(
    ("cosine", "similarity"), [(0.363, 50), (0.45, 85), (0.5, 93.9), (0.3, 22.2), (1, 100)]
)
def test_similarity_is_the_documented_scale(cosine: float, similarity: float) -> None:
    assert engine.similarity(cosine) == pytest.approx(similarity, abs=0.1)


def test_cosine_is_the_inverse_of_similarity() -> None:
    for similarity in (1, 50, 85, 94, 99.9):
        assert engine.similarity(engine.cosine_of(similarity)) == pytest.approx(similarity)
    assert (engine.cosine_of(0), engine.cosine_of(100)) == (-1, 1)


def test_every_selfie_code_has_its_sentence() -> None:
    codes = "no_face several_faces face_too_small too_dark too_bright blurred turned_away"
    assert set(codes.split()) == set(selfie_check.MESSAGES)


def test_quality_falls_with_size_sharpness_and_direction() -> None:
    aside = np.array([[40, 50], [60, 50], [61, 60], [42, 72], [58, 72]], np.float32)
    assert made_detection().quality == 1
    assert made_detection(height=32.0).quality == pytest.approx(0.5)
    assert made_detection(sharpness=1.0).quality == pytest.approx(0.4)
    assert made_detection(landmarks=aside).yaw == pytest.approx(0.55)
    assert made_detection(landmarks=aside).quality == pytest.approx(1 / 3, abs=0.01)


def test_faces_too_small_or_in_profile_are_not_worth_matching() -> None:
    profile = np.array([[40, 50], [60, 50], [66, 60], [42, 72], [58, 72]], np.float32)
    assert engine.worth_matching(made_detection(height=24.0))
    assert not engine.worth_matching(made_detection(height=23.0))
    assert not engine.worth_matching(made_detection(landmarks=profile))


@pytest.mark.engine
def test_every_face_of_the_party_is_found_once(party: dict) -> None:
    assert [len(party[f"sample{i}"][0]) for i in range(1, 7)] == [3, 3, 3, 4, 5, 4]


@pytest.mark.engine
def test_templates_have_unit_length_in_the_order_of_the_faces(party: dict) -> None:
    faces, templates = party["sample4"]
    assert templates.shape == (4, engine.TEMPLATE_DIMENSION)
    assert templates.dtype == np.float32
    assert np.linalg.norm(templates, axis=1) == pytest.approx(1, abs=1e-5)
    assert len(faces) == 4


@pytest.mark.engine
def test_no_faces_have_no_templates() -> None:
    grey = DecodedImage(np.full((300, 400, 3), 128, np.uint8))
    assert engine.engine().detect(grey) == []
    assert engine.engine().embed(grey, []).shape == (0, engine.TEMPLATE_DIMENSION)


@pytest.mark.engine
def test_the_same_woman_is_recognized_and_nobody_else(party: dict) -> None:
    """Sure are the woman at the right of sample1, in the middle of sample3, and the dark-haired
    one in the middle of sample1, at the left of sample4."""
    everybody = [
        (name, place, template)
        for name, (_faces, templates) in sorted(party.items())
        for place, template in enumerate(templates)
    ]
    alike = {
        (a[:2], b[:2])
        for a, b in combinations(everybody, 2)
        if a[0] != b[0] and engine.similarity(float(a[2] @ b[2])) >= THRESHOLD
    }
    assert alike == {
        (("sample1", 2), ("sample3", 1)),
        (("sample1", 1), ("sample4", 0)),
    }


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


@pytest.mark.engine
def test_each_thread_has_its_own_engine() -> None:
    engines = {id(engine.engine()): engine.engine()}
    thread = threading.Thread(target=lambda: engines.update({0: engine.engine()}))
    thread.start()
    thread.join()
    assert engines[0] is not engine.engine()
    assert engine.engine() is engine.engine()


@pytest.mark.engine
def test_a_good_selfie_gives_its_template(portrait: DecodedImage) -> None:
    assert template_of(portrait) @ template_of(scaled(portrait, 0.5)) > 0.9


@pytest.mark.engine
def test_selfies_are_refused_with_their_reason(portrait: DecodedImage) -> None:
    assert refusal(DecodedImage(np.full((300, 400, 3), 128, np.uint8))) == "no_face"
    assert refusal(scaled(portrait, 0.25)) == "face_too_small"
    assert refusal(changed(portrait, gain=0.08)) == "too_dark"
    assert refusal(changed(portrait, gain=3)) == "too_bright"
    assert refusal(changed(portrait, sigma=10)) == "blurred"


@pytest.mark.engine
def test_a_profile_is_refused(samples: list[Path]) -> None:
    image = load(samples[1])  # the woman in its middle looks aside
    profile = max(engine.engine().detect(image), key=lambda face: abs(face.yaw))
    assert refusal(around(image, profile, 0.15)) == "turned_away"


@pytest.mark.engine
def test_comparable_faces_are_refused_and_a_bystander_is_not(samples: list[Path]) -> None:
    group = load(samples[2])
    assert refusal(group) == "several_faces"
    bystander = scaled(group, 0.4)
    selfie = np.full((1200, 1600, 3), 90, np.uint8)
    selfie[: bystander.height, : bystander.width] = bystander.pixels
    face = min(engine.engine().detect(group), key=lambda found: found.x)
    alone = around(group, face, 0.2)
    selfie[-alone.height :, -alone.width :] = alone.pixels
    found = selfie_check.check(DecodedImage(selfie))
    assert found.y > 600


@pytest.mark.engine
def test_every_portrait_of_a_known_person_is_accepted(labelled_faces: Path) -> None:
    paths = [p for p in labelled_faces.glob("*/*.jp*g") if p.parent.name != "group"]
    assert len(paths) >= 30
    for path in paths:
        assert template_of(load(path)) is not None, path.name


@pytest.mark.engine
def test_every_known_person_is_found_in_groups_and_nobody_else(labelled_faces: Path) -> None:
    """With the first portrait of each person, at the threshold events have by default."""
    people = sorted(p for p in labelled_faces.iterdir() if p.is_dir() and p.name != "group")
    selfies = {p.name: template_of(load(min(p.iterdir()))) for p in people}
    labels = json.loads((labelled_faces / "group" / "labels.json").read_text())
    assert {name: set(entry["ids"]) for name, entry in labels.items()} == {
        name: found_in(labelled_faces / "group" / name, selfies) for name in labels
    }


def found_in(path: Path, selfies: dict[str, np.ndarray]) -> set[str]:
    image = load(path)
    faces = [face for face in engine.engine().detect(image) if engine.worth_matching(face)]
    templates = engine.engine().embed(image, faces)
    least = engine.cosine_of(THRESHOLD)
    return {name for name, selfie in selfies.items() if (templates @ selfie).max() >= least}
