"""A database of its own for each measurement, dropped afterwards."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
NAME = "findme_benchmark"


@contextmanager
def scratch_database() -> Iterator[str]:
    """Set Django up on an empty, migrated database; its address is in `DATABASE_URL` too."""
    sys.path.insert(0, str(ROOT))
    from findme.env import database_url

    base = urlsplit(database_url())
    url = urlunsplit(base._replace(path=f"/{NAME}"))
    _execute(base.geturl(), f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    _execute(base.geturl(), f"CREATE DATABASE {NAME}")
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "findme.settings"}
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    try:
        _set_up()
        yield url
    finally:
        from django.db import connections

        connections.close_all()
        _execute(base.geturl(), f"DROP DATABASE {NAME} WITH (FORCE)")


def signed_in(user: Any) -> str:
    """The session cookie of a user who has signed in by a proof of the address."""
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from events.entrance.proof import PROVEN_AT

    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session[PROVEN_AT] = timezone.now().isoformat()
    session.save()
    return str(session.session_key)


def report(title: str, rows: Mapping[str, object], *, as_json: bool) -> None:
    """A table for people and, asked to, one JSON object as the last line."""
    print(f"\n{title}")
    width = max(map(len, rows))
    for name, value in rows.items():
        shown = f"{value:.2f}" if isinstance(value, float) else value
        print(f"  {name.replace('_', ' '):<{width}}  {shown}")
    if as_json:
        print(json.dumps(dict(rows)))


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def _execute(url: str, statement: str) -> None:
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()
