"""A face cut out of its photo: a square, with room for hair and chin, by which people recognize a
face."""

from __future__ import annotations

from faces.models import Face
from photos.imaging import gate, images
from photos.imaging.images import DecodedImage
from photos.imaging.renditions import PREVIEW_SIDE
from photos.models import Photo
from photos.store import reading
from photos.store.faults import StoreUnavailable

# Pixels of a side, at most: in a row of many, and alone on a page.
SMALL, LARGE = 192, 480
# This much of the face's size is added on each side.
MARGIN = 0.4
# Of originals with more the preview serves: decoded, this many are 150 MB.
MOST_MEGAPIXELS = 50


def jpeg_of(face: Face, *, side: int = SMALL) -> bytes | None:
    """A JPEG of a face; None where its photo has no preview.

    Cut from the original where the preview has too few pixels of it: a face that fills a tenth of
    a group's photo.
    """
    photo = Photo.objects.get(pk=face.photo_id)
    image = _large_enough(photo, side / _part_of(face, photo)) or _preview(photo)
    if image is None:
        return None
    return images.to_jpeg(images.resize(_cut(face, image), side), 82)


def _part_of(face: Face, photo: Photo) -> float:
    """How much of the photo's longest side the square takes."""
    around = _side(face, photo.width, photo.height)
    return around / max(photo.width, photo.height)


def _large_enough(photo: Photo, longest: float) -> DecodedImage | None:
    """The original with that longest side or more, where the preview has less and it has more.

    Only of JPEGs, which are scaled while they are decoded.
    """
    own = max(photo.width, photo.height)
    is_small = photo.width * photo.height <= MOST_MEGAPIXELS * 1_000_000
    if longest <= PREVIEW_SIDE or own <= PREVIEW_SIDE or not is_small:
        return None
    data = _original(photo) if photo.content_type == "image/jpeg" else None
    if data is None:
        return None
    with gate.one_at_a_time():
        return images.decode(data, min_side=round(min(longest, own)))


def _original(photo: Photo) -> bytes | None:
    try:
        return reading.read_of(photo, "original")
    except StoreUnavailable:
        return None  # the preview may be at hand


def _preview(photo: Photo) -> DecodedImage | None:
    data = reading.read_of(photo, "preview")
    return None if data is None else images.decode(data, min_side=None)


def _cut(face: Face, image: DecodedImage) -> DecodedImage:
    """The square around a face, moved where it would leave the picture."""
    width, height = image.width, image.height
    side = min(max(1, round(_side(face, width, height))), width, height)
    left = _start((face.left + face.width / 2) * width, side, width)
    top = _start((face.top + face.height / 2) * height, side, height)
    pixels = image.pixels[top : top + side, left : left + side]
    return DecodedImage(pixels.copy(), image.icc_profile)


def _side(face: Face, width: int, height: int) -> float:
    return (1 + 2 * MARGIN) * max(face.width * width, face.height * height)


def _start(middle: float, side: int, size: int) -> int:
    return max(0, min(round(middle - side / 2), size - side))
