"""Whole pictures: looking at what people send, decoding it, and writing the smaller ones."""

from __future__ import annotations

import io
import mmap
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, cast

import blurhash as blurhash_codec
import pillow_heif
from PIL import Image
from PIL.ImageFile import ImageFile

from findme.refusals import Refusal
from photos.imaging import capture_time, colours, exif, foreign, formats, gate, png
from photos.imaging.formats import FORMATS, Data
from photos.imaging.pixels import (
    Pixels,
    decoded,
    jpeg_divisor,
    jpeg_pixels,
    reducible,
    shrunk,
    upright,
)

# Pillow's limit warns or raises depending on the warning filters of the process; ours decides.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener()

# On a shorter side not even a face that fills the picture can be recognized well, and what guests
# send at this size are icons and stickers.
MIN_SIDE_PIXELS = 80
# No installation takes more, and `decode` nothing that none has taken.
MOST_MEGAPIXELS = 1000
# What was decoded whole and has more is scaled before any copy is made: of a 100-megapixel PNG
# there would be 1 GB otherwise.
LARGE_MEGAPIXELS = 24
# Pages of a TIFF among which the picture is looked for.
MOST_PAGES = 8
# TIFF 6.0, section 8: whether a page is a smaller copy of another.
SUBFILE_TYPE, REDUCED = 254, 1
# The head of a JPEG's scan of four colours.
LONGEST_SCAN = 14
# Where only whether a picture can be decoded is asked.
TRIED_SIDE = 500
# Refusals that say nothing of what a file is.
UNTOLD = frozenset(["too_large", "not_an_image", "unsupported_format"])


class UnusableImage(Refusal):
    """The picture's fault. Never worth a second attempt."""

    def told_by(self, name: str) -> UnusableImage:
        """What the file's name tells where its bytes were of no help, or not looked at."""
        known = foreign.of_name(name) if self.code in UNTOLD else None
        return UnusableImage(known.code) if known else self


