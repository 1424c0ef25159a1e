"""Files to import: from paths, folders and ZIP archives, one at a time."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from photos.imaging.images import UnusableImage
from photos.intake import archives
from photos.intake.archives import Source


def find(paths: Iterable[Path]) -> Iterator[Source]:
    """Every file in the paths given; folders and ZIP archives opened, in a stable order.

    A path that cannot be read is a source too: reading it says why. An archive's entries are
    readable until the next source is asked for.
    """
    return (source for path in paths for source in _of_path(path))


def _of_path(path: Path) -> Iterator[Source]:
    if stat.S_ISDIR(_mode(path)):
        yield from _of_folder(path, frozenset())
    elif archives.is_archive(path.name):
        yield from _of_archive(path)
    else:
        yield of_file(path)


def _of_folder(folder: Path, above: frozenset[Path]) -> Iterator[Source]:
    """All but pipes and devices. `above`: the folders it is in, to which a link may lead back."""
    here = folder.resolve()
    if here in above:
        return
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        yield archives.refused(str(folder), _unreadable(error))
        return
    for child in children:
        mode = _mode(child)
        if archives.is_ignored((child.name,)):
            continue
        if stat.S_ISDIR(mode):
            yield from _of_folder(child, above | {here})
        elif stat.S_ISREG(mode):
            yield from _of_path(child)


def _mode(path: Path) -> int:
    """A file's where it cannot be asked, as of a link to nothing: reading it says why."""
    try:
        return path.stat().st_mode
    except OSError:
        return stat.S_IFREG


def of_file(path: Path) -> Source:
    try:
        byte_size = path.stat().st_size
    except OSError:  # reading it says why
        byte_size = 0
    return Source(str(path), lambda limit: _read(path, limit), byte_size)


def _of_archive(path: Path) -> Iterator[Source]:
    try:
        with path.open("rb") as file:
            yield from archives.entries(file, str(path))
    except OSError as error:
        yield archives.refused(str(path), _unreadable(error))
    except UnusableImage as error:
        yield archives.refused(str(path), error)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return archives.within(file.read(limit + 1), limit, path.name)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> UnusableImage:
    return UnusableImage("not_found" if isinstance(error, FileNotFoundError) else "not_readable")
