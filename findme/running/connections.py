"""What a new connection to the database is told, where its session is ours alone.

A pooler in transaction mode lends a session for a transaction: what is set in one is found by
whoever is lent it next, and some poolers keep a client that sets anything apart from all others.
There the role or the database has to say it (docs/operations.md).
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from findme.queue.bell import is_pooled

logger = logging.getLogger(__name__)

# How soon the server notices that whoever asked is gone, in the middle of a long statement.
CHECK_INTERVAL = "5s"


def notice_gone_clients(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Have the server end what it does for a process that was killed; else a query over all of an
    event's faces goes on for minutes, and holds its locks."""
    tell(connection, "client_connection_check_interval", CHECK_INTERVAL)


def commit_without_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Workers need not wait for the disk at each commit.

    If the database server itself crashes, the last instant of their work is undone, the removal
    of the job included: it is done again. What people were told is kept (an accepted photo, a
    withdrawal) is committed by other processes, which do wait.
    """
    tell(connection, "synchronous_commit", "off")


def tell(connection: BaseDatabaseWrapper, name: str, value: str) -> None:
    if connection.vendor != "postgresql" or is_pooled(connection.connection):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    except DatabaseError as error:  # a server's system may not have what a setting needs
        logger.warning("setting_refused setting=%s reason=%s", name, str(error).strip())
