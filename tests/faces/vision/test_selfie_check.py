"""A selfie is refused with its reason, and each person's portraits are accepted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from faces.errors import UnusableSelfie
from faces.vision import engine, selfie_check
from faces.vision.detection import worth_matching
from faces.vision.similarity import cosine_of
from findme import refusals
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import around, changed, load, scaled

# Daughter3 of family 1 shows another girl than the three other pictures of that name (cosine
# 0.11 and 0.16 to them, measured): it is no first selfie, so nobody is looked for with it.
THRESHOLD = 85


def refusal(image: DecodedImage) -> str:
    with pytest.raises(UnusableSelfie) as caught:
        selfie_check.check(image)
    return caught.value.code


def template_of(selfie: DecodedImage) -> np.ndarray:
    return engine.engine().embed(selfie, [selfie_check.check(selfie)])[0]


def test_every_selfie_code_has_its_sentence() -> None:
    codes = "no_face several_faces face_too_small too_dark too_bright blurred turned_away"
    assert {*codes.split(), "too_many_selfies"} == set(refusals.SELFIE)


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
    faces = [face for face in engine.engine().detect(image) if worth_matching(face)]
    templates = engine.engine().embed(image, faces)
    least = cosine_of(THRESHOLD)
    return {name for name, selfie in selfies.items() if (templates @ selfie).max() >= least}
