"""Who asks, and for which event, in one statement: the session, its account, and the event of the
address if the account belongs to it.

Every page and picture of an event asks for all three; see decision 22. It says what rows there are,
and grants nothing: whether the session is good is seen by who reads it (`events.entrance.proof`),
and what it may do, in `events.access`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from events.models import Event, User

Row = TypeVar("Row", bound=Model)
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
    `more`: the values of a part, by column."""

    session_key: str
    slug: str
    session_data: str
    account: User | None
    event: Event | None
    holds_role: bool | None
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
    users, events = _columns(User), _columns(Event)
    with connection.cursor() as cursor:
        cursor.execute(_statement(part), {"key": session_key, "slug": slug, **parameters})
        row = cursor.fetchone()
    if row is None:
        return None
    after_user = 2 + len(users)
    after_event = after_user + len(events)
    columns = part.columns if part else ()
    return Visit(
        session_key,
        slug,
        row[0],
        _made(User, row[2:after_user]),
        _made(Event, row[after_user:after_event]),
        row[1],
        dict(zip(columns, row[after_event:], strict=True)),
    )


@cache
def _statement(part: Part | None) -> str:
    """Columns are named one by one: after a migration a table has them in another order."""
    columns = ["session_data", "holds_role"]
    for name, model in (("account", User), ("event", Event)):
        fields = model._meta.concrete_fields
        columns += [f'(visit.{name})."{field.column}"' for field in fields]
    columns += [f"part.{column}" for column in (part.columns if part else ())]
    joined = f"LEFT JOIN LATERAL {part.function} AS part ON TRUE" if part else ""
    found = f"SELECT {', '.join(columns)} FROM events_visit(%(key)s, %(slug)s) AS visit"  # noqa: S608
    return f"{found} {joined}"


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _made(model: type[Row], values: tuple[Any, ...]) -> Row | None:
    """A row of the database, or none: every row has an id."""
    if values[_columns(model).index("id")] is None:
        return None
    return model.from_db(connection.alias, _columns(model), values)
