"""What Rekognition accepts as a picture, and which way up it sees it."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from faces.vision.detector import PHOTO_SIDES
from photos.imaging import images
from photos.imaging.images import DecodedImage
from tests.rekognition.server.wire import Refused, Structure, invalid

MIN_SIDE_PIXELS = 80
FORMATS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
BAD_FORMAT = ("InvalidImageFormatException", "Request has invalid image format")
MAX_OBJECT_BYTES = 15 * 1024 * 1024

# What is stored as (bucket, key), None where nothing is.
Objects = Callable[[str, str], bytes | None]


def no_objects(bucket: str, key: str) -> None:
    """An account without S3."""


def picture_bytes(image: Structure, objects: Objects) -> bytes:
    """Of a parameter `Image`: its bytes, or the object's that it names."""
    if ("Bytes" in image) == ("S3Object" in image):
        raise invalid()
    if "Bytes" in image:
        return bytes(image["Bytes"])
    place = image["S3Object"]
    data = objects(place.get("Bucket", ""), place.get("Name", ""))
    if data is None:
        text = "Unable to get object metadata from S3. Check object key, region and/or access"
        raise Refused("InvalidS3ObjectException", f"{text} permissions.")
    if len(data) > MAX_OBJECT_BYTES:
        raise Refused("ImageTooLargeException", "Image size is too large")
    return data


def decode(data: bytes) -> DecodedImage:
    """JPEG and PNG only. EXIF orientation is applied to a JPEG, and to a PNG it is not."""
    kind = next((kind for magic, kind in FORMATS.items() if data.startswith(magic)), None)
    if kind is None:
        raise Refused(*BAD_FORMAT)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if min(image.size) < MIN_SIDE_PIXELS:
                raise invalid()
            if kind == "PNG":
                return DecodedImage(np.array(image.convert("RGB")))
        return images.decode(data, min_side=max(PHOTO_SIDES))
    except (OSError, SyntaxError, ValueError, images.UnusableImage) as error:
        raise Refused(*BAD_FORMAT) from error
