"""What a picture file says beside its pixels, and what of that may leave with a guest.

By a list of what may stay, never of what must go: the place, the camera's serial numbers, its
owner, makers' notes, XMP and IPTC are written in too many ways to be listed. What stays is what
the picture looks like (orientation, colour profile, gain map) and when it was taken. Pixels are not
touched.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from photos.imaging import capture_time, formats, heif, jpeg, png, webp
from photos.imaging.capture_time import CHANGED, DIGITIZED, ORIGINAL
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


class Unstrippable(Exception):
    """Not built as its kind of file should be: what it says beside its pixels is unknown."""


def stripped(source: Source, *, arrived: datetime | None = None) -> list[Piece]:
    """The same picture without place, serial numbers, owner and notes; pixels bit by bit the same.

    Orientation, colour profile, gain map and capture time stay; of a file that `arrived` then, or
    has just come, the times that were believed when it did. Raises `Unstrippable`: better no file
    than one of which nobody knows what it tells.
    """

    def kept(written: bytes) -> bytes:
        return kept_of(written, arrived=arrived)

    try:
        kind = formats.kind_of(source[: formats.START_BYTES]) or "unknown"
        return list(merged(WITHOUT_NOTES[kind](source, kept)))
    except (struct.error, LookupError, ValueError) as error:
        raise Unstrippable(str(error)) from error


def strip(data: bytes) -> bytes:
    """A small picture's bytes as `stripped` describes them."""
    pieces = stripped(data)
    return b"".join(content(data, pieces, range(length(pieces))))


def kept_of(written: bytes, *, arrived: datetime | None = None) -> bytes:
    """The part of a camera's notes (with or without `Exif` before them) that may stay."""
    try:
        found = Image.Exif()
        found.load(written)
        return _kept(found, found.get_ifd(ExifTags.IFD.Exif), arrived)
    except Exception:  # noqa: BLE001 - bad notes raise what they like, and then none stay
        return b""


def _kept(found: Image.Exif, notes: dict[int, Any], arrived: datetime | None) -> bytes:
    kept = Image.Exif()
    inner: dict[int, object] = {}
    orientation = found.get(ExifTags.Base.Orientation)
    if isinstance(orientation, int) and 1 <= orientation <= 8:
        kept[ExifTags.Base.Orientation] = orientation
    for clock in (CHANGED, ORIGINAL, DIGITIZED):
        # Only where we believe it: of a photo without a time, none is claimed.
        if moment := capture_time.written_in(clock, found, notes, arrived=arrived):
            inner.update(capture_time.notes_of(clock, moment))
    if changed := inner.pop(CHANGED.tag, None):
        kept[CHANGED.tag] = changed
    colours = notes.get(ExifTags.Base.ColorSpace)
    if isinstance(colours, int) and 0 <= colours < 2**16:
        inner[ExifTags.Base.ColorSpace] = colours
    if inner:
        kept.get_ifd(ExifTags.IFD.Exif).update(inner)
    # Pillow calls notes empty that have only inner ones.
    return kept.tobytes() if inner or kept else b""
