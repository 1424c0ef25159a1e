"""What others may do with a row while a transaction is under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, transaction

from events.models import User


def can_lock(user: User, strength: str) -> bool:
    """Whether another connection gets the user's row at once. What refers to the row, when it is
    written, wants `KEY SHARE`."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_attempt, user.pk, strength).result()


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
