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

# Of a process: its pid, the job it works on, two that it hands on, and when it last said anything.
_PLACE = struct.Struct("=qqqqd")
# Many times as many as there are processes, so that two hardly ever begin their search at one.
_PLACES = 1024


@dataclass(frozen=True)
class Holding:
    place: int
    pid: int
    working: int  # 0: on none
    handed: tuple[int, ...]  # perhaps in other hands already
    said_at: float

    @property
    def jobs(self) -> set[int]:
        return {job for job in (self.working, *self.handed) if job}


class Board:
    """Made before the processes that write on it are forked."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACE.size * _PLACES)
        self._mine: tuple[int, int] = (0, 0)  # a pid, and where its place begins

    def work(self, job: int) -> None:
        """This process works on this job now; 0: on none."""
        _PLACE.pack_into(self._memory, self._place(), os.getpid(), job, 0, 0, time.monotonic())

    def hand(self, job: int, before: int) -> None:
        """This process hands on a job, and the one before it may not have arrived."""
        now = time.monotonic()
        _PLACE.pack_into(self._memory, self._place(), os.getpid(), 0, job, before, now)

    def beat(self) -> bool:
        """This process goes on with its job. Whether it has one."""
        place = self._place()
        pid, job, *handed, _ = _PLACE.unpack_from(self._memory, place)
        if job:
            _PLACE.pack_into(self._memory, place, pid, job, *handed, time.monotonic())
        return bool(job)

    def holdings(self) -> Iterator[Holding]:
        for number, record in enumerate(_PLACE.iter_unpack(self._memory[:])):
            pid, working, *handed, said_at = record
            if pid:
                yield Holding(number * _PLACE.size, pid, working, tuple(handed), said_at)

    def clear(self, place: int) -> None:
        """Of a process that has ended. Not searched for: one before it may be free by now."""
        _PLACE.pack_into(self._memory, place, 0, 0, 0, 0, 0.0)

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
