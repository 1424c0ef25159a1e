"""The boxes of HEIC files (ISO/IEC 14496-12 and 23008-12): blanking what is no picture in them.

Blanked in place, so that nothing moves: pictures are found by their offsets in the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# Items that make up the picture: coded (HEVC, AV1, JPEG), and put together from others.
PICTURES = frozenset(
    [b"hvc1", b"hev1", b"lhv1", b"av01", b"jpeg", b"grid", b"iovl", b"iden", b"tmap"]
)
TOP_LEVEL_KEPT = frozenset([b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"])
CONTAINERS = frozenset([b"moov", b"trak", b"meta", b"iprp", b"ipco", b"mdia", b"minf", b"stbl"])
NOTES = frozenset([b"uuid", b"udta", b"udes", b"meta", b"ilst", b"keys"])
IN_FILE, IN_IDAT = 0, 1


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


def blank_notes(data: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    """The file with everything blank that is no picture; of EXIF what `kept_of` returns stays.

    Raises `ValueError`, `IndexError` or `struct.error` where the file is not built as it should be.
    """
    out = bytearray(data)
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
    return bytes(out)


def _blank_item(out: bytearray, item: Item, kept_of: Callable[[bytes], bytes]) -> None:
    content = b"".join(out[start : start + length] for start, length in item.extents)
    for start, length in item.extents:
        out[start : start + length] = bytes(length)
    if item.kind != b"Exif" or len(content) < 4:
        return
    (skipped,) = struct.unpack_from(">I", content)  # from here to the TIFF header
    kept = kept_of(content[4 + skipped :]).removeprefix(b"Exif\0\0")
    note = struct.pack(">I", 6) + b"Exif\0\0" + kept
    if kept and item.extents and len(note) <= item.extents[0][1]:
        start = item.extents[0][0]
        out[start : start + len(note)] = note


def _blank_within(out: bytearray, data: bytes, boxes: list[Box]) -> None:
    """Blank notes inside the boxes that have others in them."""
    for box in boxes:
        if box.kind not in CONTAINERS:
            continue
        inner = list(_boxes(data, box.body + (4 if box.kind == b"meta" else 0), box.end))
        for child in inner:
            if child.kind in NOTES:
                _blank(out, child)
        _blank_within(out, data, [child for child in inner if child.kind not in NOTES])


def _blank_unused(out: bytearray, top: list[Box], items: dict[int, Item]) -> None:
    """Blank what no item refers to: notes that an editor has left behind."""
    used = sorted(extent for item in items.values() for extent in item.extents)
    for box in top:
        if box.kind == b"mdat":
            position = box.body
            for start, length in used:
                if position < start < box.end:
                    out[position:start] = bytes(start - position)
                if start < box.end:
                    position = max(position, min(start + length, box.end))
            out[position : box.end] = bytes(box.end - position)
        elif box.kind in (b"free", b"skip"):
            _blank(out, box)


def _blank(out: bytearray, box: Box) -> None:
    """Make it a box without a meaning."""
    out[box.start + 4 : box.start + 8] = b"free"
    out[box.body : box.end] = bytes(box.end - box.body)


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        stop = end if size == 0 else start + size
        if stop < body or stop > end:
            raise ValueError("a box ends outside its file")
        yield Box(kind, start, body, stop)
        start = stop


def _items(data: bytes, meta: Box) -> dict[int, Item]:
    found = {box.kind: box for box in _boxes(data, meta.body + 4, meta.end)}
    items = {number: Item(kind) for number, kind in _kinds(data, found[b"iinf"])}
    idat = found[b"idat"].body if b"idat" in found else 0
    for number, extents in _locations(data, found[b"iloc"], idat):
        items.setdefault(number, Item()).extents = extents
    return items


def _kinds(data: bytes, iinf: Box) -> Iterator[tuple[int, bytes]]:
    version = data[iinf.body]
    entries = iinf.body + 4 + (2 if version == 0 else 4)
    for infe in _boxes(data, entries, iinf.end):
        version = data[infe.body]
        if version == 2:
            number, _, kind = struct.unpack_from(">HH4s", data, infe.body + 4)
        elif version == 3:
            number, _, kind = struct.unpack_from(">IH4s", data, infe.body + 4)
        else:
            raise ValueError("an item of unknown kind")
        yield number, kind


class _Reader:
    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position

    def number(self, size: int) -> int:
        piece = self.data[self.position : self.position + size]
        if len(piece) < size:
            raise ValueError("a box is too short")
        self.position += size
        return int.from_bytes(piece)


def _locations(data: bytes, iloc: Box, idat: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each item's number and the places of its bytes."""
    version = data[iloc.body]
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
