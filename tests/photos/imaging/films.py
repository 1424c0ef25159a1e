"""Tracks of films, such as phones put beside the picture in its file."""

from __future__ import annotations

import itertools
import struct


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, *content: bytes) -> bytes:
    return box(kind, bytes(4), *content)


def track(handler: bytes, start: int, sizes: list[int], *, wide: bool = False) -> bytes:
    """Two samples to a chunk, and the chunks one after another from `start` on."""
    chunks = list(itertools.accumulate(sizes, initial=start))[:-1:2]
    places = struct.pack(f">I{len(chunks)}{'Q' if wide else 'I'}", len(chunks), *chunks)
    stbl = box(
        b"stbl",
        full_box(b"stsc", struct.pack(">IIII", 1, 1, 2, 1)),
        full_box(b"stsz", struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        full_box(b"co64" if wide else b"stco", places),
    )
    hdlr = full_box(b"hdlr", bytes(4), handler, bytes(13))
    return box(b"trak", box(b"mdia", hdlr, box(b"minf", stbl)), box(b"udta", b"TITLE-OF-TRACK"))


def with_tracks(picture: bytes, *tracks: tuple[bytes, list[bytes]], wide: bool = False) -> bytes:
    """A HEIC with tracks behind its picture: their handlers and samples."""
    data = picture
    written = []
    for handler, samples in tracks:
        written.append(track(handler, len(data) + 8, [len(one) for one in samples], wide=wide))
        data += box(b"mdat", *samples)
    return data + box(b"moov", full_box(b"mvhd", bytes(96)), *written)
