"""Who asks, and for which event, in one statement: the session, its account, and the event of the
address if the account belongs to it.

Every page and picture of an event asks for all three; see decision 22. It says what rows there are,
and grants nothing: whether the session is good is seen by who reads it (`events.entrance.proof`),
and what it may do, in `events.access`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import Model

from events.models import Event, User

Value = int | str | bool


@dataclass(frozen=True)
class Part:
    """What else one statement brings: columns, and the function of a migration that has them.

    Its arguments may be `(visit.event).id` and `(visit.account).id`, which are NULL where there is
    no such event or account, and named parameters.
    """

    function: str
    columns: tuple[str, ...]

    def beside(self, other: Part) -> Part:
        """Both, each of which has one row."""
        both = f"ROWS FROM ({self.function}, {other.function})"
        return Part(both, self.columns + other.columns)


@dataclass(frozen=True)
class Visit:
    """`account`: whose the session's row says it is. `event`: of the address, if it is theirs.
    `holds_role`: of a session without proof, whether the account holds a role of the desk.
    `role`, `invited_at`: of the membership in that event.
    `more`: the values of a part, by column."""

    session_key: str
    slug: str
    session_data: str
    account: User | None
    event: Event | None
    holds_role: bool | None
    role: str | None
    invited_at: datetime | None
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Visitor:
    """A member whose session may use the event, and what a part brought."""

    user: User
    event: Event
    more: Mapping[str, Any]


def find(
    session_key: str, slug: str, part: Part | None = None, **parameters: Value
) -> Visit | None:
    """None where there is no such session, or it expired. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(part), {"key": session_key, "slug": slug, **parameters})
        row = cursor.fetchone()
    if row is None:
        return None
    session_data, holds_role, role, invited_at, account, event, *more = row
    return Visit(
        session_key,
        slug,
        session_data,
        User.from_db(connection.alias, *_read(User, account)) if account else None,
        Event.from_db(connection.alias, *_read_event(event)) if event else None,
        holds_role,
        role,
        invited_at,
        dict(zip(part.columns if part else (), more, strict=True)),
    )


@cache
def _statement(part: Part | None) -> str:
    """Rows come as text: fifty columns would take PostgreSQL and the driver twice as long."""
    more = "".join(f", part.{column}" for column in (part.columns if part else ()))
    joined = f" LEFT JOIN LATERAL {part.function} AS part ON TRUE" if part else ""
    return (
        "SELECT visit.session_data, visit.holds_role, visit.role, visit.invited_at,"  # noqa: S608
        f" to_json(visit.account)::text, to_json(visit.event)::text{more}"
        f" FROM events_visit(%(key)s, %(slug)s) AS visit{joined}"
    )


def _read(model: type[Model], row: str) -> tuple[list[str], list[Any]]:
    """Names and values of a row's fields."""
    found, fields = json.loads(row), model._meta.concrete_fields
    names = [field.attname for field in fields]
    return names, [field.to_python(found[field.column]) for field in fields]


# The event of a party is asked for by all its guests; its text is all there is to know of it.
_read_event = lru_cache(maxsize=64)(partial(_read, Event))
