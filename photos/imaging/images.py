"""Decoding whatever people send, and writing the smaller pictures.

Pixels are RGB everywhere in the project. Pillow, libheif and the recognition model want RGB, so
that only the face detector needs the other order, and it gets a small copy (0.5 ms).
"""

from __future__ import annotations

import io
import mmap
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import MAXYEAR, datetime
from typing import IO, cast

import blurhash as blurhash_codec
import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from findme.refusals import Refusal
from photos.imaging import formats
from photos.imaging.formats import CONTENT_TYPES, Data

# Pillow's limit warns or raises depending on the warning filters of the process; ours decides.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener()

# Below it not even a face that fills the picture can be recognized well, and what guests send at
# this size are icons and stickers.
MIN_SIDE_PIXELS = 80
# For `decode`, whose callers checked with `inspect` at upload: 750 MB of pixels is the end.
DECODE_MAX_MEGAPIXELS = 250

PILLOW_FORMATS = {"JPEG": ["JPEG", "MPO"], "PNG": ["PNG"], "WEBP": ["WEBP"], "HEIF": ["HEIF"]}

Pixels = NDArray[np.uint8]


class UnusableImage(Refusal):
    """The picture's fault. Never worth a second attempt."""


@dataclass(frozen=True)
class ImageInfo:
    """What the header says. Width and height in pixels of the upright picture.

    `taken_at` is the camera's clock: aware where the camera recorded its offset, else naive.
    """

    format: str
    content_type: str
    width: int
    height: int
    taken_at: datetime | None


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An upright picture: contiguous uint8 (height, width, 3), RGB, in the profile's colours."""

    pixels: Pixels
    icc_profile: bytes | None = None
    # The preview and the detector want the same 2048 px copy, whose making costs as much as the
    # decode: it is kept with its original.
    _copies: dict[int, DecodedImage] = field(default_factory=dict, repr=False)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def at_most(self, max_side: int) -> DecodedImage:
        """This picture, or its copy with that longest side, kept for the next who asks."""
        longest = max(self.width, self.height)
        if longest <= max_side:
            return self
        if max_side not in self._copies:
            size = [max(1, round(side * max_side / longest)) for side in (self.width, self.height)]
            larger = [side for side in self._copies if side > max_side]
            source = self._copies[min(larger)] if larger else self
            self._copies[max_side] = DecodedImage(_shrunk(source.pixels, size), self.icc_profile)
        return self._copies[max_side]


def inspect(data: Data, *, max_bytes: int, max_megapixels: float) -> ImageInfo:
    """What the picture is, from its header; the file's end is only looked for.

    A picture is decoded here only where its end marker is missing. Raises `UnusableImage`.
    """
    if not data:
        raise UnusableImage("empty")
    if len(data) > max_bytes:
        raise UnusableImage("too_large")
    source = _open(data, max_megapixels)
    exif = _exif(source.image)
    size = source.image.size
    width, height = size[::-1] if _orientation(exif) >= 5 else size
    if min(width, height) < MIN_SIDE_PIXELS:
        raise UnusableImage("too_small")
    if not formats.is_whole(data, source.kind, source.start_of_pixels):
        _pixels(source, min_side=None)
    return ImageInfo(source.kind, CONTENT_TYPES[source.kind], width, height, _taken_at(exif))


def decode(data: bytes, *, min_side: int | None) -> DecodedImage:
    """The upright pixels, all of them, or where that is cheaper fewer.

    A JPEG is scaled to 1/2, 1/4 or 1/8 while it is decoded, as long as its longest side stays at
    or above `min_side`. Raises `UnusableImage`. Safe in threads.
    """
    if not data:
        raise UnusableImage("empty")
    source = _open(data, DECODE_MAX_MEGAPIXELS)
    orientation = _orientation(_exif(source.image))
    profile = source.image.info.get("icc_profile")
    pixels = _pixels(source, min_side=min_side)
    return DecodedImage(_upright(pixels, orientation), profile if _is_rgb(profile) else None)


def resize(image: DecodedImage, max_side: int) -> DecodedImage:
    """A copy with that longest side, or the picture itself where it is not larger.

    The copy is kept with the picture: asking again for the same side costs nothing.
    """
    return image.at_most(max_side)


def to_jpeg(image: DecodedImage, quality: int) -> bytes:
    """A baseline JPEG with the colour profile and nothing else: no place, no serial numbers.

    Not progressive: at 2048 px that takes 34 ms instead of 7 and saves 3 % of the bytes.
    """
    out = io.BytesIO()
    picture = Image.fromarray(image.pixels)
    picture.save(out, "JPEG", quality=quality, icc_profile=image.icc_profile)
    return out.getvalue()


def blurhash(image: DecodedImage) -> str:
    """The placeholder of 4 x 3 components, from a copy of 12 px: the codec is plain Python."""
    tiny = image.at_most(12).pixels.tolist()
    return str(blurhash_codec.encode(tiny, components_x=4, components_y=3))


