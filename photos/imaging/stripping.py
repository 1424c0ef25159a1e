"""What a picture file says beside its pixels, and what of that may leave with a guest.

By a list of what may stay, never of what must go: the place, the camera's serial numbers, its
owner, makers' notes, XMP and IPTC are written in too many ways to be listed. What stays is what
the picture looks like (orientation, colour profile, gain map) and when it was taken. Pixels are not
touched.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable

from PIL import ExifTags, Image

from photos.imaging import capture_time, exif, formats, heif, jpeg, png, webp
from photos.imaging.pieces import Piece, Source, content, length, merged

# Each container knows where in its files notes are. TIFF and GIF are not here: in the one notes and
# pixels are anywhere, and nobody takes photos in the other.
WITHOUT_NOTES: dict[str, Callable[[Source, Callable[[bytes], bytes]], Iterable[Piece]]] = {
    "JPEG": jpeg.without_notes,
    "PNG": png.without_notes,
    "WEBP": webp.without_notes,
    "HEIF": heif.without_notes,
    "AVIF": heif.without_notes,
}

# What this module lets stay makes the size of what `strip` returns, which rows of photos remember:
# who changes it after a release empties `Photo.stripped_size` in a migration. The version is for
# browsers, which keep what they were given.
VERSION = 2
MOMENTS = {
    ExifTags.Base.DateTime,
    ExifTags.Base.DateTimeOriginal,
    ExifTags.Base.DateTimeDigitized,
}
TIMES = MOMENTS | {
    ExifTags.Base.OffsetTime,
    ExifTags.Base.OffsetTimeOriginal,
    ExifTags.Base.OffsetTimeDigitized,
    ExifTags.Base.SubsecTime,
    ExifTags.Base.SubsecTimeOriginal,
    ExifTags.Base.SubsecTimeDigitized,
}
# An offset, or a fraction of a second.
A_PART = re.compile(r"[0-9: +-]{1,19}")


class Unstrippable(Exception):
    """Not built as its kind of file should be: what it says beside its pixels is unknown."""


def stripped(source: Source) -> list[Piece]:
    """The same picture without place, serial numbers, owner and notes; pixels bit by bit the same.

    Orientation, colour profile, gain map and capture time stay. Raises `Unstrippable`: better no
    file than one of which nobody knows what it tells.
    """
    try:
        kind = formats.kind_of(source[: formats.START_BYTES]) or "unknown"
        return list(merged(WITHOUT_NOTES[kind](source, kept_of)))
    except (struct.error, LookupError, ValueError) as error:
        raise Unstrippable(str(error)) from error


def strip(data: bytes) -> bytes:
    """A small picture's bytes as `stripped` describes them."""
    pieces = stripped(data)
    return b"".join(content(data, pieces, range(length(pieces))))


def kept_of(written: bytes) -> bytes:
    """The part of a camera's notes (with or without `Exif` before them) that may stay."""
    try:
        found = Image.Exif()
        found.load(written)
        notes = found.get_ifd(ExifTags.IFD.Exif)
        return _kept(found, notes)
    except Exception:  # noqa: BLE001 - bad notes raise what they like, and then none stay
        return b""


def _kept(found: Image.Exif, notes: dict[int, object]) -> bytes:
    kept = Image.Exif()
    orientation = found.get(ExifTags.Base.Orientation)
    if isinstance(orientation, int) and 1 <= orientation <= 8:
        kept[ExifTags.Base.Orientation] = orientation
    kept.update(_times(dict(found)))
    inner = _times(notes)
    colours = notes.get(ExifTags.Base.ColorSpace)
    if isinstance(colours, int) and 0 <= colours < 2**16:
        inner[ExifTags.Base.ColorSpace] = colours
    if inner:
        kept.get_ifd(ExifTags.IFD.Exif).update(inner)
    # Pillow calls notes empty that have only inner ones.
    return kept.tobytes() if inner or kept else b""


def _times(notes: dict[int, object]) -> dict[int, object]:
    return {tag: value for tag, value in notes.items() if tag in TIMES and _may_stay(tag, value)}


def _may_stay(tag: int, value: object) -> bool:
    """A time only where we believe it: of a photo without one, none is claimed."""
    text = exif.text(value)
    return bool(capture_time.read(text) if tag in MOMENTS else A_PART.fullmatch(text))
