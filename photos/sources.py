"""Files to import: from paths, folders and ZIP archives, one at a time."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from photos.images import UnusableImage

# Written by computers beside people's photos.
IGNORED_NAMES = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})


@dataclass(frozen=True)
class Source:
    """One file. `read(limit)` gives its bytes and raises `UnusableImage` if they are more."""

    name: str
    read: Callable[[int], bytes]


def find(paths: Iterable[Path]) -> list[Source]:
    """Every file in the paths given; folders and ZIP archives opened, in a stable order.

    A path that cannot be read is a source too: reading it says why.
    """
    return [source for path in paths for source in _of_path(path)]


def _of_path(path: Path) -> Iterator[Source]:
    if path.is_dir():
        for child in sorted(path.rglob("*")):
            if child.is_file() and not _is_ignored(child.relative_to(path).parts):
                yield from _of_path(child)
    elif path.suffix.lower() == ".zip":
        yield from _of_archive(path)
    else:
        yield Source(str(path), lambda limit: _read_file(path, limit))


def _of_archive(path: Path) -> Iterator[Source]:
    """The archive stays open for its entries, and is closed with the last of them."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        yield Source(str(path), _broken_archive)
        return
    for entry in archive.infolist():
        if not entry.is_dir() and not _is_ignored(PurePosixPath(entry.filename).parts):
            yield Source(f"{path}/{entry.filename}", _entry_reader(archive, entry))


def _entry_reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            with archive.open(entry) as file:
                return _within(file.read(limit + 1), limit)
        except RuntimeError as error:  # zipfile's word for "encrypted"
            raise UnusableImage("encrypted") from error
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise UnusableImage("unreadable") from error

    return read


def _read_file(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return _within(file.read(limit + 1), limit)
    except FileNotFoundError as error:
        raise UnusableImage("not_found") from error
    except OSError as error:
        raise UnusableImage("unreadable") from error


def _within(data: bytes, limit: int) -> bytes:
    """The archive's own sizes can lie; what was read cannot."""
    if len(data) > limit:
        raise UnusableImage("too_large")
    return data


def _broken_archive(limit: int) -> bytes:
    raise UnusableImage("bad_archive")


def _is_ignored(parts: tuple[str, ...]) -> bool:
    names = [part for part in parts if part not in (".", "..")]
    return any(name.startswith(".") or name in IGNORED_NAMES for name in names)
