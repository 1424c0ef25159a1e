"""Every backend sees the same faces as OpenCV, and describes them alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faces.vision import backends, detector, embedder, model_files, opencv_networks
from faces.vision.alignment import aligned
from faces.vision.detection import Floats
from faces.vision.networks import Backend, DetectionNetwork, EmbeddingNetwork
from photos.imaging import images
from photos.imaging.images import DecodedImage
from tests.faces.vision.pictures import load, scaled

DETECTION, EMBEDDING = (model_files.path_of(module.MODEL) for module in (detector, embedder))


@pytest.fixture
def openvino():
    pytest.importorskip("openvino")
    from faces.vision import openvino_networks

    return openvino_networks


def faces_of(network: DetectionNetwork, image: DecodedImage) -> Floats:
    rows = network.rows(image.pixels)
    return rows[np.argsort(rows[:, 0])]


def cosines(network: EmbeddingNetwork, crops: list[np.ndarray]) -> list[float]:
    reference = opencv_networks.BACKEND.load_embedding(EMBEDDING)
    found = []
    for crop in crops:
        a, b = network.vector(crop), reference.vector(crop)
        found.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    return found


@pytest.fixture
def crops(samples: list[Path]) -> list[np.ndarray]:
    """Aligned faces of 270 px down to 60."""
    network = opencv_networks.BACKEND.load_detection(DETECTION)
    pictures = [load(path) for path in samples] + [scaled(load(samples[4]), 0.25)]
    return [
        aligned(picture, row[4:14].reshape(5, 2))
        for picture in pictures
        for row in network.rows(picture.pixels)
        if row[14] > detector.MIN_SCORE
    ]


@pytest.mark.engine
def test_openvino_finds_the_faces_that_opencv_finds(openvino, samples: list[Path]) -> None:
    reference = opencv_networks.BACKEND.load_detection(DETECTION)
    network = openvino.backend("f32").load_detection(DETECTION)
    for path in samples:
        whole = load(path)
        # Sides that are no multiple of YuNet's squares, and another shape each time.
        for image in (whole, scaled(whole, 0.37), images.resize(whole, 333)):
            assert faces_of(network, image) == pytest.approx(faces_of(reference, image), abs=0.05)


@pytest.mark.engine
def test_openvino_finds_nothing_where_there_is_nothing(openvino) -> None:
    network = openvino.backend().load_detection(DETECTION)
    assert network.rows(np.full((301, 403, 3), 128, np.uint8)).shape == (0, 15)


@pytest.mark.engine
def test_openvino_describes_faces_as_opencv_does(openvino, crops: list[np.ndarray]) -> None:
    assert len(crops) > 20
    assert min(cosines(openvino.backend("f32").load_embedding(EMBEDDING), crops)) > 0.9999


@pytest.mark.engine
def test_what_the_backend_in_use_sees_stays_comparable(samples: list[Path]) -> None:
    """In whatever precision this machine computes: the same faces, and their templates."""
    reference, used = opencv_networks.BACKEND, backends.chosen()
    for path in samples:
        image = load(path)
        ours, theirs = (seen_through(backend, image) for backend in (used, reference))
        assert len(ours) == len(theirs)
        assert (ours * theirs).sum(axis=1).min() > 0.97


def seen_through(backend: Backend, image: DecodedImage) -> Floats:
    """SFace's unit vectors of the clear faces, from left to right."""
    rows = faces_of(backend.load_detection(DETECTION), image)
    network = backend.load_embedding(EMBEDDING)
    crops = [
        aligned(image, row[4:14].reshape(5, 2)) for row in rows if row[14] > detector.MIN_SCORE
    ]
    vectors = np.array([network.vector(crop) for crop in crops])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def unloaded():
    backends._loaded.cache_clear()
    yield
    backends._loaded.cache_clear()


def cannot_load(precision: str | None) -> backends.Backend:
    raise OSError("libopenvino.so: cannot open shared object file")


def test_where_openvino_does_not_load_opencv_runs_the_models(settings, monkeypatch, unloaded):
    monkeypatch.setattr(backends, "_openvino", cannot_load)
    settings.FACE_BACKEND = "auto"
    assert backends.chosen() is opencv_networks.BACKEND
    settings.FACE_BACKEND = "openvino"
    with pytest.raises(ImportError, match="OpenVINO"):
        backends.chosen()


def test_the_setting_decides(settings, openvino, unloaded):
    settings.FACE_BACKEND = "opencv"
    assert backends.chosen() is opencv_networks.BACKEND
    for choice in ("openvino", "openvino-f32", "auto"):
        settings.FACE_BACKEND = choice
        assert backends.chosen().name.startswith("OpenVINO")
    settings.FACE_BACKEND = "openvino-f32"
    assert backends.chosen().name == "OpenVINO f32"


def test_a_backend_that_is_unknown_or_absent_is_a_problem(settings, monkeypatch):
    settings.FACE_BACKEND = "abacus"
    assert "abacus" in str(backends.problem())
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    for choice in ("openvino", "openvino-f32"):
        settings.FACE_BACKEND = choice
        assert "not installed" in str(backends.problem())
    for choice in ("auto", "opencv"):
        settings.FACE_BACKEND = choice
        assert backends.problem() is None
