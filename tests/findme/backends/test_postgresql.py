"""A connection is looked at before a request, and replaced where the server ended it."""

import time

import pytest
from django.db import connection

from findme.backends.postgresql import base

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    """A second connection, which was asked a moment ago and has said something since."""
    second = connection.copy()
    second.ensure_connection()
    assert second.is_usable()
    with second.cursor() as cursor:
        cursor.execute("SELECT 'its last words'")
    yield second
    second.close()


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def last_words(second):
    sql = "SELECT query FROM pg_stat_activity WHERE pid = %s"
    return ask(sql, second.connection.info.backend_pid)


def test_a_connection_in_use_is_not_asked(other):
    assert other.is_usable()
    assert last_words(other) == "SELECT 'its last words'"


@pytest.mark.parametrize("reason", ["rest", "error"])
def test_after_a_rest_and_after_an_error_it_is(other, reason):
    other.errors_occurred = reason == "error"
    if reason == "rest":
        other.looked_at = time.monotonic() - base.ASKED_AFTER_SECONDS - 1
    assert other.is_usable()
    assert last_words(other) == "SELECT 1"


def test_one_that_the_server_ended_is_seen_without_asking(other):
    assert ask("SELECT pg_terminate_backend(%s, 5000)", other.connection.info.backend_pid)
    assert not other.is_usable()


def test_one_that_was_closed_here_is_no_use(other):
    other.connection.close()
    assert not other.is_usable()
