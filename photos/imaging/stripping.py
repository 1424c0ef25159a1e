"""What a picture file says beside its pixels, and what of that may leave with a guest.

By a list of what may stay, never of what must go: the place, the camera's serial numbers, its
owner, makers' notes, XMP and IPTC are written in too many ways to be listed. What stays is what
the picture looks like (orientation, colour profile) and when it was taken. Pixels are not touched.
"""

from __future__ import annotations

import itertools
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from PIL import ExifTags, Image

from photos.imaging import heif
from photos.imaging.pieces import Piece, Source, bytes_of, content, length, merged

# What is written here changes the size of what `strip` returns, which rows of photos remember:
# who changes it, empties `Photo.stripped_size` in a migration. The version is for browsers, which
# keep what they were given.
VERSION = 1
TIMES = {
    ExifTags.Base.DateTime,
    ExifTags.Base.DateTimeOriginal,
    ExifTags.Base.DateTimeDigitized,
    ExifTags.Base.OffsetTime,
    ExifTags.Base.OffsetTimeOriginal,
    ExifTags.Base.OffsetTimeDigitized,
    ExifTags.Base.SubsecTime,
    ExifTags.Base.SubsecTimeOriginal,
    ExifTags.Base.SubsecTimeDigitized,
}
A_TIME = re.compile(r"[0-9: +-]{1,19}")
HEAD = b"Exif\0\0"

# A marker; before it may be fill bytes, and coded pixels end at the first of those. Within pixels
# 0xFF is stuffed, or of a restart. With one 0xFF the search takes 3 ms for 6 MB, with any number of
# them 67.
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
JPEG_PIXELS_END = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
JPEG_START, JPEG_END, JPEG_SCAN = b"\xff\xd8", 0xD9, 0xDA
JPEG_EXIF, JPEG_ADOBE, JPEG_COMMENT = 0xE1, 0xEE, 0xFE
JPEG_LARGEST_SEGMENT = 65_533
WINDOW = 2**16
# Of the application's segments those that say how to read the pixels.
JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", JPEG_ADOBE: b"Adobe"}
JPEG_LONGEST_NAME = 4 + max(map(len, [HEAD, *JPEG_KEPT.values()]))

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs"
    b" acTL fcTL fdAT".split()
)
WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
WEBP_HAS_EXIF, WEBP_HAS_XMP = 0x08, 0x04


class Unstrippable(Exception):
    """Not built as its kind of file should be: what it says beside its pixels is unknown."""


def stripped(source: Source) -> list[Piece]:
    """The same picture without place, serial numbers, owner and notes; pixels bit by bit the same.

    Orientation, colour profile and capture time stay. Raises `Unstrippable`: better no file than
    one of which nobody knows what it tells.
    """
    try:
        return list(merged(_stripper(source)(source)))
    except (struct.error, LookupError, ValueError, zlib.error) as error:
        raise Unstrippable(str(error)) from error


def strip(data: bytes) -> bytes:
    """What `stripped` describes, of a small picture."""
    pieces = stripped(data)
    return b"".join(content(data, pieces, range(length(pieces))))


def with_capture_time(jpeg: bytes, taken_at: datetime) -> bytes:
    """A JPEG of ours with the time it was taken at, so that phones sort it where it belongs."""
    exif = Image.Exif()
    notes = exif.get_ifd(ExifTags.IFD.Exif)
    moment = taken_at.isoformat(" ", "seconds")  # 2026-06-20 14:03:22+02:00
    notes[ExifTags.Base.DateTimeOriginal] = moment[:19].replace("-", ":")
    notes[ExifTags.Base.OffsetTimeOriginal] = moment[19:25]
    return JPEG_START + _jpeg_segment(JPEG_EXIF, exif.tobytes()) + jpeg[2:]


def _stripper(source: Source) -> Callable[[Source], Iterable[Piece]]:
    start = source[:12]
    if start.startswith(b"\xff\xd8\xff"):
        return _strip_jpeg
    if start.startswith(PNG_START):
        return _strip_png
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return _strip_webp
    if start[4:8] == b"ftyp":
        return lambda heic: heif.blank_notes(heic, kept_of)
    raise Unstrippable("unknown format")


def kept_of(exif: bytes) -> bytes:
    """Of a camera's notes (with or without `Exif` before them) what may stay; maybe nothing."""
    try:
        found = Image.Exif()
        found.load(exif)
        notes = found.get_ifd(ExifTags.IFD.Exif)
        kept = _kept(found, notes)
    except Exception:  # noqa: BLE001 - bad notes raise what they like, and then none stay
        return b""
    return kept.tobytes() if kept else b""


def _kept(found: Image.Exif, notes: dict[int, object]) -> Image.Exif | None:
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
    return kept if inner or dict(kept) else None


