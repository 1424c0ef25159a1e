"""Sessions in the database as Django keeps them, read by a compiled query, or for a page of an
event with account and event at once (`events.visits`); and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from events import visits
from events.visits import Part, Visit
from findme.compiled_query import CompiledQuery
from findme.serving.shortcuts import event_slug

VALID_SESSION = CompiledQuery(
    lambda key: Session.objects.filter(session_key=key, expire_date__gt=Now()), str
)


class SessionStore(db.SessionStore):
    # The event whose address is asked for, and what a shortcut wants of it besides.
    slug: str | None = None
    part: Part | None = None
    parameters: Mapping[str, visits.Value] = MappingProxyType({})
    # What was found with the session's row.
    visit: Visit | None = None

    def load(self) -> dict[str, Any]:
        if self.slug is None or not self.session_key:
            return super().load()
        self.visit = visits.find(self.session_key, self.slug, self.part, **self.parameters)
        if self.visit is None:
            self._session_key = None
            return {}
        return self.decode(self.visit.session_data)

    def _get_session_from_db(self) -> Session | None:
        found = VALID_SESSION.first(self.session_key or "")
        if found is None:
            self._session_key = None
        return found


class Sessions(SessionMiddleware):
    """Django's, which knows what else is about to be asked for. A form may be sent for minutes
    before its view looks at the event: that is asked for then."""

    def process_request(self, request: HttpRequest) -> None:
        if hasattr(request, "session"):
            return  # a shortcut began it
        session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        if request.method in ("GET", "HEAD"):
            session.slug = event_slug(request)
        request.session = session


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
