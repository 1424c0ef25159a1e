"""Pictures for tests of the eyes: read, made smaller, blurred, cut."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from faces.vision.detection import Detection
from photos.imaging import images
from photos.imaging.images import DecodedImage


def load(path: Path) -> DecodedImage:
    return images.decode(path.read_bytes(), min_side=None)


def scaled(image: DecodedImage, factor: float) -> DecodedImage:
    flags = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(image.pixels, None, fx=factor, fy=factor, interpolation=flags)
    return DecodedImage(pixels)


def changed(image: DecodedImage, gain: float = 1, sigma: float = 0) -> DecodedImage:
    pixels = np.clip(image.pixels.astype(np.float32) * gain, 0, 255).astype(np.uint8)
    return DecodedImage(cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma else pixels)


def around(image: DecodedImage, face: Detection, margin: float) -> DecodedImage:
    """The face with so many of its heights around it."""
    edge = margin * face.height
    left, top = int(max(0, face.x - edge)), int(max(0, face.y - edge))
    right, bottom = int(face.x + face.width + edge), int(face.y + face.height + edge)
    return DecodedImage(np.ascontiguousarray(image.pixels[top:bottom, left:right]))