@dataclass(frozen=True)
class ImageInfo:
    """What the header says. Width and height in pixels of the upright picture.

    `taken_at` is the camera's clock: aware where the camera recorded its offset, else naive, and
    None where the file says no time that makes sense.
    """

    format: str
    content_type: str
    width: int
    height: int
    taken_at: datetime | None
    device: exif.Device | None


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An upright picture: contiguous uint8 (height, width, 3), RGB, in the profile's colours, or
    without one in sRGB."""

    pixels: Pixels
    icc_profile: bytes | None = None
    # The preview and the detector want the same 2000 px copy, whose making is dear where all pixels
    # were decoded: it is kept with its original.
    _copies: dict[int, DecodedImage] = field(default_factory=dict, repr=False)
    # The file, where this picture is smaller than what is in it.
    _file: bytes | None = field(default=None, repr=False)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def at_least(self, min_side: int) -> DecodedImage:
        """This picture, or, where it was decoded smaller than that and than it is, a larger one.

        That is another decode: 120 ms for 12 megapixels.
        """
        if self._file is None or max(self.width, self.height) >= min_side:
            return self
        return decode(self._file, min_side=min_side)

    def at_most(self, max_side: int) -> DecodedImage:
        """This picture, or its copy with that longest side, kept for the next who asks."""
        longest = max(self.width, self.height)
        if longest <= max_side:
            return self
        if max_side not in self._copies:
            size = [max(1, round(side * max_side / longest)) for side in (self.width, self.height)]
            larger = [side for side in self._copies if side > max_side]
            source = self._copies[min(larger)] if larger else self
            self._copies[max_side] = DecodedImage(shrunk(source.pixels, size), self.icc_profile)
        return self._copies[max_side]


def inspect(data: Data, *, max_bytes: int, max_megapixels: float, name: str = "") -> ImageInfo:
    """What the picture is, from its header; the file's end is only looked for.

    `max_megapixels` is of JPEGs; of other kinds, whose pixels are all in memory while they are
    decoded, a share of that. `name` tells where its bytes leave open what a file is. A picture is
    decoded here only where its end marker is missing, and a TIFF, which has none. Raises
    `UnusableImage`, and then `BusyLooking`.
    """
    if not data:
        raise UnusableImage("empty")
    if len(data) > max_bytes:
        raise UnusableImage("too_large")
    if formats.kind_of(data) == formats.LIKE_RAW and (known := foreign.of_name(name)):
        raise UnusableImage(known.code)
    source = _open(data, max_megapixels)
    notes = exif.notes_of(source.image)
    size = source.image.size
    width, height = size[::-1] if exif.orientation(source.image, notes) >= 5 else size
    if min(width, height) < MIN_SIDE_PIXELS:
        raise UnusableImage("too_small")
    if not formats.is_whole(data, source.kind, source.start_of_pixels):
        with gate.one_at_a_time():
            _pixels(source, min_side=TRIED_SIDE, is_small=True)
    content_type = FORMATS[source.kind].content_type
    taken_at, device = capture_time.taken_at(source.image, notes), exif.device(notes)
    return ImageInfo(source.kind, content_type, width, height, taken_at, device)


def decode(data: bytes, *, min_side: int | None, is_small: bool = False) -> DecodedImage:
    """The upright pixels, all of them, or where that is cheaper fewer.

    A JPEG is scaled to 1/2, 1/4 or 1/8 while it is decoded, as long as its longest side stays at
    or above `min_side`; `at_least` of the result then decodes more of it. What cannot be decoded
    so is scaled right after it with `is_small`, before any copy is made. Raises `UnusableImage`.
    Safe in threads.
    """
    if not data:
        raise UnusableImage("empty")
    source = _open(data, MOST_MEGAPIXELS)
    orientation = exif.orientation(source.image, exif.notes_of(source.image))
    profile = source.image.info.get("icc_profile")
    longest = max(source.image.size)
    pixels = _pixels(source, min_side=min_side, is_small=is_small)
    is_whole = max(pixels.shape[:2]) == longest
    coding = colours.coding_of(data, source.kind, source.image.info)
    if coding and source.kind == "PNG":  # it goes before a profile (PNG, 3rd edition, 4.3)
        profile = None
    pixels, profile = colours.for_screens(pixels, profile, coding)
    return DecodedImage(
        upright(pixels, orientation),
        profile,
        _file=None if is_whole else data,
    )


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


def to_webp(image: DecodedImage, quality: int, *, method: int) -> bytes:
    """A WebP with the colour profile and nothing else. `method`: from 0, quick, to 6, small."""
    out = io.BytesIO()
    picture = Image.fromarray(image.pixels)
    picture.save(out, "WEBP", quality=quality, method=method, icc_profile=image.icc_profile or b"")
    return out.getvalue()


def blurhash(image: DecodedImage) -> str:
    """The placeholder of 4 x 3 components, from a copy of 12 px: the codec is plain Python."""
    tiny = image.at_most(12).pixels.tolist()
    return str(blurhash_codec.encode(tiny, components_x=4, components_y=3))


@dataclass(frozen=True, eq=False)
class _Source:
    """A picture whose header was read; `start_of_pixels` is where that reading stopped."""

    data: Data
    kind: str
    image: ImageFile
    start_of_pixels: int


def _open(data: Data, max_megapixels: float) -> _Source:
    """Raises `UnusableImage`."""
    kind = formats.kind_of(data)
    if known := foreign.of_content(data):
        raise UnusableImage(known.code)
    if kind is None:
        is_picture = formats.is_other_picture(data)
        raise UnusableImage("unsupported_format" if is_picture else "not_an_image")
    if kind == "TIFF" and foreign.is_unread_tiff(data):
        raise UnusableImage("unsupported_format")
    stream = cast(IO[bytes], data) if isinstance(data, mmap.mmap) else io.BytesIO(data)
    try:
        image = Image.open(stream, formats=FORMATS[kind].pillow)
        start_of_pixels = stream.tell()
        _complete(image, kind, data)
    except Exception as error:  # what a damaged header provokes is documented nowhere
        raise UnusableImage(_damage(data, kind, 0)) from error
    share = _share(image, kind, data[max(0, start_of_pixels - LONGEST_SCAN) : start_of_pixels])
    if image.width * image.height > max_megapixels * 1_000_000 * share:
        raise UnusableImage("too_many_pixels")
    return _Source(data, kind, image, start_of_pixels)


def _complete(image: ImageFile, kind: str, data: Data) -> None:
    """Find what Pillow looks for only behind the pixels, and the picture among a TIFF's."""
    if kind == "PNG":
        image.info.update(png.notes(data))
    if kind == "TIFF":
        with suppress(EOFError):
            for page in range(MOST_PAGES):
                image.seek(page)
                if not image.tag_v2.get(SUBFILE_TYPE, 0) & REDUCED:  # type: ignore[attr-defined]
                    return
        image.seek(0)


def _share(image: ImageFile, kind: str, scan: bytes) -> float:
    """`scan`: the bytes before a JPEG's pixels, which end with what their first scan has."""
    if kind != "JPEG":
        return FORMATS[kind].share
    colours = len(image.getbands())
    length = 6 + 2 * colours
    in_one_scan = scan[-length:][:3] == bytes([0, length, colours])
    has_all = in_one_scan and not image.info.get("progressive")
    return 1.0 if has_all else formats.PROGRESSIVE_SHARE


def _damage(data: Data, kind: str, start_of_pixels: int) -> str:
    """Why a picture cannot be decoded: it stops too early, or something is wrong within. Of a TIFF
    nobody can tell which."""
    is_whole = kind == "TIFF" or formats.is_whole(data, kind, start_of_pixels)
    return "unreadable" if is_whole else "truncated"


def _pixels(source: _Source, *, min_side: int | None, is_small: bool = False) -> Pixels:
    """RGB as stored, not upright. Raises `UnusableImage`."""
    image = source.image
    divisor = jpeg_divisor(max(image.size), min_side)
    if source.kind == "JPEG" and image.mode in ("RGB", "L"):
        # Faster than Pillow, whose pixels must be copied out, and outside the GIL.
        pixels = jpeg_pixels(source.data, divisor)
        if pixels is not None:
            return pixels
    if source.kind == "JPEG" and divisor > 1:  # a printer's, in CMYK
        image.draft(image.mode, (image.width // divisor, image.height // divisor))
        divisor = 1
    try:
        is_large = image.width * image.height > LARGE_MEGAPIXELS * 1_000_000
        if divisor > 1 and (is_small or is_large):
            return decoded(reducible(image).reduce(divisor))
        return decoded(image)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise what they like on damaged data
        code = _damage(source.data, source.kind, source.start_of_pixels)
        raise UnusableImage(code) from error
