"""A model that is missing or altered is noticed, and said in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from faces.vision import engine, model_files
from faces.vision.detector import MODEL
from faces.vision.embedder import MEAN
from faces.vision.model_files import ModelFile


def test_the_installed_models_are_the_known_ones() -> None:
    assert model_files.problems(engine.MODELS) == []


@pytest.mark.parametrize("model", [MODEL, MEAN])
def test_an_altered_model_is_noticed(tmp_path: Path, model: ModelFile) -> None:
    copy = tmp_path / Path(model.path).name
    data = bytearray(model_files.path_of(model).read_bytes())
    copy.write_bytes(data)
    assert model_files.problem_with(model, copy) is None
    data[1000] ^= 1
    copy.write_bytes(data)
    assert copy.name in str(model_files.problem_with(model, copy))


def test_the_mean_of_all_faces_is_a_model_too() -> None:
    assert MEAN in engine.MODELS


def test_a_missing_model_is_noticed(tmp_path: Path) -> None:
    absent = tmp_path / "model.onnx"
    assert "missing" in str(model_files.problem_with(ModelFile("model.onnx", 1, ""), absent))
