"""Pixels, whatever a picture is stored as: decoded, turned upright, made smaller.

They are RGB everywhere in the project. Pillow, libheif and the recognition model want RGB, so that
only the face detector needs the other order, and it gets a small copy (0.5 ms).
"""

from __future__ import annotations

import io
from contextlib import suppress

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photos.imaging.formats import Data

Pixels = NDArray[np.uint8]

# What Pillow scales by averages.
REDUCIBLE = frozenset(["RGB", "RGBA", "L", "LA"])

# The axis for cv2.flip by EXIF orientation (CIPA DC-008, tag 0x0112); from 5 on it is transposed
# first.
FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


def shrunk(pixels: Pixels, size: list[int]) -> Pixels:
    """Smaller pixels: halved by averages while that goes, then one bilinear step of less than 2.

    12 megapixels to 2048 px: 8 ms, where one step of cv2.INTER_AREA takes 65. Of 88 faces of 30 to
    90 px, 68 are then seen with a score of 0.8 instead of 70.
    """
    width, height = size
    while min(pixels.shape[1] / width, pixels.shape[0] / height) >= 2:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = as_pixels(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA))
    return as_pixels(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR))


def jpeg_divisor(longest_side: int, min_side: int | None) -> int:
    if min_side is None:
        return 1
    return next((d for d in (8, 4, 2) if longest_side // d >= min_side), 1)


def jpeg_pixels(data: Data, divisor: int) -> Pixels | None:
    """None where libjpeg misses something; Pillow then says what."""
    scaled = {1: 0, 2: 16, 4: 32, 8: 64}[divisor]  # bits of cv2.IMREAD_REDUCED_*
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION | scaled
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if pixels is None else as_pixels(pixels)


def reducible(image: Image.Image) -> Image.Image:
    """The same in a mode that Pillow scales by averages. Decodes; raises what Pillow does."""
    image.load()
    return image if image.mode in REDUCIBLE else _as_rgb(image)


def decoded(image: Image.Image) -> Pixels:
    """RGB as stored, not upright. Decodes; raises what Pillow does."""
    image.load()
    return as_pixels(np.asarray(_as_rgb(image)))


def _as_rgb(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue, whatever the picture is stored as."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode == "CMYK":
        return _cmyk_as_rgb(image)
    if image.mode.startswith("I"):  # 16 bits of grey
        grey = np.asarray(image).astype(np.uint32) >> 8
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image)
    return image.convert("RGB")


def _cmyk_as_rgb(image: Image.Image) -> Image.Image:
    """Converted by the printer's own profile where there is one."""
    profile = image.info.get("icc_profile")
    with suppress(ImageCms.PyCMSError, OSError):
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    colours = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(colours, mask=colours.getchannel("A"))
    return white


def upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= 5:
        pixels = as_pixels(cv2.transpose(pixels))
    axis = FLIPS.get(orientation)
    return pixels if axis is None else as_pixels(cv2.flip(pixels, axis))


def as_pixels(array: object) -> Pixels:
    """One type for what cv2 and Pillow return; contiguous, without a copy where it is already."""
    return np.ascontiguousarray(array, dtype=np.uint8)
