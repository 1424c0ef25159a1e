"""The chunks of PNG files (ISO/IEC 15948): what describes pixels, and notes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from photos.imaging.exif import HEAD
from photos.imaging.pieces import Piece, Source

START = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs"
    b" acTL fcTL fdAT".split()
)


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> Iterator[Piece]:
    """The file without what is no picture; of EXIF what `kept_of` returns stays.

    Raises `ValueError` or `struct.error` where the file is not built as it should.
    """
    yield START
    position = len(START)
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        end = position + size + 12
        if kind in KEPT:
            yield range(position, min(end, len(data)))
        elif kind == b"eXIf" and (kept := kept_of(data[position + 8 : end - 4])):
            yield _chunk(kind, kept.removeprefix(HEAD))
        if kind == b"IEND":
            return
        position = end
    raise ValueError("no end of the picture")


def _chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I4s", len(payload), kind) + payload + struct.pack(">I", checksum)
