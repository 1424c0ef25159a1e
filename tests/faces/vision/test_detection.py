"""How well a face can be recognized, from its size, sharpness and direction."""

from __future__ import annotations

import numpy as np
import pytest

from faces.vision.detection import Detection, worth_matching


def made_detection(**changes: object) -> Detection:
    facing = np.array([[40, 50], [60, 50], [50, 60], [42, 72], [58, 72]], np.float32)
    values = {"height": 90.0, "landmarks": facing, "sharpness": 9.0, **changes}
    return Detection(x=0, y=0, width=80, score=0.9, brightness=120, **values)


def test_quality_falls_with_size_sharpness_and_direction() -> None:
    aside = np.array([[40, 50], [60, 50], [61, 60], [42, 72], [58, 72]], np.float32)
    assert made_detection().quality == 1
    assert made_detection(height=32.0).quality == pytest.approx(0.5)
    assert made_detection(sharpness=1.0).quality == pytest.approx(0.4)
    assert made_detection(landmarks=aside).yaw == pytest.approx(0.55)
    assert made_detection(landmarks=aside).quality == pytest.approx(1 / 3, abs=0.01)


def test_faces_are_worth_matching_in_profile_and_not_where_they_are_too_small() -> None:
    profile = np.array([[40, 50], [60, 50], [66, 60], [42, 72], [58, 72]], np.float32)
    assert worth_matching(made_detection(height=24.0))
    assert not worth_matching(made_detection(height=23.0))
    assert made_detection(landmarks=profile).quality == 0
    assert worth_matching(made_detection(landmarks=profile))
