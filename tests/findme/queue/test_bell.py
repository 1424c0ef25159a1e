"""What is known of a connection."""

from __future__ import annotations

from contextlib import closing
from unittest import mock

from django.db import connection
from django.db.utils import ConnectionHandler

from findme.queue.bell import Bell
from findme.running.connections import commit_without_waiting, notice_gone_clients


class Counting:
    """The driver's connection, which counts what it is asked."""

    def __init__(self, raw):
        self.raw, self.asked = raw, 0

    def __getattr__(self, name):
        return getattr(self.raw, name)

    def cursor(self, *args, **kwargs):
        self.asked += 1
        return self.raw.cursor(*args, **kwargs)


def test_a_connection_is_asked_once_whether_a_pooler_stands_between(db):
    with closing(ConnectionHandler({"default": connection.settings_dict})["default"]) as one:
        one.connect()
        one.connection = counting = Counting(one.connection)
        with mock.patch("findme.queue.bell.connection", one):
            notice_gone_clients(one)
            commit_without_waiting(one)
            Bell().found_nothing()
        assert counting.asked == 1 + 2 + 1  # to set two things, and to listen
