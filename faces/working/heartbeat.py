"""Signs of life for what this process has claimed, by which others know that it still works at it.

Not by its database session: where a pooler stands between, it has none of its own.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from django.db import connection

from findme import jobs

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3.0
# Longer than a job may run without a word (`jobs.beat`): whoever works at one thing for so long
# hangs, and another may have it.
LONGEST_SECONDS = 240.0


@dataclass(eq=False)
class _Piece:
    """Of work in one thread, and what writes its sign of life."""

    refresh: Callable[[], object]
    began_at_seconds: float = field(default_factory=time.monotonic)
    beat_at_seconds: float = field(default_factory=time.monotonic)
    thread: int = field(default_factory=threading.get_ident)

    def is_due(self) -> bool:
        now = time.monotonic()
        is_short = now - self.began_at_seconds <= EVERY_SECONDS / 2
        return not is_short and now - self.beat_at_seconds < LONGEST_SECONDS


@dataclass
class _Pulse:
    """Of one process: a thread that writes for all who work in it."""

    _pieces: set[_Piece] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def begin(self, piece: _Piece) -> None:
        with self._changed:
            self._pieces.add(piece)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()
            self._changed.notify()

    def end(self, piece: _Piece) -> None:
        with self._changed:
            self._pieces.discard(piece)

    def beat(self) -> None:
        """The thread that asks for it goes on with all that it works at."""
        with self._changed:
            mine = [piece for piece in self._pieces if piece.thread == threading.get_ident()]
        for piece in mine:
            piece.beat_at_seconds = time.monotonic()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces)
            time.sleep(EVERY_SECONDS)
            with self._changed:
                due = [piece for piece in self._pieces if piece.is_due()]
            if due:
                self._refresh(due)

    def _refresh(self, due: list[_Piece]) -> None:
        try:
            for piece in due:
                piece.refresh()
        except Exception:
            logger.exception("heartbeat_failed")  # the next one is soon
        finally:
            connection.close()  # this thread's own: most work ends before it needs one


@contextmanager
def kept_up(refresh: Callable[[], object]) -> Iterator[None]:
    """Whatever takes its time inside, `refresh` is called every few seconds, in another thread and
    outside transactions: for four minutes, or until so long after the last `jobs.beat()`."""
    pulse, piece = _pulse_of(os.getpid()), _Piece(refresh)
    pulse.begin(piece)
    try:
        yield
    finally:
        pulse.end(piece)


@cache
def _pulse_of(pid: int) -> _Pulse:
    """A forked process needs a thread of its own."""
    return _Pulse()


jobs.on_beat(lambda: _pulse_of(os.getpid()).beat())
