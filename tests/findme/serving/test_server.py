"""The web server's own manners, with an application of a few lines and clients of raw bytes."""

from __future__ import annotations

import gc
import http.client
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from unittest import mock

import pytest

from findme import space
from findme.serving import bodies, connections, long_answers
from findme.serving import server as web_server
from findme.serving.server import Server

MANY = 300 * 2**20
SIGNED_IN = {"Cookie": "sessionid=x"}


class Site:
    """An application that notes what it is asked, and waits where a test wants it to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.look: Callable[[dict[str, Any]], object] = lambda environ: None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.status, self.headers, self.body = "200 OK", [("Content-Length", "2")], [b"ok"]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.asked.append(environ)
        self.look(environ)
        self.may_answer.wait(20)
        start(self.status, self.headers)
        return self.body


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site, monkeypatch) -> Iterator[Server]:
    monkeypatch.setattr(web_server, "LOOP_SECONDS", 0.02)
    monkeypatch.setitem(web_server.SETTINGS, "cleanup_interval", 0)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(site, listener, threads=2)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    site.may_answer.set()
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def client(server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.effective_port), timeout=20)
    yield connection
    connection.close()


@pytest.fixture
def takes_much(monkeypatch):
    """Every address takes long bodies."""
    monkeypatch.setattr(bodies, "_taken_by", lambda view: (MANY, ""))


class Disk:
    def __init__(self) -> None:
        self.has_room, self.asked = True, list[int]()

    def takes(self, byte_count: int) -> bool:
        self.asked.append(byte_count)
        return self.has_room


@pytest.fixture
def disk(monkeypatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(space, "takes_temporarily", disk.takes)
    return disk


def ask(client, method="GET", path="/", **more):
    client.request(method, path, **more)
    return client.getresponse()


def announce(client, length, path="/join/", headers=SIGNED_IN):
    """The head of a request, and nothing of its body."""
    client.putrequest("POST", path)
    for name, value in {**headers, "Content-Length": length}.items():
        client.putheader(name, value)
    client.endheaders()


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_connection_serves_many_requests_those_without_a_body_too(site, client):
    assert ask(client).read() == b"ok"
    before = client.sock
    assert ask(client, "HEAD").read() == b""
    site.status, site.headers, site.body = "304 Not Modified", [("ETag", '"1"')], []
    assert ask(client).read() == b""
    assert ask(client).status == 304
    assert client.sock is before


def test_a_body_is_given_as_the_file_that_it_was_received_in(site, client, rf):
    request, seen = rf.post("/"), []
    assert bodies.body_file(request) is None

    def look(environ):
        request.META["wsgi.input"] = environ["wsgi.input"]
        file = bodies.body_file(request)
        file.seek(-2, os.SEEK_END)
        seen.append((file.fileno() > 2, file.read()))

    site.look = look
    ask(client, "POST", "/join/", body=b"x" * (bodies.FORM_MAX_BYTES - 1) + b"y").read()
    assert seen == [(True, b"xy")]


def test_who_sends_too_much_is_answered_while_they_send(site, client):
    announce(client, MANY)
    for _ in range(16):
        client.send(bytes(2**20))
    answer = client.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"ok", "close")
    (environ,) = site.asked
    assert (environ["CONTENT_LENGTH"], environ["wsgi.input"].read()) == (str(MANY), b"")
    assert environ[bodies.UNREAD] == "body_too_large"


def test_what_is_announced_reserves_nothing_and_a_form_with_files_lies_there_twice(
    client, server, takes_much, disk
):
    for kind in ("image/jpeg", "multipart/form-data; boundary=b"):
        announce(client, 2**20, headers={**SIGNED_IN, "Content-Type": kind})
        client.close()
    wait_until(lambda: len(disk.asked) == 2)
    assert sorted(disk.asked) == [2**20, 2**21]


def test_a_body_for_which_the_disk_has_no_room_left_ends(site, client, takes_much, disk):
    announce(client, MANY)
    wait_until(lambda: disk.asked)
    disk.has_room = False
    for _ in range(5):
        client.send(bytes(2**20))
    answer = client.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"ok", "close")
    (environ,) = site.asked
    assert (environ[bodies.UNREAD], environ["wsgi.input"].read()) == ("store_full", b"")


def test_what_nobody_reads_is_read_away_for_a_while_only(site, client, server, monkeypatch):
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0)
    announce(client, MANY)
    assert client.getresponse().read() == b"ok"
    wait_until(lambda: not server.active_channels)


def test_a_body_without_a_length_is_not_waited_for(site, client):
    client.putrequest("POST", "/")
    client.putheader("Transfer-Encoding", "chunked")
    client.endheaders(b"5\r\nhello")
    assert client.getresponse().read() == b"ok"
    (environ,) = site.asked
    assert "CONTENT_LENGTH" not in environ
    assert environ["HTTP_TRANSFER_ENCODING"] == "chunked"


def test_a_length_that_is_no_number_is_a_bad_request(site, client):
    announce(client, "9" * 5_000)
    assert client.getresponse().status == 400
    assert site.asked == []


def test_headers_that_do_not_come_are_not_waited_for(site, client, server, monkeypatch):
    monkeypatch.setattr(connections, "HEADERS_SECONDS", 0)
    client.connect()
    client.sock.sendall(b"GET / HT")
    assert client.sock.recv(1) == b""
    client.close()
    assert ask(client).read() == b"ok"


def test_a_body_may_be_slow_and_must_move():
    channel = type("Channel", (), {"server": None})
    request = connections.Request(None, channel)
    request.headers_finished = True
    request.body_bytes_received = 2**20
    assert not request.is_overdue(request.began + 60 + 1024)
    assert request.is_overdue(request.began + 60 + 1025)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_a_body_that_breaks_off_leaves_the_disk_with_its_client(
    client, server, takes_much, no_collector
):
    announce(client, MANY)
    client.send(bytes(2**20))
    wait_until(lambda: any(one.request for one in server.active_channels.values()))
    (request,) = [weakref.ref(one.request) for one in server.active_channels.values()]
    client.close()
    wait_until(lambda: request() is None)


def test_who_reads_too_slowly_gives_the_answer_up(site, client, server, monkeypatch):
    monkeypatch.setattr(connections, "BODY_BYTES_A_SECOND", 2**40)
    site.headers, site.body = [("Content-Length", str(2**24))], [bytes(2**24)]
    client.request("GET", "/")
    wait_until(lambda: any(one.sending_since for one in server.active_channels.values()))
    monkeypatch.setattr(connections, "BODY_SECONDS", 0)
    wait_until(lambda: not server.active_channels)


def test_who_reads_at_all_keeps_a_connection():
    channel = mock.Mock(total_outbufs_len=1, sending_since=None, sent=2**20)
    is_slow = connections.Channel._reads_too_slowly
    assert not is_slow(channel, 1_000)
    channel.sent = 2**20
    assert not is_slow(channel, 1_000 + 60 + 1024)
    assert is_slow(channel, 1_000 + 60 + 1025)
    channel.total_outbufs_len = 0
    assert not is_slow(channel, 10_000)


def test_a_server_that_stops_answers_what_it_was_asked(site, client, server):
    site.may_answer.clear()
    client.request("GET", "/")
    wait_until(lambda: site.asked)
    stalled = socket.create_connection(client.sock.getpeername())
    server.stop()
    wait_until(lambda: not server.accepting)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(client.sock.getpeername())
    site.may_answer.set()
    answer = client.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"ok", "close")
    stalled.close()


def test_a_process_at_work_leaves_a_new_connection_to_an_idle_one(site, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        at_work, idle = (Server(site, listener.dup(), threads=1) for _ in "12")
        client = socket.create_connection(listener.getsockname())
    wait_until(lambda: not any(one.task_dispatcher.active_count for one in (at_work, idle)))
    at_work.task_dispatcher.active_count = 1
    monkeypatch.setattr(time, "sleep", lambda seconds: idle.handle_accept())
    at_work.handle_accept()
    monkeypatch.undo()
    assert (len(at_work.active_channels), len(idle.active_channels)) == (0, 1)
    for server in (at_work, idle):
        server.stop()
        server.run()
    client.close()


def test_the_watchdog_starves_only_where_requests_wait_and_none_is_answered(site, server):
    fed: list[float] = []
    server.stop()
    server.feed_watchdog = lambda: fed.append(time.time())
    server.waiting = ["a request"]
    server.answered_before = server.answered
    server.maintenance(time.time())
    assert fed == []
    server.count_answer()
    server.maintenance(time.time())
    server.waiting = []
    server.maintenance(time.time())
    assert len(fed) == 2


def test_an_answer_that_takes_its_time_has_a_thread_of_its_own(site, server):
    held = threading.Event()

    def look(environ):
        if environ["PATH_INFO"] == "/long":
            with environ[long_answers.CONNECTION].with_spare_thread():
                held.wait(20)

    site.look = look
    port = int(server.effective_port)
    readers = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(3)]
    for reader in readers:
        reader.request("GET", "/long")
    another = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    assert ask(another).read() == b"ok"
    held.set()
    assert [reader.getresponse().read() for reader in readers] == [b"ok"] * 3
    wait_until(lambda: len(server.threads.threads) == 2)
    for one in (*readers, another):
        one.close()


def test_a_connection_is_ended_while_its_answer_is_made(site, server, client):
    pieces = iter(lambda: bytes(2**20), None)
    site.headers, site.body = [("Content-Length", str(2**40))], pieces
    answer = ask(client)
    assert answer.read(10)
    site.asked[0][long_answers.CONNECTION].end()
    with suppress(OSError):
        while answer.read(2**20):
            pass
    wait_until(lambda: not server.threads.active_count)
