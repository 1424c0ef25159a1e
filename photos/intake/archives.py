"""ZIP archives: what is in them, checked before anything is unpacked.

Nothing is ever written to disk: an entry's path is a label, and one that leads outside leads
nowhere.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from photos.imaging.images import UnusableImage
from photos.intake import zip_names
from photos.intake.zip_names import Name

# Computers write such files beside people's photos.
IGNORED_NAMES = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})
MAX_ENTRIES = 50_000
# zipfile reads the list of entries at once, of 46 bytes and a name each: this is plenty for 50,000.
MAX_DIRECTORY_BYTES = 20 * 2**20
# Photos are compressed already; a megabyte that shrank a hundredfold is none. Of a whole archive a
# tenth is much.
MAX_RATIO, MAX_RATIO_OF_ALL = 100, 10
RATIO_FROM_BYTES, RATIO_OF_ALL_FROM_BYTES = 2**20, 2**30
# Of an entry's flags, APPNOTE 4.4.4.
ENCRYPTED, IN_UTF8 = 0x1, 0x800
# What browsers unpack, and so do we: what one way takes, the other does.
METHODS = frozenset([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])

# The records at an archive's end, APPNOTE 4.3.14 to 4.3.16.
END = struct.Struct("<4s4H2LH")
END64_LOCATOR = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
MAX_COMMENT_BYTES = 0xFFFF

# zipfile and its decompressors raise these on damaged archives.
DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class UnusableArchive(UnusableImage):
    """The whole archive is refused."""


@dataclass(frozen=True)
class Source:
    """One file. `read(limit)` gives its bytes and raises `UnusableImage` if they are more.
    `byte_size` is what disk or archive say, 0 where they say nothing."""

    name: str
    read: Callable[[int], bytes]
    byte_size: int = 0


def entries(file: IO[bytes], label: str) -> Iterator[Source]:
    """The files of an archive, readable while `file` is open. Raises `UnusableArchive`.

    An archive inside the archive is a source that refuses to be read, and so is each file that
    should not be unpacked.
    """
    archive = _open(file)
    _check(archive, _size(file))
    listed = archive.infolist()
    names = zip_names.decoded([_name(entry) for entry in listed])
    found = [pair for pair in zip(names, listed, strict=True) if _is_photo(pair[0])]
    if not found:
        raise UnusableArchive("empty_archive")
    for name, entry in found:
        yield Source(f"{label}/{name}", _reader(archive, entry, name), entry.file_size)


def refused(name: str, error: UnusableImage) -> Source:
    """A file that says, when it is read, why it is not."""

    def read(limit: int) -> bytes:
        raise error

    return Source(name, read)


def is_archive(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".zip"


def is_ignored(parts: tuple[str, ...]) -> bool:
    names = [part for part in parts if part not in (".", "..")]
    return any(name.startswith(".") or name in IGNORED_NAMES for name in names)


def within(data: bytes, limit: int, name: str) -> bytes:
    """The archive's own sizes can lie; what was read cannot."""
    if len(data) > limit:
        raise UnusableImage("too_large").told_by(name)
    return data


def _open(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        count, directory_bytes = _declared(file)
        if count > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
            raise UnusableArchive("too_many_entries")
        return zipfile.ZipFile(file)
    except DAMAGED as error:
        raise UnusableArchive("bad_archive") from error


def _declared(file: IO[bytes]) -> tuple[int, int]:
    """Number of entries, and bytes of their list, which zipfile would read without asking.

    A false number of bytes leads zipfile to a list that it refuses, never to a longer one.
    """
    size = _size(file)
    start = max(0, size - MAX_COMMENT_BYTES - END.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile
    _, _, _, _, count, directory_bytes, _, _ = END.unpack_from(tail, at)
    at -= END64_LOCATOR.size
    if at < 0 or not tail.startswith(b"PK\6\7", at):
        return count, directory_bytes
    file.seek(END64_LOCATOR.unpack_from(tail, at)[2])
    end = END64.unpack(file.read(END64.size))
    return end[7], end[8]


def _check(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse what no camera's photos look like, before any of it is unpacked."""
    listed = archive.infolist()
    if len(listed) > MAX_ENTRIES:
        raise UnusableArchive("too_many_entries")
    unpacked = sum(entry.file_size for entry in listed if not _is_bomb(entry))
    # More compressed bytes than the file has: entries overlap, as in a bomb.
    if sum(entry.compress_size for entry in listed) > size or unpacked > max(
        RATIO_OF_ALL_FROM_BYTES, MAX_RATIO_OF_ALL * size
    ):
        raise UnusableArchive("archive_bomb")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * entry.compress_size)


def _name(entry: zipfile.ZipInfo) -> Name:
    """As it is in the archive, before zipfile took it for text."""
    encoding = "utf-8" if entry.flag_bits & IN_UTF8 else zip_names.STANDARD
    return Name(entry.orig_filename.encode(encoding), entry.create_system, entry.extra)


def _is_photo(name: str) -> bool:
    return not name.endswith("/") and not is_ignored(PurePosixPath(name).parts)


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        if code := _refusal(entry, name):
            raise UnusableImage(code)
        if entry.file_size > limit:
            raise UnusableImage("too_large").told_by(name)
        try:
            with archive.open(entry) as file:
                return within(file.read(limit + 1), limit, name)
        except DAMAGED as error:
            raise UnusableImage("unreadable") from error

    return read


def _refusal(entry: zipfile.ZipInfo, name: str) -> str | None:
    if entry.flag_bits & ENCRYPTED:
        return "encrypted"
    if is_archive(name):
        return "nested_archive"
    if entry.compress_type not in METHODS:
        return "packed_unknown"
    return "entry_bomb" if _is_bomb(entry) else None


def _size(file: IO[bytes]) -> int:
    return file.seek(0, 2)
