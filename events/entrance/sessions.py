"""Sessions in the database as Django keeps them, read by a compiled query."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

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
