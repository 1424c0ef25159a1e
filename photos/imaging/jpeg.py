"""The segments of JPEG files (ITU-T T.81, annex B): what describes pixels, and notes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

from photos.imaging import gain_maps
from photos.imaging.exif import HEAD
from photos.imaging.pieces import Piece, Source, bytes_of, length

# What ends coded pixels. Else what they hold stays theirs, as it is: stuffed 0xFF, restarts, and
# invalid markers, from which libjpeg skips to the next restart.
PIXELS_END = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
# Before a marker may be any number of 0xFF.
NO_FILL = re.compile(rb"[^\xff]")
START, END, SCAN = b"\xff\xd8", 0xD9, 0xDA
EXIF, APP2, ADOBE, COMMENT = 0xE1, 0xE2, 0xEE, 0xFE
APPLICATIONS = range(0xE0, 0xF0)
# The markers of segments: frames and their tables, scans and theirs, applications, comments.
SEGMENTS = frozenset([*range(0xC0, 0xD0), *range(0xDA, 0xDE), *APPLICATIONS, COMMENT])
LARGEST_SEGMENT = 65_533
# A hundred megabytes are 1,600 of the largest. Empty ones take 44 times their bytes in memory.
MOST_SEGMENTS = 2**14
WINDOW = 2**16
# Those of the application's segments that say how to read the pixels, by their first bytes.
KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", ADOBE: b"Adobe"}
# Of these no more than what is said of the pixels: a thumbnail may follow, or anything.
DESCRIBING: dict[int, Callable[[bytes], bytes]] = {
    0xE0: lambda jfif: jfif[:12].ljust(12, b"\0") + bytes(2),
    ADOBE: lambda adobe: adobe[:12],
}
# A marker, and where its segment is.
Part = tuple[int, range]
LONGEST_NAME = 4 + max(map(len, [HEAD, *KEPT.values()]))


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> list[Piece]:
    """The file without what is no picture; of EXIF what `kept_of` returns stays.

    Up to its own end, and with the gain map that may follow: other pictures and films have notes of
    theirs. Raises `ValueError`, `LookupError` or `struct.error` where the file is not built as it
    should.
    """
    parts = list(_parts(data, 0))
    kept = list(_kept(data, parts, kept_of))
    return _with_gain_map(data, parts, kept, kept_of) or [START, *(piece for _, piece in kept)]


def _kept(
    data: Source, parts: list[Part], kept_of: Callable[[bytes], bytes]
) -> Iterator[tuple[int, Piece]]:
    is_first = True
    for marker, part in parts:
        start = bytes_of(data, part[:LONGEST_NAME])
        if marker == EXIF and start.startswith(HEAD, 4):
            if is_first and (kept := kept_of(bytes_of(data, part[4:]))):
                yield marker, segment(EXIF, kept)
            is_first = False
        elif marker in DESCRIBING and start.startswith(KEPT[marker], 4):
            yield marker, segment(marker, DESCRIBING[marker](bytes_of(data, part[4:])))
        elif _stays(marker, start):
            yield marker, part


def _with_gain_map(
    data: Source,
    parts: list[Part],
    kept: list[tuple[int, Piece]],
    kept_of: Callable[[bytes], bytes],
) -> list[Piece] | None:
    """The picture and its gain map; None where it has none, or one that is not as we know them."""
    index = _note(data, parts, APP2, gain_maps.MPF_HEAD)
    for start in gain_maps.others(bytes_of(data, index)):
        with suppress(ValueError, LookupError, struct.error):
            if found := _gain_map(data, parts, index.start + start, kept_of):
                said, gain_map = found
                head, pixels = _around_notes(kept)
                header_at = length(head) + length(said) + 4 + len(gain_maps.MPF_HEAD)
                size = header_at + gain_maps.MPF_BYTES + length(pixels)
                mpf = gain_maps.mpf(size, length(gain_map), header_at)
                return [*head, *said, segment(APP2, gain_maps.MPF_HEAD + mpf), *pixels, *gain_map]
    return None


def _gain_map(
    data: Source, parts: list[Part], start: int, kept_of: Callable[[bytes], bytes]
) -> tuple[list[Piece], list[Piece]] | None:
    """What the picture has to say of its gain map, and the gain map, if it is one."""
    others = list(_parts(data, start))
    numbers, iso = _numbers(data, others)
    primary, iso_version = _numbers(data, parts)
    said: list[Piece] = []
    notes: list[Piece] = []
    has_directory = numbers.is_adobe and "Version" in primary.adobe
    if has_directory or numbers.is_apple:
        notes.append(segment(EXIF, gain_maps.XMP_HEAD + gain_maps.xmp_of(numbers)))
    if iso_version.startswith(b"\0\0") and len(iso_version) >= 4 and (iso := gain_maps.iso(iso)):
        said.append(segment(APP2, gain_maps.ISO_HEAD + iso_version[:4]))
        notes.append(segment(APP2, gain_maps.ISO_HEAD + iso))
    head, pixels = _around_notes(list(_kept(data, others, kept_of)))
    gain_map = [*head, *notes, *pixels]
    if has_directory:
        xmp = gain_maps.xmp_of_primary(primary.adobe["Version"][0], length(gain_map))
        said.insert(0, segment(EXIF, gain_maps.XMP_HEAD + xmp))
    return (said, gain_map) if notes else None


def _numbers(data: Source, parts: list[Part]) -> tuple[gain_maps.Parameters, bytes]:
    """What a picture says of gain maps in XMP, and by ISO 21496-1."""
    xmp = bytes_of(data, _note(data, parts, EXIF, gain_maps.XMP_HEAD))
    iso = bytes_of(data, _note(data, parts, APP2, gain_maps.ISO_HEAD))
    return gain_maps.parameters(xmp), iso


def _note(data: Source, parts: list[Part], marker: int, head: bytes) -> range:
    """Where the first note of that kind stands behind its name; empty where there is none."""
    for number, part in parts:
        if number == marker and data[part.start + 4 : part.start + 4 + len(head)] == head:
            return part[4 + len(head) :]
    return range(0)


def _around_notes(kept: list[tuple[int, Piece]]) -> tuple[list[Piece], list[Piece]]:
    """The file before and behind the place for further notes: in front of what pixels need."""
    place = next(n for n, (marker, _) in enumerate(kept) if marker not in APPLICATIONS)
    pieces = [piece for _, piece in kept]
    return [START, *pieces[:place]], pieces[place:]


def _parts(data: Source, start: int) -> Iterator[Part]:
    """Marker and place of each segment; a scan's with the coded pixels that follow it."""
    if data[start : start + len(START)] != START:
        raise ValueError("no picture")
    position = start + len(START)
    for _ in range(MOST_SEGMENTS):
        place = _find(data, position, NO_FILL)
        if place is None:
            raise ValueError("no end of the picture")
        if place == position:
            raise ValueError("bytes that belong to no segment")
        start, marker = place - 1, data[place : place + 1][0]
        position = place + 1
        if marker == END:
            yield marker, range(start, position)
            return
        if marker not in SEGMENTS:
            raise ValueError("a marker that begins no segment")
        position += struct.unpack(">H", data[position : position + 2])[0]
        if marker == SCAN:
            end = _find(data, position, PIXELS_END)
            position = len(data) if end is None else end
        yield marker, range(start, position)
    raise ValueError("too many segments")


def _find(data: Source, start: int, wanted: re.Pattern[bytes]) -> int | None:
    """The first place from `start` on of a byte, or two, such as is wanted."""
    window = 2  # they are here already, or far away
    while start + 1 < len(data):
        if found := wanted.search(data[start : start + window]):
            return start + found.start()
        start, window = start + window - 1, WINDOW
    return None


def _stays(marker: int, start: bytes) -> bool:
    if marker in KEPT:
        return start.startswith(KEPT[marker], 4)
    return marker not in APPLICATIONS and marker != COMMENT


def segment(marker: int, payload: bytes) -> bytes:
    if len(payload) > LARGEST_SEGMENT:
        raise ValueError("notes too long")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
