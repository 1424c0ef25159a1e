"""When to look for the next job: at once after one, ever more seldom while there is none, and when
the database says that there is one."""

from __future__ import annotations

import select
import time
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
from django.db import connection
from django_q.conf import Conf

from findme.queue.rows import CHANNEL

SHORTEST_SECONDS = 0.1
# Where nobody tells, because a pooler stands between, a job waits so long at most.
LONGEST_SECONDS = 2.0


_pooled: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def is_pooled(raw: Any) -> bool:
    """Whether something stands between us and PostgreSQL, which gives each transaction another of
    its sessions: what we were told of our session's process is not what that process says.

    Each of the driver's connections is asked once.
    """
    if raw not in _pooled:
        with raw.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            _pooled[raw] = bool(cursor.fetchone()[0] != raw.info.backend_pid)
    return _pooled[raw]


class Bell:
    """Of one process, on Django's connection."""

    def __init__(self) -> None:
        self._pause = SHORTEST_SECONDS
        self._look_at = 0.0
        self._known: Any = None  # the driver's connection of which `_listens` says it
        self._listens = False

    def wait(self) -> bool:
        """Up to a poll's time. Whether to look for a job now."""
        left = self._look_at - time.monotonic()
        if left <= 0:
            return True
        return self._is_told(min(left, Conf.POLL)) or self._look_at <= time.monotonic()

    def found(self) -> None:
        self._pause, self._look_at = SHORTEST_SECONDS, 0.0

    def found_nothing(self) -> None:
        """Before the pause it is made sure that we listen; if not yet, we look once more."""
        if self._begin_listening():
            self._look_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_SECONDS)

    def _begin_listening(self) -> bool:
        """Whether nothing can have been missed. A new connection has to be asked anew."""
        raw = connection.connection
        if raw is None or raw is self._known:
            return True
        self._known, self._listens = raw, not is_pooled(raw)
        if self._listens:
            with raw.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
        return not self._listens

    def _is_told(self, seconds: float) -> bool:
        raw = connection.connection
        if raw is None or raw is not self._known or not self._listens:
            time.sleep(seconds)
            return False
        try:
            if not select.select([raw], [], [], seconds)[0]:
                return False
            raw.poll()
        except (OSError, ValueError, psycopg2.Error):
            connection.close()  # the next look has another
            return True
        told = bool(raw.notifies)
        raw.notifies.clear()
        return told
