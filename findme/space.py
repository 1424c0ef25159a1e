"""How much space is left, so that the last of it is never taken by photos.

A PostgreSQL that cannot write its log stops, and with it galleries, withdrawals and deletions,
which need some space too. What comes in is refused before that; all else goes on. Nothing here is
asked of a bucket, which says itself when it is full.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection

# Asking how large the database is takes PostgreSQL a millisecond or more: each of its files is
# looked at. In between, a process counts what it takes in itself; others do the same, and the
# reserve is for what they take meanwhile.
ASKED_EVERY_SECONDS = 5.0
# Of a disk for temporary files no more than that is kept free: it may be small on purpose.
PART_OF_TEMPORARY = 10


# Asks for the bytes of tables that are free to be written again: what was deleted there does not
# come back to the disk.
Reusable = Callable[[], int]
_reusable: list[Reusable] = []


def register(reusable: Reusable) -> Reusable:
    _reusable.append(reusable)
    return reusable


@dataclass(frozen=True)
class Space:
    """What is free in one place, what of it is kept in reserve, and what can be written again
    without taking any of it but for PostgreSQL's log, in bytes."""

    place: str
    free: int
    reserve: int
    reusable: int = 0

    @property
    def left(self) -> int:
        """How much may come in."""
        again = min(self.reusable, self.free - self.reserve // 2)
        return max(0, self.free - self.reserve, again)

    def takes(self, byte_count: int) -> bool:
        return byte_count <= self.left and self.left > 0

    @property
    def is_scarce(self) -> bool:
        """Time to do something about it: no more is left than the reserve."""
        return self.left < self.reserve


def spaces() -> list[Space]:
    """Of the database and of temporary files, as far as it can be known. None without a reserve."""
    if not settings.STORE_RESERVE_BYTES:
        return []
    found = (_database_disk(), _database_size(), _temporary_files())
    return [space for space in found if space is not None]


def takes(byte_count: int) -> bool:
    """Whether so much may come in. What is then taken in is counted."""
    if not all(space.takes(byte_count) for space in spaces()):
        return False
    _size.taken += byte_count
    return True


def takes_temporarily(byte_count: int) -> bool:
    """Whether so much may be kept in files while it is being sent. Asks no database."""
    files = _temporary_files() if settings.STORE_RESERVE_BYTES else None
    return files is None or files.takes(byte_count)


def left() -> int | None:
    """How many bytes may still come in, where somebody should do something about it; else None."""
    found = spaces()
    return min(each.left for each in found) if any(each.is_scarce for each in found) else None


def _database_disk() -> Space | None:
    """Of the embedded server, or of one whose files are on this machine: asking costs nothing."""
    if not (folder := settings.DATABASE_FOLDER):
        return None
    disk = _disk(folder, f"database in {folder}", settings.STORE_RESERVE_BYTES)
    return replace(disk, reusable=_to_write_again()) if disk and disk.is_scarce else disk


def _database_size() -> Space | None:
    """Of a server elsewhere nobody can see the disk: somebody has to say how large it may grow."""
    if not (most := settings.DATABASE_MAX_BYTES):
        return None
    size = Space(
        "database, of DATABASE_MAX_BYTES", most - _size.now(), settings.STORE_RESERVE_BYTES
    )
    return replace(size, free=size.free + _to_write_again()) if size.is_scarce else size


def _to_write_again() -> int:
    return sum(ask() for ask in _reusable)


def _temporary_files() -> Space | None:
    """Where the web server and FindMe keep what is being sent."""
    folder = tempfile.gettempdir()
    return _disk(folder, f"temporary files in {folder}", None)


def _disk(folder: str, place: str, reserve: int | None) -> Space | None:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    if reserve is None:
        whole = disk.f_blocks * disk.f_frsize
        reserve = min(settings.STORE_RESERVE_BYTES, whole // PART_OF_TEMPORARY)
    return Space(place, disk.f_bavail * disk.f_frsize, reserve)


class _DatabaseSize:
    """The database's size, asked now and then, and what this process has added since."""

    def __init__(self) -> None:
        self.taken = 0
        self._asked = 0
        self._at: float | None = None
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            now = time.monotonic()
            if self._at is None or now - self._at >= ASKED_EVERY_SECONDS:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_database_size(current_database())")
                    self._asked = int(cursor.fetchone()[0])
                self._at, self.taken = now, 0
            return self._asked + self.taken


_size = _DatabaseSize()
