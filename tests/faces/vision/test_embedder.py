"""Templates tell one woman from everybody else."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from faces.vision.embedder import DIMENSION
from faces.vision.similarity import similarity

THRESHOLD = 85


@pytest.mark.engine
def test_templates_have_unit_length_in_the_order_of_the_faces(party: dict) -> None:
    faces, templates = party["sample4"]
    assert templates.shape == (4, DIMENSION)
    assert templates.dtype == np.float32
    assert np.linalg.norm(templates, axis=1) == pytest.approx(1, abs=1e-5)
    assert len(faces) == 4


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
