"""A file put together from parts of another: described, and not copied until it is sent."""

from __future__ import annotations

import bisect
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol

# How much of a file is read and sent at a time, in bytes.
CHUNK = 2**20
# New bytes, or a part of the source.
Piece = bytes | range
# Blanks of any length are made of it, so that they take no memory.
NOTHING = bytes(2**16)


class Source(Protocol):
    """Bytes, or a file of them."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class FileSource:
    """A file's bytes, read where they are looked at, in any thread.

    Mapped ones would do as well, but what was looked at counts as this process's memory.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, os.SEEK_END)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice, /) -> bytes:
        start, stop, _ = part.indices(self._length)
        return os.pread(self._file.fileno(), max(0, stop - start), start)


def bytes_of(source: Source, piece: Piece) -> bytes:
    return source[piece.start : piece.stop] if isinstance(piece, range) else piece


def length(pieces: Iterable[Piece]) -> int:
    return sum(len(piece) for piece in pieces)


def merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same, parts that follow one another as one: some files are made of thousands."""
    last: Piece = b""
    for piece in pieces:
        if isinstance(last, range) and isinstance(piece, range) and piece.start == last.stop:
            last = range(last.start, piece.stop)
            continue
        if last:
            yield last
        last = piece
    yield last


def content(source: Source, pieces: Sequence[Piece], wanted: range) -> Iterator[bytes]:
    """The wanted part of the file that the pieces make, at most a chunk at a time."""
    begin = 0  # of the piece
    for piece in pieces:
        end = begin + len(piece)
        stop = min(wanted.stop, end)
        for start in range(max(wanted.start, begin), stop, CHUNK):
            part = piece[start - begin : min(start + CHUNK, stop) - begin]
            yield bytes_of(source, part)
        begin = end


class Blanked:
    """A file of the same length with other bytes here and there, as pieces."""

    def __init__(self, source: Source) -> None:
        self._starts = [0]
        self.pieces: list[Piece] = [range(len(source))]

    def write(self, start: int, data: bytes) -> None:
        if data:
            first, last = self._cut(start), self._cut(start + len(data))
            self._starts[first:last] = [start]
            self.pieces[first:last] = [data]

    def blank(self, start: int, stop: int) -> None:
        for begin in range(start, stop, len(NOTHING)):
            self.write(begin, NOTHING[: stop - begin])

    def _cut(self, position: int) -> int:
        """The number of the piece that begins there, made so where it is not."""
        number = bisect.bisect_left(self._starts, position)
        if number == len(self._starts) or self._starts[number] != position:
            start, piece = self._starts[number - 1], self.pieces[number - 1]
            halves = [piece[: position - start], piece[position - start :]]
            self._starts[number - 1 : number] = [start, position]
            self.pieces[number - 1 : number] = halves
        return number
