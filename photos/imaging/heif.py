"""The boxes of HEIC files (ISO/IEC 14496-12 and 23008-12): blanking what is no picture in them.

Blanked in place, so that nothing moves: pictures are found by their offsets in the file.
"""

from __future__ import annotations

import bisect
import itertools
import operator
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from photos.imaging import gain_maps
from photos.imaging.exif import HEAD
from photos.imaging.pieces import Blanked, Piece, Source

# Items that make up the picture: coded (HEVC, AV1, JPEG), and put together from others.
PICTURES = frozenset([b"hvc1", b"hev1", b"lhv1", b"av01", b"jpeg", b"grid", b"iovl", b"iden"])
TOP_LEVEL_KEPT = frozenset([b"ftyp", b"meta", b"mdat", b"moov"])
CONTAINERS = frozenset([b"moov", b"trak", b"meta", b"iprp", b"ipco", b"mdia", b"minf", b"stbl"])
NOTES = frozenset([b"uuid", b"udta", b"udes", b"meta", b"ilst", b"keys"])
# What says where pictures are, and how they belong together.
META_KEPT = frozenset([b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"iref", b"idat", b"grpl"])
# What says how pictures are decoded and shown; others say when, where and of what they are.
PROPERTIES_KEPT = frozenset(
    b"hvcC lhvC av1C jpgC a1op a1lx oinf tols ispe pixi colr clli mdcv cclv amve reve ndwt irot"
    b" imir clap pasp rloc auxC lsel".split()
)
# Boxes of films that begin with times: how many bytes of them in each version.
TIMED = frozenset([b"mvhd", b"tkhd", b"mdhd"])
TIMES_BYTES = {0: 8, 1: 16}
# Items whose kind is told behind their names.
NAMED_BY_KIND = frozenset([b"mime", b"uri "])
# TIFF without a tag: some readers refuse a picture whose notes are none.
NO_NOTES = b"MM\0*\0\0\0\x08" + bytes(6)
# The handlers of tracks that are pictures, and what belongs to their pixels. Others are films,
# sound, texts and places.
TRACKS_KEPT = frozenset([b"pict", b"auxv"])
MOST_ROWS = 2**16
LONGEST_NOTE = 2**20
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


def without_notes(data: Source, kept_of: Callable[[bytes], bytes]) -> list[Piece]:
    """The file with everything blank that is no picture; of EXIF what `kept_of` returns stays.

    Raises `ValueError`, `LookupError` or `struct.error` where the file is not built as it should.
    """
    out = Blanked(data)
    top = list(_boxes(data, 0, len(data)))
    for box in top:
        if box.kind not in TOP_LEVEL_KEPT:
            _blank(out, box)
    meta = next((box for box in top if box.kind == b"meta"), None)
    if meta is None:
        raise ValueError("no items")
    items = _items(data, meta).values()
    used = [place for item in items if item.kind in PICTURES for place in item.extents]
    for box in top:
        if box.kind == b"moov":
            used += _without_other_tracks(out, data, box)
    _blank_notes_of_items(out, data, meta)
    media = [box for box in top if box.kind == b"mdat"]
    media += [box for box in _boxes(data, meta.body + 4, meta.end) if box.kind == b"idat"]
    unused = _unused(media, used)
    for start, stop in unused:
        out.blank(start, stop)
    for item in items:
        note = NOTE_ITEMS.get(item.kind, _nothing)(_content(data, item), kept_of)
        _write_note(out, note, item, unused)
    return out.pieces


