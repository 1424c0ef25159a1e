"""A time limit for work in this process that cannot be relied on to end by itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import psycopg2
from django.db import DEFAULT_DB_ALIAS, connections

# Of those that are free: django-q's own limit is SIGALRM.
NUMBER = signal.SIGUSR1


class TookTooLong(Exception):
    """It was interrupted, wherever it was."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises `TookTooLong` in the block after so long. In the main thread.

    While PostgreSQL works, or waits for a lock, Python runs no handler of a signal: the query is
    cancelled too. Not `statement_timeout`: it would have to be set in each transaction.
    """
    state = _State()
    before = signal.signal(NUMBER, state.interrupt)
    timer = threading.Timer(seconds, state.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        state.is_over = True
        timer.cancel()
        timer.join()  # its signal must not find the handler gone
        signal.signal(NUMBER, before)


class _State:
    def __init__(self) -> None:
        # Asked for here: in the timer's thread the name is another connection's.
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._thread = threading.get_ident()
        self.is_over = False

    def end(self) -> None:
        """In the timer's thread. The signal first: it is handled as soon as the query ends."""
        signal.pthread_kill(self._thread, NUMBER)
        raw = self._connection.connection
        if raw is not None:
            with suppress(psycopg2.Error):
                raw.cancel()

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self.is_over:
            raise TookTooLong
