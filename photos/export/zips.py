"""ZIP archives of originals, described before a byte of them is read.

Photos are compressed already and their sizes known, so the length of an archive and the place of
each byte follow from their rows: it can be sent from anywhere on, again and again, and neither
memory nor disk holds more than a piece. Structures are those of APPNOTE.TXT 6.3, section 4.3,
without ZIP64: `originals.parts` keeps parts below its borders.
"""

from __future__ import annotations

import hashlib
import logging
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from photos.export.originals import Original
from photos.models import Photo
from photos.store import reading
from photos.store.contract import CHUNK
from photos.store.faults import PictureMissing, as_store_unavailable

logger = logging.getLogger(__name__)

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
NEEDED, MADE_BY = 20, 3 << 8 | 20  # version 2.0; on Unix
UTF8 = 1 << 11
MODE = 0o100644 << 16  # a file that its owner may write
# Stands where an original is gone from the store: it fits to no bytes that are sent instead.
NO_CRC32 = 0xBADC0DE5
# Changes where the same photos make other bytes.
VERSION = 1

Part = Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True)
class _File:
    path: bytes
    size: int
    at: tuple[int, int]  # date and time, as DOS has them
    crc32: Callable[[], int]
    content: Part


class Archive:
    """Some originals and their table, as one file of `length` bytes, named by its `digest`.

    `missing`: paths of originals that were found gone while they were read. Zeros are in their
    places, and programs that unpack say of these files alone that they are damaged.
    """

    def __init__(self, originals: Sequence[Original], table: bytes, table_name: str) -> None:
        self.missing: list[str] = []
        self._learnt: dict[int, int] = {}
        self._originals = originals
        self._table = table
        self._table_name = table_name
        self.digest = self._digest()
        self.comment = self.digest.encode()
        headers = LOCAL.size + CENTRAL.size
        files = sum(headers + 2 * len(file.path) + file.size for file in self._files())
        self.length = files + END.size + len(self.comment)

    def content(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, about a megabyte at a time.

        Raises `StoreUnavailable`; from where it broke off it can be gone on with.
        """
        stop = self.length if stop is None else stop
        at = 0
        for length, part in self._parts():
            first, last = max(start, at), min(stop, at + length)
            if first < last:
                yield from part(first - at, last - at)
            at += length

    def _files(self) -> Iterator[_File]:
        moment = self._originals[0].taken_at if self._originals else None
        table = self._table
        yield _File(
            self._table_name.encode(),
            len(table),
            _dos(moment),
            lambda: zlib.crc32(table),
            _of_bytes(lambda: table),
        )
        yield from map(self._file, self._originals)

    def _file(self, one: Original) -> _File:
        return _File(
            one.path.encode(),
            one.byte_size,
            _dos(one.taken_at),
            lambda: self._crc32(one),
            lambda start, stop: self._original(one, start, stop),
        )

    def _parts(self) -> Iterator[tuple[int, Part]]:
        """What the archive is made of, in order, each with its length."""
        at, directory = 0, 0
        for file in self._files():
            yield LOCAL.size + len(file.path), _of_bytes(lambda file=file: _local(file))  # type: ignore[misc]
            yield file.size, file.content
            at += LOCAL.size + len(file.path) + file.size
        begin = 0
        for file in self._files():
            entry = _of_bytes(lambda file=file, begin=begin: _central(file, begin))  # type: ignore[misc]
            yield CENTRAL.size + len(file.path), entry
            begin += LOCAL.size + len(file.path) + file.size
            directory += CENTRAL.size + len(file.path)
        count = len(self._originals) + 1
        end = END.pack(b"PK\5\6", 0, 0, count, count, directory, at, len(self.comment))
        yield END.size + len(self.comment), _of_bytes(lambda: end + self.comment)

    def _original(self, one: Original, start: int, stop: int) -> Iterator[bytes]:
        at = start
        try:
            for piece in read(one.photo_id, start, stop):
                at += len(piece)
                yield piece
        except PictureMissing as error:
            logger.error("picture_missing %s", error)
            self.missing.append(one.path)
            for begin in range(at, stop, CHUNK):
                yield bytes(min(CHUNK, stop - begin))

    def _crc32(self, one: Original) -> int:
        if one.crc32 is not None:
            return one.crc32
        if one.photo_id not in self._learnt:
            self._learnt[one.photo_id] = _learn_crc32(one)
        return self._learnt[one.photo_id]

    def _digest(self) -> str:
        """The same for the same bytes: resuming is refused where they would be others."""
        digest = hashlib.sha256(f"{VERSION} {self._table_name}\n".encode() + self._table)
        for one in self._originals:
            digest.update(f"\n{one.sha256} {_dos(one.taken_at)} {one.path}".encode())
        return digest.hexdigest()


def read(photo_id: int, start: int, stop: int) -> Iterator[bytes]:
    """A part of an original. Raises `StoreUnavailable`, and `PictureMissing` where it is gone."""
    photo = Photo.objects.only("store", "folder").filter(pk=photo_id).first()
    if photo is None:
        raise PictureMissing(f"original of removed photo {photo_id}")
    with as_store_unavailable():
        yield from reading.stream(photo, "original", start, stop)


def _learn_crc32(one: Original) -> int:
    """Of a photo that came in before it was learnt there."""
    crc32 = 0
    try:
        for piece in read(one.photo_id, 0, one.byte_size):
            crc32 = zlib.crc32(piece, crc32)
    except PictureMissing:
        return NO_CRC32
    Photo.objects.filter(pk=one.photo_id).update(crc32=crc32)
    return crc32


def _of_bytes(make: Callable[[], bytes]) -> Part:
    def part(start: int, stop: int) -> Iterator[bytes]:
        yield make()[start:stop]

    return part


def _local(file: _File) -> bytes:
    day, time = file.at
    sizes = file.crc32(), file.size, file.size
    return LOCAL.pack(b"PK\3\4", NEEDED, UTF8, 0, time, day, *sizes, len(file.path), 0) + file.path


def _central(file: _File, begin: int) -> bytes:
    day, time = file.at
    sizes = file.crc32(), file.size, file.size
    head = b"PK\1\2", MADE_BY, NEEDED, UTF8, 0, time, day
    return CENTRAL.pack(*head, *sizes, len(file.path), 0, 0, 0, 0, MODE, begin) + file.path


def _dos(moment: datetime | None) -> tuple[int, int]:
    """Date and time as APPNOTE 4.4.6 has them: from 1980 to 2107, in steps of two seconds. The
    first of them where the moment is unknown."""
    moment = moment or datetime(1980, 1, 1)  # noqa: DTZ001
    year = min(max(moment.year, 1980), 2107) - 1980
    day = year << 9 | moment.month << 5 | moment.day
    return day, moment.hour << 11 | moment.minute << 5 | moment.second // 2
