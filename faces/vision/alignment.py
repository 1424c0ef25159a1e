"""A face turned upright and brought to one size, by its landmarks: what an embedder looks at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.detection import Floats
from photos.imaging.images import DecodedImage
from photos.imaging.pixels import Pixels

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


def aligned(image: DecodedImage, landmarks: Floats) -> Pixels:
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
