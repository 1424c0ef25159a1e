"""The segments of JPEG files (ITU-T T.81, annex B): what describes pixels, and notes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from photos.imaging.exif import HEAD
from photos.imaging.pieces import Piece, Source, bytes_of

# What ends coded pixels. Else what they hold stays theirs, as it is: stuffed 0xFF, restarts, and
# invalid markers, from which libjpeg skips to the next restart.
PIXELS_END = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
# Before a marker may be any number of 0xFF.
NO_FILL = re.compile(rb"[^\xff]")
START, END, SCAN = b"\xff\xd8", 0xD9, 0xDA
EXIF, ADOBE, COMMENT = 0xE1, 0xEE, 0xFE
# The markers of segments: frames and their tables, scans and theirs, applications, comments.
SEGMENTS = frozenset([*range(0xC0, 0xD0), *range(0xDA, 0xDE), *range(0xE0, 0xF0), COMMENT])
LARGEST_SEGMENT = 65_533
WINDOW = 2**16
# Those of the application's segments that say how to read the pixels, by their first bytes.
KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", ADOBE: b"Adobe"}
LONGEST_NAME = 4 + max(map(len, [HEAD, *KEPT.values()]))


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> Iterator[Piece]:
    """The file without what is no picture; of EXIF what `kept_of` returns stays.

    Up to its own end only: what follows are other pictures and films, with notes of theirs. Raises
    `ValueError`, `LookupError` or `struct.error` where the file is not built as it should.
    """
    yield START
    is_first = True
    for marker, part in _parts(data):
        start = bytes_of(data, part[:LONGEST_NAME])
        if marker == EXIF and start.startswith(HEAD, 4):
            if is_first and (kept := kept_of(bytes_of(data, part[4:]))):
                yield segment(EXIF, kept)
            is_first = False
        elif _stays(marker, start):
            yield part


def _parts(data: Source) -> Iterator[tuple[int, range]]:
    """Marker and place of each segment; a scan's with the coded pixels that follow it."""
    position = 2
    while True:
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


def _find(data: Source, start: int, wanted: re.Pattern[bytes]) -> int | None:
    """The first place from `start` on of a byte, or two, such as is wanted."""
    length = 2  # they are here already, or far away
    while start + 1 < len(data):
        if found := wanted.search(data[start : start + length]):
            return start + found.start()
        start, length = start + length - 1, WINDOW
    return None


def _stays(marker: int, start: bytes) -> bool:
    if marker in KEPT:
        return start.startswith(KEPT[marker], 4)
    return not (0xE0 <= marker <= 0xEF or marker == COMMENT)


def segment(marker: int, payload: bytes) -> bytes:
    if len(payload) > LARGEST_SEGMENT:
        raise ValueError("notes too long")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