def _times(notes: dict[int, object]) -> dict[int, object]:
    return {tag: value for tag, value in notes.items() if tag in TIMES and _is_time(value)}


def _is_time(value: object) -> bool:
    return isinstance(value, str) and bool(A_TIME.fullmatch(value.strip("\0 ")))


def _strip_jpeg(data: Source) -> Iterator[Piece]:
    """Up to its own end only: what follows are other pictures and films, with notes of theirs."""
    yield JPEG_START
    is_first = True
    for marker, part in _jpeg_parts(data):
        start = bytes_of(data, part[:JPEG_LONGEST_NAME])
        if marker == JPEG_EXIF and start.startswith(HEAD, 4):
            if is_first and (kept := kept_of(bytes_of(data, part[4:]))):
                yield _jpeg_segment(JPEG_EXIF, kept)
            is_first = False
        elif _stays_in_jpeg(marker, start):
            yield part


def _jpeg_parts(data: Source) -> Iterator[tuple[int, range]]:
    """Marker and place of each segment; a scan's with the coded pixels that follow it."""
    position = 2
    while True:
        start = _find(data, position, JPEG_MARKER)
        if start is None:
            raise Unstrippable("no end of the picture")
        marker = data[start + 1 : start + 2][0]
        position = start + 2
        if marker == JPEG_END:
            yield marker, range(start, position)
            return
        if marker == 1:  # TEM: a marker without a segment
            continue
        position += struct.unpack(">H", data[position : position + 2])[0]
        if marker == JPEG_SCAN:
            end = _find(data, position, JPEG_PIXELS_END)
            position = len(data) if end is None else end
        yield marker, range(start, position)


def _find(data: Source, start: int, pair: re.Pattern[bytes]) -> int | None:
    """Where from `start` on two such bytes are."""
    length = 2  # they are here already, or far away
    while start + 1 < len(data):
        if found := pair.search(data[start : start + length]):
            return start + found.start()
        start, length = start + length - 1, WINDOW
    return None


def _stays_in_jpeg(marker: int, start: bytes) -> bool:
    if marker in JPEG_KEPT:
        return start.startswith(JPEG_KEPT[marker], 4)
    return not (0xE0 <= marker <= 0xEF or marker == JPEG_COMMENT)


def _jpeg_segment(marker: int, payload: bytes) -> bytes:
    if len(payload) > JPEG_LARGEST_SEGMENT:
        raise Unstrippable("notes too long")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _strip_png(data: Source) -> Iterator[Piece]:
    yield PNG_START
    position = len(PNG_START)
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        end = position + size + 12
        if kind in PNG_KEPT:
            yield range(position, min(end, len(data)))
        elif kind == b"eXIf" and (kept := kept_of(data[position + 8 : end - 4])):
            yield _png_chunk(kind, kept.removeprefix(HEAD))
        if kind == b"IEND":
            return
        position = end
    raise Unstrippable("no end of the picture")


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I4s", len(payload), kind) + payload + struct.pack(">I", checksum)


def _strip_webp(data: Source) -> Iterator[Piece]:
    chunks = list(_webp_chunks(data))
    body = [b"WEBP", *itertools.chain.from_iterable(_written(data, chunks))]
    yield b"RIFF" + struct.pack("<I", length(body))
    yield from body


def _webp_chunks(data: Source) -> Iterator[tuple[bytes, Piece]]:
    """Kind and content of what stays."""
    end = min(len(data), int.from_bytes(data[4:8], "little") + 8)
    position = 12
    while position + 8 <= end:
        kind, size = struct.unpack("<4sI", data[position : position + 8])
        position += 8
        payload = range(position, min(position + size, len(data)))
        if kind in WEBP_KEPT:
            yield kind, payload
        elif kind == b"EXIF" and (kept := kept_of(bytes_of(data, payload))):
            yield kind, kept.removeprefix(HEAD)
        position += size + size % 2


def _written(data: Source, chunks: list[tuple[bytes, Piece]]) -> Iterator[list[Piece]]:
    has_exif = any(kind == b"EXIF" for kind, _ in chunks)
    for kind, payload in chunks:
        inside = [payload]
        if kind == b"VP8X":
            flags = bytes_of(data, payload[:1])[0] & ~(WEBP_HAS_EXIF | WEBP_HAS_XMP)
            inside = [bytes([flags | (WEBP_HAS_EXIF if has_exif else 0)]), payload[1:]]
        padding = b"\0" * (len(payload) % 2)
        yield [struct.pack("<4sI", kind, len(payload)), *inside, padding]


# How much longer a rendition is with its time: always the same.
CAPTURE_TIME_BYTES = len(with_capture_time(JPEG_START, datetime(2026, 1, 1, tzinfo=UTC))) - 2
