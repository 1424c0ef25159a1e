"""Templates tell one woman from everybody else."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest

from faces.vision import engine, model_files
from faces.vision.embedder import DIMENSION, MEAN
from faces.vision.similarity import similarity
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import changed

# The second pair reaches cosine 0.439, the nearest strangers 0.32.
THRESHOLD = 80


@pytest.mark.engine
def test_templates_have_unit_length_in_the_order_of_the_faces(party: dict) -> None:
    faces, templates = party["sample4"]
    assert templates.shape == (4, DIMENSION)
    assert templates.dtype == np.float32
    assert np.linalg.norm(templates, axis=1) == pytest.approx(1, abs=1e-5)
    assert len(faces) == 4


@pytest.mark.engine
def test_templates_are_centred_on_the_mean_of_many_faces(party: dict) -> None:
    """SFace's own unit vectors of different people lean to one side: that side is taken away."""
    templates = np.vstack([templates for _, templates in party.values()])
    mean = np.array(json.loads(model_files.path_of(MEAN).read_text())["mean"])
    assert np.linalg.norm(mean) == pytest.approx(0.25, abs=0.005)
    lean = templates @ mean / np.linalg.norm(mean)
    assert abs(lean.mean()) < 0.1


@pytest.mark.engine
def test_a_blurred_face_answers_weakly(portrait: DecodedImage) -> None:
    clear, blurred = (norm_of(image) for image in (portrait, changed(portrait, sigma=14)))
    assert clear > 9 > blurred


def norm_of(image: DecodedImage) -> float:
    face = engine.engine().detect(image, (640,), 0.3)[0]
    return float(engine.engine().describe(image, [face]).norms[0])


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
        if a[0] != b[0] and similarity(float(a[2] @ b[2])) >= THRESHOLD
    }
    assert alike == {
        (("sample1", 2), ("sample3", 1)),
        (("sample1", 1), ("sample4", 0)),
    }
