"""FindMe behind a pooler that lends a session of the database for one transaction only."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from findme.running.connections import commit_without_waiting, notice_gone_clients
from tests.suites import run_suites

pytestmark = pytest.mark.django_db(transaction=True)

# What claims, locks and publishes, alone and several at once, with the service too.
SUITES = [
    *(
        f"tests/faces/finding/test_{name}.py"
        for name in ("claims", "enrolling", "erasing", "scanning")
    ),
    "tests/faces/working",
    "tests/rekognition/test_pools.py",
]


@pytest.fixture
def through(pooler, test_database):
    """`through(pooler_between=True)`: a connection of Django's, told what a worker's is."""
    made = []

    def connect(*, pooler_between: bool):
        place = {**connections.settings["default"], "NAME": test_database}
        if pooler_between:
            place |= {"HOST": "127.0.0.1", "PORT": pooler.port}
        one = ConnectionHandler({"default": place})["default"]
        made.append(one)
        one.ensure_connection()
        notice_gone_clients(one)
        commit_without_waiting(one)
        return one

    yield connect
    for one in made:
        one.close()


def settings_of(one) -> tuple[str, str]:
    with one.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('synchronous_commit'),"
            " current_setting('client_connection_check_interval')"
        )
        return cursor.fetchone()


def test_what_scans_enrolls_searches_and_erases_does_so_through_it(pooler, test_database):
    connection.close()  # those tests end whoever else is connected
    url = pooler.url(test_database.removeprefix("test_"))
    run_suites(url, SUITES, "--reuse-db", "--no-migrations")


def test_sessions_are_shared(pooler, test_database):
    """Else the tests would say nothing."""
    assert pooler.is_up(test_database)
    with closing(psycopg2.connect(pooler.url(test_database))) as one:
        one.autocommit = True
        cursor = one.cursor()
        backends = set()
        for _ in range(6):
            cursor.execute("SELECT pg_backend_pid()")
            backends.add(cursor.fetchone()[0])
    assert len(backends) > 1


def test_what_is_set_in_a_session_is_for_those_who_own_one(through):
    assert settings_of(through(pooler_between=False)) == ("off", "5s")
    pooled = through(pooler_between=True)
    assert {settings_of(pooled) for _ in range(6)} == {("on", "0")}
