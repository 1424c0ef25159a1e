"""Which process of a cluster works on what, in memory that its processes share.

The guard reads it: of a worker that was killed it learns which job to give back, of a job that
takes long that it is alive. It costs no statement, and nobody waits for anybody: each process
writes in a place of its own.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

# Of a process: its pid, up to two jobs, and when it last said that it goes on (0: never).
_PLACE = struct.Struct("=qqqd")
# Many times as many as there are processes, so that two hardly ever begin their search at one.
_PLACES = 1024


@dataclass(frozen=True)
class Holding:
    pid: int
    jobs: tuple[int, ...]
    beat_at: float


class Board:
    """Made before the processes that write on it are forked."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACE.size * _PLACES)
        self._mine: tuple[int, int] = (0, 0)  # a pid, and where its place begins

    def hold(self, job: int, other: int = 0) -> None:
        """This process has these jobs now, and none before."""
        _PLACE.pack_into(self._memory, self._place(), os.getpid(), job, other, 0.0)

    def beat(self) -> bool:
        """This process goes on with its job. Whether it has one."""
        place = self._place()
        pid, job, other, _ = _PLACE.unpack_from(self._memory, place)
        if job:
            _PLACE.pack_into(self._memory, place, pid, job, other, time.monotonic())
        return bool(job)

    def holdings(self) -> Iterator[Holding]:
        for pid, *jobs, beat_at in _PLACE.iter_unpack(self._memory[:]):
            if pid:
                yield Holding(pid, tuple(job for job in jobs if job), beat_at)

    def clear(self, pid: int) -> None:
        """Of a process that has ended."""
        _PLACE.pack_into(self._memory, self._search(pid), 0, 0, 0, 0.0)

    def _place(self) -> int:
        pid = os.getpid()
        if self._mine[0] != pid:  # forked
            self._mine = (pid, self._search(pid))
        return self._mine[1]

    def _search(self, pid: int) -> int:
        """Where the process's place is, or the next free one after where it should be."""
        for n in range(_PLACES):
            place = (pid + n) % _PLACES * _PLACE.size
            if _PLACE.unpack_from(self._memory, place)[0] in (pid, 0):
                return place
        raise RuntimeError("more processes than places")