def _shrunk(pixels: Pixels, size: list[int]) -> Pixels:
    """Smaller pixels: halved by averages while that goes, then one bilinear step of less than 2.

    12 megapixels to 2048 px: 8 ms, where one step of cv2.INTER_AREA takes 65. Of 88 faces of 30 to
    90 px, 68 are then seen with a score of 0.8 instead of 70.
    """
    width, height = size
    while min(pixels.shape[1] / width, pixels.shape[0] / height) >= 2:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = _as_pixels(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA))
    return _as_pixels(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True, eq=False)
class _Source:
    """A picture whose header was read; `start_of_pixels` is where that reading stopped."""

    data: Data
    kind: str
    image: Image.Image
    start_of_pixels: int


def _open(data: Data, max_megapixels: float) -> _Source:
    """Raises `UnusableImage`."""
    kind = formats.kind_of(data)
    if kind is None:
        is_picture = formats.is_other_picture(data)
        raise UnusableImage("unsupported_format" if is_picture else "not_an_image")
    stream = cast(IO[bytes], data) if isinstance(data, mmap.mmap) else io.BytesIO(data)
    try:
        image = Image.open(stream, formats=PILLOW_FORMATS[kind])
    except Exception as error:  # what a damaged header provokes is documented nowhere
        raise UnusableImage(_damage(data, kind, 0)) from error
    if image.width * image.height > max_megapixels * 1_000_000:
        raise UnusableImage("too_many_pixels")
    return _Source(data, kind, image, stream.tell())


def _damage(data: Data, kind: str, start_of_pixels: int) -> str:
    """Why a picture cannot be decoded: it stops too early, or something is wrong within."""
    return "unreadable" if formats.is_whole(data, kind, start_of_pixels) else "truncated"


def _exif(image: Image.Image) -> Image.Exif:
    """The camera's notes; empty where they are missing or malformed.

    From the header only: Pillow's `getexif()` decodes a whole PNG to look behind its pixels. HEIC
    is turned by its container alone (ISO/IEC 23008-12), which libheif does; the orientation in
    its EXIF only repeats that, and the plugin removes it.
    """
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
    except Exception:  # noqa: BLE001 - bad notes must not cost a good picture, whatever they raise
        return Image.Exif()
    return exif


def _orientation(exif: Image.Exif) -> int:
    value = exif.get(ExifTags.Base.Orientation, 1)
    return value if value in range(1, 9) else 1


def _taken_at(exif: Image.Exif) -> datetime | None:
    try:
        notes = exif.get_ifd(ExifTags.IFD.Exif)
        text = _text(notes.get(ExifTags.Base.DateTimeOriginal))
        naive = datetime.fromisoformat(text.replace(":", "-", 2))
        if not 1 < naive.year < MAXYEAR:
            return None  # in another time zone it would be no date at all
    except Exception:  # noqa: BLE001 - as in `_exif`
        return None
    offset = _text(notes.get(ExifTags.Base.OffsetTimeOriginal))
    with suppress(ValueError):
        return datetime.fromisoformat(f"{naive.replace(tzinfo=None).isoformat()}{offset}")
    return naive


def _text(value: object) -> str:
    """An EXIF string without the padding some cameras add."""
    return value.strip("\0 ") if isinstance(value, str) else ""


def _pixels(source: _Source, *, min_side: int | None) -> Pixels:
    """RGB as stored, not upright. Raises `UnusableImage`."""
    image = source.image
    if source.kind == "JPEG" and image.mode in ("RGB", "L"):
        # Faster than Pillow, whose pixels must be copied out, and outside the GIL.
        pixels = _jpeg_pixels(source.data, _jpeg_divisor(max(image.size), min_side))
        if pixels is not None:
            return pixels
    try:
        image.load()
        return _as_pixels(np.asarray(_as_rgb(image)))
    except MemoryError:
        raise
    except Exception as error:  # decoders raise what they like on damaged data
        code = _damage(source.data, source.kind, source.start_of_pixels)
        raise UnusableImage(code) from error


def _jpeg_divisor(longest_side: int, min_side: int | None) -> int:
    if min_side is None:
        return 1
    return next((d for d in (8, 4, 2) if longest_side // d >= min_side), 1)


def _jpeg_pixels(data: Data, divisor: int) -> Pixels | None:
    """None where libjpeg misses something; Pillow then says what."""
    scaled = {1: 0, 2: 16, 4: 32, 8: 64}[divisor]  # bits of cv2.IMREAD_REDUCED_*
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION | scaled
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if pixels is None else _as_pixels(pixels)


def _as_rgb(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue, whatever the picture is stored as."""
    if image.mode == "RGB":
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
    """By the printer's own profile where there is one."""
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


def _is_rgb(profile: bytes | None) -> bool:
    """Whether a profile describes RGB: one for grey or CMYK would miscolour what we made of it."""
    return profile is not None and profile[16:20] == b"RGB "


# By EXIF orientation (CIPA DC-008, tag 0x0112): cv2.flip's axis, after transposing from 5 on.
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= 5:
        pixels = _as_pixels(cv2.transpose(pixels))
    axis = _FLIPS.get(orientation)
    return pixels if axis is None else _as_pixels(cv2.flip(pixels, axis))


def _as_pixels(array: object) -> Pixels:
    """One type for what cv2 and Pillow return; contiguous, without a copy where it is already."""
    return np.ascontiguousarray(array, dtype=np.uint8)
