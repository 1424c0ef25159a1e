"""The scale of similarities is the documented one, both ways."""

from __future__ import annotations

import pytest

from faces.vision.similarity import cosine_of, similarity


@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.353, 50), (0.44, 85), (0.5, 94.9), (0.3, 25.8), (1, 100)]
)
def test_similarity_is_the_documented_scale(cosine: float, expected: float) -> None:
    assert similarity(cosine) == pytest.approx(expected, abs=0.1)


def test_cosine_is_the_inverse_of_similarity() -> None:
    for expected in (1, 50, 85, 94, 99.9):
        assert similarity(cosine_of(expected)) == pytest.approx(expected)
    assert (cosine_of(0), cosine_of(100)) == (-1, 1)
