"""Originals written into a folder, as files or as archives; begun anew, it goes on from there.

Whatever has its name is whole: it is written under another one, and given its own at the end.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from findme.refusals import Refusal
from photos.export import originals, table, zips
from photos.export.originals import Original
from photos.export.zips import Archive
from photos.store.contract import CHUNK
from photos.store.faults import PictureMissing

UNFINISHED = ".part"


class NotWritten(Refusal):
    """Of one file: why it is not there as it came in."""


@dataclass
class Written:
    """What became of photos: written now, there already; and of which files not, with a reason."""

    new: int = 0
    there: int = 0
    problems: list[tuple[str, NotWritten]] = field(default_factory=list)


Tell = Callable[[int], object]  # how many bytes are done


def write_files(found: Sequence[Original], folder: Path, written: Written, tell: Tell) -> None:
    """Each original as a file of its own, and `photos.csv` with all of them.

    What is missing or damaged in the store is a problem of that file alone, and so is another file
    in its place, which stays. Raises `StoreUnavailable` and `OSError`.
    """
    for one in found:
        try:
            if _write(one, folder / one.path):
                written.new += 1
            else:
                written.there += 1
        except NotWritten as error:
            written.problems.append((one.path, error))
        tell(one.byte_size)
    write_table(found, folder)


def write_archives(
    slug: str, found: Sequence[Original], most: int, folder: Path, written: Written, tell: Tell
) -> None:
    """All in ZIP archives of so many bytes at most, and `photos.csv` beside them.

    An archive that is there, and has at its end that it is of these photos, is left as it is.
    Raises `StoreUnavailable` and `OSError`.
    """
    parts = originals.parts(found, most)
    for number, held in enumerate(parts, 1):
        suffix = f"-{number}" if len(parts) > 1 else ""
        path = folder / f"{slug}-originals{suffix}.zip"
        archive = Archive(held, table.of(held), f"photos{suffix}.csv")
        if _is_there(archive, path):
            written.there += len(held)
        else:
            with _new(path) as file:
                _copy(archive.content(), file)
            written.new += len(held)
            missing = NotWritten("picture_missing")
            written.problems += [(name, missing) for name in archive.missing]
        tell(originals.bytes_of(held))
    write_table(found, folder)


def write_table(found: Sequence[Original], folder: Path) -> None:
    with _new(folder / "photos.csv") as file:
        file.write(table.of(found))


def _write(one: Original, path: Path) -> bool:
    """Whether it was written now. Raises `NotWritten`."""
    if path.exists():
        if not _is_same(one, path):
            raise NotWritten("another_file")
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with _new(path) as file:
            _copy(_hashed(zips.read(one.photo_id, 0, one.byte_size), digest.update), file)
            if digest.hexdigest() != one.sha256:
                raise NotWritten("picture_damaged")
    except PictureMissing as error:
        raise NotWritten("picture_missing") from error
    return True


def _is_same(one: Original, path: Path) -> bool:
    is_long = path.is_file() and path.stat().st_size == one.byte_size
    return is_long and _sha256(path) == one.sha256


def _is_there(archive: Archive, path: Path) -> bool:
    if not path.is_file() or path.stat().st_size != archive.length:
        return False
    with path.open("rb") as file:
        file.seek(-len(archive.comment), os.SEEK_END)
        return file.read() == archive.comment


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hashed(pieces: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for piece in pieces:
        update(piece)
        yield piece


def _copy(pieces: Iterable[bytes], file: BinaryIO) -> None:
    for piece in pieces:
        file.write(piece)


@contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name once it is whole, and is gone where it does not get so far."""
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        with unfinished.open("wb", buffering=CHUNK) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
