"""The boxes of HEIC files (ISO/IEC 14496-12 and 23008-12): blanking what is no picture in them.

Blanked in place, so that nothing moves: pictures are found by their offsets in the file.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from photos.imaging.exif import HEAD
from photos.imaging.pieces import Piece, Source, content

# Items that make up the picture: coded (HEVC, AV1, JPEG), and put together from others.
PICTURES = frozenset(
    [b"hvc1", b"hev1", b"lhv1", b"av01", b"jpeg", b"grid", b"iovl", b"iden", b"tmap"]
)
TOP_LEVEL_KEPT = frozenset([b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"])
CONTAINERS = frozenset([b"moov", b"trak", b"meta", b"iprp", b"ipco", b"mdia", b"minf", b"stbl"])
NOTES = frozenset([b"uuid", b"udta", b"udes", b"meta", b"ilst", b"keys"])
IN_FILE, IN_IDAT = 0, 1
# Blanks of any length are made of it, so that they take no memory.
NOTHING = bytes(2**16)


@dataclass(frozen=True)
class Box:
    """`start` to `end` is the whole box; its content begins at `body`."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass
class Item:
    kind: bytes = b""
    extents: list[tuple[int, int]] = field(default_factory=list)  # start and length in the file


class _Blanked:
    """A file of the same length with other bytes here and there, as pieces."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._starts = [0]
        self.pieces: list[Piece] = [range(len(source))]

    def __getitem__(self, part: slice) -> bytes:
        return b"".join(content(self._source, self.pieces, range(part.start, part.stop)))

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


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> list[Piece]:
    """The file with everything blank that is no picture; of EXIF what `kept_of` returns stays.

    Raises `ValueError`, `LookupError` or `struct.error` where the file is not built as it should.
    """
    out = _Blanked(data)
    top = list(_boxes(data, 0, len(data)))
    for box in top:
        if box.kind not in TOP_LEVEL_KEPT:
            _blank(out, box)
    meta = next((box for box in top if box.kind == b"meta"), None)
    if meta is None:
        raise ValueError("no items")
    items = _items(data, meta)
    for item in items.values():
        if item.kind not in PICTURES:
            _blank_item(out, item, kept_of)
    _blank_within(out, data, top)
    if not any(box.kind == b"moov" for box in top):
        _blank_unused(out, top, items)
    return out.pieces


def _blank_item(out: _Blanked, item: Item, kept_of: Callable[[bytes], bytes]) -> None:
    exif = b""
    if item.kind == b"Exif":
        exif = b"".join(out[start : start + length] for start, length in item.extents)
    for start, length in item.extents:
        out.blank(start, start + length)
    if len(exif) < 4:
        return
    (skipped,) = struct.unpack_from(">I", exif)  # from here to the TIFF header
    kept = kept_of(exif[4 + skipped :]).removeprefix(HEAD)
    note = struct.pack(">I", 6) + HEAD + kept
    if kept and item.extents and len(note) <= item.extents[0][1]:
        out.write(item.extents[0][0], note)


def _blank_within(out: _Blanked, data: Source, boxes: list[Box]) -> None:
    """Blank notes inside the boxes that have others in them."""
    for box in boxes:
        if box.kind not in CONTAINERS:
            continue
        inner = list(_boxes(data, box.body + (4 if box.kind == b"meta" else 0), box.end))
        for child in inner:
            if child.kind in NOTES:
                _blank(out, child)
        _blank_within(out, data, [child for child in inner if child.kind not in NOTES])


def _blank_unused(out: _Blanked, top: list[Box], items: dict[int, Item]) -> None:
    """Blank what no item refers to: notes that an editor has left behind."""
    used = sorted(extent for item in items.values() for extent in item.extents)
    for box in top:
        if box.kind == b"mdat":
            position = box.body
            for start, length in used:
                if position < start < box.end:
                    out.blank(position, start)
                if start < box.end:
                    position = max(position, min(start + length, box.end))
            out.blank(position, box.end)
        elif box.kind in (b"free", b"skip"):
            _blank(out, box)


def _blank(out: _Blanked, box: Box) -> None:
    """Make it a box without a meaning."""
    out.write(box.start + 4, b"free")
    out.blank(box.body, box.end)


def _boxes(data: Source, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        body = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", data[body : body + 8])
            body += 8
        stop = end if size == 0 else start + size
        if stop < body or stop > end:
            raise ValueError("a box ends outside its file")
        yield Box(kind, start, body, stop)
        start = stop


def _items(data: Source, meta: Box) -> dict[int, Item]:
    found = {box.kind: box for box in _boxes(data, meta.body + 4, meta.end)}
    items = {number: Item(kind) for number, kind in _kinds(data, found[b"iinf"])}
    idat = found[b"idat"].body if b"idat" in found else 0
    for number, extents in _locations(data, found[b"iloc"], idat):
        items.setdefault(number, Item()).extents = extents
    return items


def _kinds(data: Source, iinf: Box) -> Iterator[tuple[int, bytes]]:
    version = _version(data, iinf)
    entries = iinf.body + 4 + (2 if version == 0 else 4)
    for infe in _boxes(data, entries, iinf.end):
        version = _version(data, infe)
        if version == 2:
            number, _, kind = struct.unpack(">HH4s", data[infe.body + 4 : infe.body + 12])
        elif version == 3:
            number, _, kind = struct.unpack(">IH4s", data[infe.body + 4 : infe.body + 14])
        else:
            raise ValueError("an item of unknown kind")
        yield number, kind


def _version(data: Source, box: Box) -> int:
    return data[box.body : box.body + 1][0]


class _Reader:
    def __init__(self, data: Source, position: int) -> None:
        self.data = data
        self.position = position

    def number(self, size: int) -> int:
        piece = self.data[self.position : self.position + size]
        if len(piece) < size:
            raise ValueError("a box is too short")
        self.position += size
        return int.from_bytes(piece)


def _locations(data: Source, iloc: Box, idat: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each item's number and the places of its bytes."""
    version = _version(data, iloc)
    read = _Reader(data, iloc.body + 4)
    sizes = read.number(2)
    offset_size, length_size = sizes >> 12, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    for _ in range(read.number(wide)):
        number = read.number(wide)
        method = read.number(2) & 15 if version else IN_FILE
        read.number(2)  # the file it refers to: this one
        base = read.number(base_size) + (idat if method == IN_IDAT else 0)
        extents = []
        for _ in range(read.number(2)):
            read.number(index_size)
            start, length = base + read.number(offset_size), read.number(length_size)
            if start + length > len(data):
                raise ValueError("an item lies outside its file")
            extents.append((start, length or len(data) - start))
        if method not in (IN_FILE, IN_IDAT):
            extents = []  # made of other items, which have their own places
        yield number, extents