def _unused(media: list[Box], used: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of what no picture refers to: notes, sound, and what editors left behind."""
    unused = []
    places = sorted(((at, at + length) for at, length in used), reverse=True)
    for box in sorted(media, key=lambda box: box.start):
        position = box.body
        while places and places[-1][0] < box.end:
            start, stop = places.pop()
            if start < box.body or stop > box.end:
                raise ValueError("a picture lies outside the boxes of pictures")
            if position < start:
                unused.append((position, start))
            position = max(position, stop)
        if position < box.end:
            unused.append((position, box.end))
    if places:
        raise ValueError("a picture lies outside the boxes of pictures")
    return unused


def _content(data: Source, item: Item) -> bytes:
    """Nothing where it is longer than notes are."""
    if sum(length for _, length in item.extents) > LONGEST_NOTE:
        return b""
    return b"".join(data[start : start + length] for start, length in item.extents)


def _write_note(out: Blanked, note: bytes, item: Item, unused: list[tuple[int, int]]) -> None:
    """Write what stays of a note where it was, if it has room there and lies in no picture."""
    start, length = item.extents[0] if item.extents else (0, 0)
    number = bisect.bisect(unused, start, key=operator.itemgetter(0)) - 1
    if number >= 0 and len(note) <= min(length, unused[number][1] - start):
        out.write(start, note)


def _exif(written: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    """In the form that the file has, with or without `Exif` in front; empty notes where none stay,
    or more than there is room for."""
    if len(written) < 4:
        return b""
    (skipped,) = struct.unpack_from(">I", written)  # from here to the TIFF header
    head = HEAD if skipped == len(HEAD) else b""
    start = struct.pack(">I", len(head)) + head
    kept = start + kept_of(written[4 + skipped :]).removeprefix(HEAD)
    return kept if len(start) < len(kept) <= len(written) else start + NO_NOTES


def _xmp(written: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    """Of XMP the numbers of a gain map, and spaces: they may follow it."""
    xmp = gain_maps.xmp_of(gain_maps.parameters(written))
    return xmp and xmp.ljust(len(written))


def _tone_map(written: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    iso = gain_maps.iso(written[1:]) if written.startswith(b"\0") else b""
    return iso and b"\0" + iso


def _nothing(written: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    return b""


NOTE_ITEMS = {b"Exif": _exif, b"mime": _xmp, b"tmap": _tone_map}


def _blank_within(out: Blanked, data: Source, boxes: list[Box]) -> None:
    """Blank notes inside the boxes that have others in them."""
    for box in boxes:
        if box.kind not in CONTAINERS:
            continue
        inner = list(_boxes(data, box.body + (4 if box.kind == b"meta" else 0), box.end))
        for child in inner:
            if child.kind in NOTES:
                _blank(out, child)
            elif child.kind in TIMED:
                _blank_times(out, data, child)
        _blank_within(out, data, [child for child in inner if child.kind not in NOTES])


def _blank_notes_of_items(out: Blanked, data: Source, meta: Box) -> None:
    """Blank what is neither a picture nor says how it is decoded, found and shown."""
    for box in _boxes(data, meta.body + 4, meta.end):
        if box.kind not in META_KEPT:
            _blank(out, box)
        elif box.kind == b"hdlr":
            out.blank(box.body + 24, box.end)  # a name for people
        elif box.kind == b"iinf":
            _blank_names(out, data, box)
        elif box.kind == b"iprp":
            ipco = next(one for one in _boxes(data, box.body, box.end) if one.kind == b"ipco")
            for one in _boxes(data, ipco.body, ipco.end):
                if one.kind not in PROPERTIES_KEPT:
                    _blank(out, one)


def _blank_names(out: Blanked, data: Source, iinf: Box) -> None:
    entries = iinf.body + 4 + (2 if _version(data, iinf) == 0 else 4)
    for infe in _boxes(data, entries, iinf.end):
        wide = 2 if _version(data, infe) == 3 else 0
        kind = infe.body + 4 + 4 + wide
        if data[kind : kind + 4] not in NAMED_BY_KIND:
            out.blank(kind + 4, infe.end)


def _without_other_tracks(out: Blanked, data: Source, moov: Box) -> list[tuple[int, int]]:
    """Blank films, sound and texts; where the pictures of the other tracks lie."""
    used: list[tuple[int, int]] = []
    for box in _boxes(data, moov.body, moov.end):
        if box.kind == b"trak" and _handler(data, box) in TRACKS_KEPT:
            used += _samples(data, box)
            _blank_within(out, data, [box])
        elif box.kind == b"mvhd":
            _blank_times(out, data, box)
        else:
            _blank(out, box)
    if not used:
        _blank(out, moov)
    return used


def _handler(data: Source, trak: Box) -> bytes:
    hdlr = _inside(data, trak, b"mdia", b"hdlr")
    return data[hdlr.body + 8 : hdlr.body + 12]


def _samples(data: Source, trak: Box) -> Iterator[tuple[int, int]]:
    """Start and length of each chunk of a track (ISO/IEC 14496-12, 8.7)."""
    stbl = _inside(data, trak, b"mdia", b"minf", b"stbl")
    found = {box.kind: box for box in _boxes(data, stbl.body, stbl.end)}
    wide = b"co64" in found
    chunks = _table(data, found[b"co64" if wide else b"stco"], 4, "Q" if wide else "I")
    runs = _table(data, found[b"stsc"], 4, "III")  # first chunk, its samples, their description
    stsz = found[b"stsz"]
    (same,) = struct.unpack(">I", data[stsz.body + 4 : stsz.body + 8])
    sizes = iter([] if same else _table(data, stsz, 8, "I"))
    for number, (start,) in enumerate(chunks, start=1):
        (_, count, _) = runs[bisect.bisect(runs, number, key=operator.itemgetter(0)) - 1]
        in_chunk = same * count or sum(size for (size,) in itertools.islice(sizes, count))
        yield start, in_chunk


def _inside(data: Source, box: Box, *kinds: bytes) -> Box:
    for kind in kinds:
        inner = _boxes(data, box.body, box.end)
        box = {child.kind: child for child in inner}[kind]
    return box


def _table(data: Source, box: Box, start: int, row: str) -> list[tuple[int, ...]]:
    """The rows behind their number, which stands at `start` of the box."""
    body = box.body + start
    (count,) = struct.unpack(">I", data[body : body + 4])
    if count > MOST_ROWS:
        raise ValueError("a film")
    size = struct.calcsize(f">{row}")
    return list(struct.iter_unpack(f">{row}", data[body + 4 : body + 4 + count * size]))


def _blank_times(out: Blanked, data: Source, box: Box) -> None:
    """When it was made and changed."""
    out.blank(box.body + 4, box.body + 4 + TIMES_BYTES[_version(data, box)])


def _blank(out: Blanked, box: Box) -> None:
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
    if not offset_size and not length_size:
        raise ValueError("items without places")
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
