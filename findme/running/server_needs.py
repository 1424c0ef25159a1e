"""What FindMe needs of a PostgreSQL server and of its own role there, before anything is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Before 15 there is no NULLS NOT DISTINCT; each of these was tried (docs/operations.md).
OLDEST, NEWEST = 15, 18
# The first with `halfvec`.
PGVECTOR = (0, 7)

# One row, whatever is missing.
FACTS = """
    SELECT current_setting('server_version_num')::int / 10000,
           current_setting('server_encoding'),
           (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
           (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'),
           to_regclass('django_migrations') IS NOT NULL,
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
           current_user,
           current_database()
"""


@dataclass(frozen=True)
class Facts:
    major: int
    encoding: str
    installed: str | None
    available: str | None
    has_tables: bool
    may_create_tables: bool
    role: str
    database: str
    may_create_extension: bool = True


@dataclass(frozen=True)
class Problem:
    """`number` is that of the check's id; what is not serious works, as far as is known."""

    number: int
    text: str
    hint: str
    serious: bool = True


def facts_of(connection: BaseDatabaseWrapper) -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        facts = Facts(*cursor.fetchone())
    if facts.installed is None and facts.available is not None:
        return replace(facts, may_create_extension=_may_create_extension(connection))
    return facts


def _may_create_extension(connection: BaseDatabaseWrapper) -> bool:
    """By trying: managed databases let roles that are no superusers create this one."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION vector")
            transaction.set_rollback(True, using=connection.alias)
    except DatabaseError:
        return False
    return True


def problems(facts: Facts) -> Iterator[Problem]:
    yield from _of_version(facts)
    yield from _of_extension(facts)
    if facts.encoding != "UTF8":
        text = f"The database {facts.database} is encoded in {facts.encoding}, not in UTF8."
        hint = f"CREATE DATABASE {facts.database} ENCODING 'UTF8' TEMPLATE template0;"
        yield Problem(13, text, hint)
    if not facts.has_tables and not facts.may_create_tables:
        text = f"The role {facts.role} may not create tables in the database {facts.database}."
        hint = (
            "Have its administrator run, in this database:"
            f" GRANT CREATE, USAGE ON SCHEMA public TO {facts.role};"
        )
        yield Problem(14, text, hint)


def _of_version(facts: Facts) -> Iterator[Problem]:
    if facts.major < OLDEST:
        text = f"PostgreSQL {facts.major} is too old: FindMe needs {OLDEST} or newer."
        yield Problem(11, text, f"Use a server of PostgreSQL {OLDEST} to {NEWEST}.")
    elif facts.major > NEWEST:
        text = f"PostgreSQL {facts.major} is newer than what FindMe was tested with ({NEWEST})."
        yield Problem(11, text, "It may well work; tell us.", serious=False)


def _of_extension(facts: Facts) -> Iterator[Problem]:
    least = ".".join(map(str, PGVECTOR))
    if facts.installed is not None:
        if _version(facts.installed) < PGVECTOR:
            text = f"The extension vector is {facts.installed}: FindMe needs {least} or newer."
            hint = "Install a newer pgvector on the server, then: ALTER EXTENSION vector UPDATE;"
            yield Problem(12, text, hint)
    elif facts.available is None or _version(facts.available) < PGVECTOR:
        has = f"has pgvector {facts.available}" if facts.available else "lacks pgvector"
        hint = "Install it there (Debian: postgresql-N-pgvector), or choose a server that has it."
        yield Problem(12, f"The server {has}: FindMe needs {least} or newer.", hint)
    elif not facts.may_create_extension:
        text = f"The role {facts.role} may not create the extension vector, which is not there yet."
        hint = "Have the server's administrator run, in this database: CREATE EXTENSION vector;"
        yield Problem(12, text, hint)


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:2]))
