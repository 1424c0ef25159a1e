"""Django's connection, which is looked at before a request instead of being asked over the wire.

With `CONN_HEALTH_CHECKS` each request begins with `SELECT 1`. A server that ended a connection, by
a restart or a limit, has said so: there is something to read, where nothing was asked. What falls
asleep unnoticed, as behind a firewall, does so after minutes: then the server is asked.
"""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

ASKED_AFTER_SECONDS = 30.0


class DatabaseWrapper(base.DatabaseWrapper):
    looked_at = 0.0  # monotonic

    def is_usable(self) -> bool:
        """Asks the server only after a rest, an error, or a sign from it."""
        now, before = time.monotonic(), self.looked_at
        self.looked_at = now
        if self.errors_occurred or now - before > ASKED_AFTER_SECONDS or self._has_news():
            return bool(super().is_usable())
        return True

    def _has_news(self) -> bool:
        """Whether the server said something unasked, as that it closes the connection."""
        if self.connection is None or self.connection.closed:
            return True
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return bool(socket.poll(0))
