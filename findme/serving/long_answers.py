"""Answers that are made while they are sent, and hold a thread for as long as their client takes.

The server has a thread more for each, so that requests of others find as many as ever; and whoever
comes back for one whose connection is half dead can have that ended.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from django.http import HttpRequest

# In a request's environment: the connection that it came by.
CONNECTION = "findme.connection"


class Connection(Protocol):
    """What an answer may ask of its connection, in any thread."""

    def end(self) -> None:
        """Now, whatever is on its way."""

    def with_spare_thread(self) -> AbstractContextManager[None]:
        """Meanwhile the process has a thread more than it was started with."""


class Unknown:
    """Of a server that is not ours."""

    def end(self) -> None:
        pass

    def with_spare_thread(self) -> AbstractContextManager[None]:
        return nullcontext()


def connection_of(request: HttpRequest) -> Connection:
    found: Connection = request.META.get(CONNECTION) or Unknown()
    return found
