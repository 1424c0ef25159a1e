"""The chunks of WebP files (RFC 9649): what describes pixels, and notes."""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Callable, Iterator

from photos.imaging.exif import HEAD
from photos.imaging.pieces import Piece, Source, bytes_of, length

KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
# Four letters or the like, also those of chunks that we do not know.
A_KIND = re.compile(rb"[\x20-\x7e]{4}")
HAS_EXIF, HAS_XMP = 0x08, 0x04


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> Iterator[Piece]:
    """The file without what is no picture; of EXIF what `kept_of` returns stays.

    Raises `ValueError`, `LookupError` or `struct.error` where the file is not built as it should.
    """
    chunks = list(_chunks(data, kept_of))
    body = [b"WEBP", *itertools.chain.from_iterable(_written(data, chunks))]
    yield b"RIFF" + struct.pack("<I", length(body))
    yield from body


def _chunks(data: Source, kept_of: Callable[[bytes], bytes]) -> Iterator[tuple[bytes, Piece]]:
    """Kind and content of what stays."""
    end = min(len(data), int.from_bytes(data[4:8], "little") + 8)
    position = 12
    # Notes that are not announced nobody follows, not even to turn the picture.
    has_exif = data[12:16] == b"VP8X" and data[20:21][0] & HAS_EXIF
    while position + 8 <= end:
        kind, size = struct.unpack("<4sI", data[position : position + 8])
        position += 8
        if not A_KIND.fullmatch(kind) or position + size > end:
            raise ValueError("bytes that are no chunk")
        payload = range(position, position + size)
        if kind in KEPT:
            yield kind, payload
        elif kind == b"EXIF" and has_exif and (kept := kept_of(bytes_of(data, payload))):
            yield kind, kept.removeprefix(HEAD)
        position += size + size % 2


def _written(data: Source, chunks: list[tuple[bytes, Piece]]) -> Iterator[list[Piece]]:
    has_exif = any(kind == b"EXIF" for kind, _ in chunks)
    for kind, payload in chunks:
        inside = [payload]
        if kind == b"VP8X":
            flags = bytes_of(data, payload[:1])[0] & ~(HAS_EXIF | HAS_XMP)
            inside = [bytes([flags | (HAS_EXIF if has_exif else 0)]), payload[1:]]
        padding = b"\0" * (len(payload) % 2)
        yield [struct.pack("<4sI", kind, len(payload)), *inside, padding]
