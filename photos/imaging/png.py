"""The chunks of PNG files (ISO/IEC 15948): what describes pixels, and notes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from photos.imaging.exif import HEAD
from photos.imaging.formats import Data
from photos.imaging.pieces import Piece, Source

START = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp"
MOST_XMP_BYTES = 2**20
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


def notes(data: Data) -> dict[str, bytes]:
    """EXIF and XMP, wherever they stand, as Pillow names them: it finds what is before the pixels.

    As much as can be read of a damaged file.
    """
    found: dict[str, bytes] = {}
    position = len(START)
    while position + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + size] if kind in (b"eXIf", b"iTXt") else b""
        if kind == b"eXIf":
            found.setdefault("exif", body)
        elif body.startswith(XMP + b"\0"):
            found.setdefault("xmp", _text(body))
        position += size + 12
    return found


def _text(body: bytes) -> bytes:
    """Of a text chunk: name, whether it is packed and how, language, name in it, text."""
    _, _, rest = body.partition(b"\0")
    text = rest[2:].split(b"\0", 2)[-1]
    if rest[:1] != b"\1":
        return text
    try:
        return zlib.decompressobj().decompress(text, MOST_XMP_BYTES)
    except zlib.error:
        return b""


def _chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I4s", len(payload), kind) + payload + struct.pack(">I", checksum)
