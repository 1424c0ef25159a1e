"""Sessions in the database as Django keeps them, read by a compiled query; and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.utils import timezone

from findme.compiled_query import CompiledQuery

VALID_SESSION = CompiledQuery(
    lambda key: Session.objects.filter(session_key=key, expire_date__gt=Now()), str
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = VALID_SESSION.first(self.session_key or "")
        if found is None:
            self._session_key = None
        return found


# Expired sessions of one sweep, which is short.
AT_A_TIME = 5_000


def sweep() -> None:
    """Remove sessions that expired: they name people, and Django never removes them by itself."""
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    Session.objects.filter(pk__in=expired.values("pk")[:AT_A_TIME]).delete()


def remove_all_of(user_id: int, address: str, *, keep: str | None = None) -> int:
    """Remove every session of an account, and every other one that names its address, such as one
    in which somebody was about to type a code; but for the one whose key is `keep`. Returns how
    many there were.

    All sessions are read, since what is in one is known only by reading it: not to be called while
    rows are held.
    """
    sessions = Session.objects.iterator(chunk_size=1_000)
    keys = [row.pk for row in sessions if _names(row.get_decoded(), user_id, address)]
    return (
        Session.objects.filter(pk__in=keys)
        .exclude(pk=keep or "")
        .delete()[1]
        .get("sessions.Session", 0)
    )


def _names(data: dict[str, Any], user_id: int, address: str) -> bool:
    if data.get(SESSION_KEY) == str(user_id):
        return True
    return address.lower() in map(str.lower, _texts(data))


def _texts(value: object) -> Iterator[str]:
    """Those in a session, however deep. An address is the whole of one: a part of another's address
    is another's."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
