"""A face cut out of its photo, as a thumbnail."""

from __future__ import annotations

from faces.models import Face
from photos.imaging import images
from photos.imaging.images import DecodedImage
from photos.models import Photo
from photos.store import reading

SIDE = 192
# This much of the face's size is added on each side: people recognize a face by hair and chin.
MARGIN = 0.4


def jpeg_of(face: Face) -> bytes | None:
    """A JPEG of a face; None where its photo has no preview."""
    data = reading.read(Photo, face.photo_id, "preview")
    if data is None:
        return None
    image = images.decode(data, min_side=None)
    left, right = _range(face.left, face.width, image.width)
    top, bottom = _range(face.top, face.height, image.height)
    cut = DecodedImage(image.pixels[top:bottom, left:right].copy(), image.icc_profile)
    return images.to_jpeg(images.resize(cut, SIDE), 82)


def _range(start: float, length: float, size: int) -> tuple[int, int]:
    """Pixels of one direction, with the margin, at least one and within the picture."""
    first = max(0, int((start - MARGIN * length) * size))
    last = min(size, int((start + (1 + MARGIN) * length) * size))
    return min(first, size - 1), max(last, first + 1)
