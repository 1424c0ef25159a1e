"""What the database had to read."""

from __future__ import annotations

from django.db import connection


def rows_read(table: str) -> int:
    """How many rows of a table the transaction under way has read so far, one after the other or
    by an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = %s",
            [table],
        )
        return int(cursor.fetchone()[0])
