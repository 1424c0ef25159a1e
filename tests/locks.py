"""Who holds what: what others may do with a row, and advisory locks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, transaction

from events.models import User


def can_lock(user: User, strength: str) -> bool:
    """Whether another connection gets the user's row at once. What refers to the row, when it is
    written, wants `KEY SHARE`."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_attempt, user.pk, strength).result()


def advisory_locks(where: str = "granted") -> int:
    """How many there are in this test's database; the server has one for each process of tests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            f" WHERE locktype = 'advisory' AND datname = current_database() AND {where}"
        )
        count: int = cursor.fetchone()[0]
    return count


def _attempt(user_id: int, strength: str) -> bool:
    query = f"SELECT FROM events_user WHERE id = %s FOR {strength} NOWAIT"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query, [user_id])
    except OperationalError:
        return False
    finally:
        connection.close()
    return True
