"""A model that is missing or altered is noticed, and said in plain words."""

from __future__ import annotations

from pathlib import Path

from faces.vision import engine, model_files
from faces.vision.detector import MODEL
from faces.vision.model_files import ModelFile


def test_the_installed_models_are_the_known_ones() -> None:
    assert model_files.problems(engine.MODELS) == []


def test_an_altered_model_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    data = bytearray(model_files.path_of(MODEL).read_bytes())
    copy.write_bytes(data)
    assert model_files.problem_with(MODEL, copy) is None
    data[1000] ^= 1
    copy.write_bytes(data)
    assert "model.onnx" in str(model_files.problem_with(MODEL, copy))


def test_a_missing_model_is_noticed(tmp_path: Path) -> None:
    absent = tmp_path / "model.onnx"
    assert "missing" in str(model_files.problem_with(ModelFile("model.onnx", 1, ""), absent))
