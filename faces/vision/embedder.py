"""Describing faces with SFace. Another embedder is another file and these
constants: what its templates are called and how they are compared changes with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faces.vision import backends, model_files
from faces.vision.alignment import aligned
from faces.vision.detection import Detection, Floats
from faces.vision.model_files import ModelFile
from photos.imaging.images import DecodedImage

MODEL = ModelFile(
    "models/face_recognition_sface_2021dec_int8bq.onnx",
    10_667_852,
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
# The middle of all faces: the mean of SFace's unit vectors of 13,232 public portraits (LFW), of
# length 0.25. Directions from there tell people apart better than those from zero: of strangers at
# the threshold 3.1e-6 are left of 2.4e-5, and recall at a precision of 99.7 % rises from 82.1 to
# 86.7 (500 people, with profiles; tuned on half of them, measured on the other).
MEAN = ModelFile(
    "sface_mean.json",
    1_422,
    "b9713ce19fdf4003b23301f9db22dd1aafe3f9c94978e1244f40fe4f2cf31624",
    package="faces.vision",
)
# Numbers in a template.
DIMENSION = 128
# These say where its cosines lie on the scale of `faces.vision.similarity`, which explains both.
MIDDLE, SLOPE = 0.353, 19.94


@dataclass(frozen=True, eq=False)
class Described:
    """Templates, float32 (n, 128) of unit length, and how strong each face's answer was (n).

    The norm is SFace's own, before anything is made of it: blurred and covered faces have less.
    """

    templates: Floats
    norms: Floats


class Embedder:
    """The loaded model. Not for two threads at once."""

    def __init__(self) -> None:
        self._network = backends.chosen().load_embedding(model_files.path_of(MODEL))
        self._mean = np.array(
            json.loads(model_files.path_of(MEAN).read_bytes())["mean"], np.float32
        )

    def describe(self, image: DecodedImage, detections: Sequence[Detection]) -> Described:
        """Templates and norms, in the order of the detections.

        One by one: a batch of 8 takes 8 times as long as one face, and 8 times the memory.
        """
        vectors = np.empty((len(detections), DIMENSION), np.float32)
        for i, detection in enumerate(detections):
            vectors[i] = self._network.vector(aligned(image, detection.landmarks))
        norms = np.linalg.norm(vectors, axis=1)
        return Described(_unit(_unit(vectors) - self._mean), norms)


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), np.float32)
