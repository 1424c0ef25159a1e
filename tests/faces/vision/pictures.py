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


def with_sunglasses(image: DecodedImage, face: Detection, light: float = 0.08) -> DecodedImage:
    """Lenses over both eyes that let so much light through."""
    lenses = np.ones(image.pixels.shape[:2], np.float32)
    left, right = face.landmarks[:2].astype(float)
    apart = float(np.linalg.norm(right - left))
    for eye in (left, right):
        size = (0.37 * apart, 0.29 * apart)
        middle = (round(eye[0]), round(eye[1] + 0.06 * apart))
        cv2.ellipse(lenses, middle, tuple(map(round, size)), 0, 0, 360, light, -1)
    return DecodedImage((image.pixels * lenses[..., None]).astype(np.uint8))


def with_mask(
    image: DecodedImage, face: Detection, colour: tuple[int, int, int] = (130, 175, 215)
) -> DecodedImage:
    """A piece of cloth from the nose to below the chin."""
    left, right, nose, *mouth = face.landmarks.astype(float)
    apart = right - left
    down = np.array([-apart[1], apart[0]])
    top, bottom = nose - 0.25 * down, np.mean(mouth, axis=0) + 0.75 * down
    corners = [top - 0.9 * apart, top + 0.9 * apart, bottom + 0.5 * apart, bottom - 0.5 * apart]
    pixels = image.pixels.copy()
    cv2.fillPoly(pixels, [np.array(corners, np.int32)], colour)
    return DecodedImage(pixels)


def side_by_side(*images: DecodedImage) -> DecodedImage:
    """One picture of several, each with its middle at the same height."""
    height = max(image.height for image in images)
    columns = []
    for image in images:
        above = (height - image.height) // 2
        rows = ((above, height - image.height - above), (0, 0), (0, 0))
        columns.append(np.pad(image.pixels, rows, constant_values=90))
    return DecodedImage(np.ascontiguousarray(np.hstack(columns)))
