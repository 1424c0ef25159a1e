"""Clients who stall hold a connection, and nothing that others need: the real server and site."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from django.urls import reverse

from findme.running import bootstrap
from findme.running.bootstrap import Layout
from findme.serving.web import command as web_command
from photos.models import Photo
from tests import builders
from tests.workers import ROOT, database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

# More of each kind than the server has threads for the application.
STALLED = 12
# More than the system keeps of an answer for its client.
LENGTH = 8 * 2**20
# Beside the site: what takes as long as a file is there, and what says that it has begun.
APPLICATION = """
import ctypes, os, sys, time
from django.conf import settings
# As on systems that do not tell children of their parent's end (PR_SET_PDEATHSIG).
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 0)
# Pages are shown though nobody has collected the static files.
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"] = {"BACKEND": plain}
from findme.wsgi import application as site

def application(environ, start):
    if environ["PATH_INFO"] != "/slow":
        return site(environ, start)
    open(os.environ["BEGUN"], "w").close()
    while not os.path.exists(os.environ["FINISH"]):
        time.sleep(0.02)
    start("200 OK", [("Content-Length", os.environ["LENGTH"])])
    return [bytes(int(os.environ["LENGTH"]))]
"""


class Web:
    """`manage.py web` with one process of two threads, on the database of the tests."""

    def __init__(self, folder: Path) -> None:
        self.begun, self.finish = folder / "begun", folder / "finish"
        (folder / "slow_site.py").write_text(APPLICATION)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "PYTHONPATH": str(folder),
            "WEB_CONCURRENCY": "1",
            "WEB_THREADS": "2",
            "BEGUN": str(self.begun),
            "FINISH": str(self.finish),
            "LENGTH": str(LENGTH),
        }
        self.start()

    def start(self) -> None:
        command = web_command(self.port, application="slow_site:application")
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        wait_until(lambda: self.status("/healthz") == 200)

    def connect(self, data: bytes = b"") -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        client.sendall(data)
        return client

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            try:
                connection.request("GET", path, headers={"Host": "localhost"})
                return connection.getresponse().status
            except OSError:
                return 0


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup) -> Iterator[Web]:
    web = Web(tmp_path_factory.mktemp("web"))
    yield web
    web.process.terminate()
    web.process.wait(60)


@pytest.fixture
def original(event) -> Photo:
    noise = random.Random(1).randbytes(LENGTH)
    return builders.make_photo(event, original=noise, byte_size=len(noise), status="ready")


def request(path: str, cookie: str = "", **more: object) -> bytes:
    method = "POST" if "Content_Length" in more else "GET"
    headers = {"Host": "localhost", "Cookie": cookie, **more}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()


def test_the_site_answers_beside_stalled_uploads_headers_and_readers(
    web, event, organizer, as_user, original
):
    desk = f"sessionid={as_user(organizer).cookies['sessionid'].value}"
    upload = reverse("admin:photos_photo_receive", args=[event.pk])
    read = reverse("original", args=[event.slug, original.pk])
    half = request(upload, desk, Content_Length=3_400_000) + bytes(1_000_000)
    kinds = [half, b"GET / HTTP/1.1\r\nHost: loc", request(read, desk)]
    stalled = [web.connect(data) for data in kinds for _ in range(STALLED)]
    try:
        assert stalled[-1].recv(15) == b"HTTP/1.1 200 OK"
        assert [web.status("/healthz") for _ in range(4)] == [200] * 4
    finally:
        for client in stalled:
            client.close()


def test_the_site_answers_beside_exports_that_nobody_reads_and_one_is_gone_on_with(
    web, event, organizer, as_user
):
    noise = random.Random(1).randbytes(LENGTH)
    photos = [
        builders.make_photo(event, original=noise, byte_size=LENGTH, crc32=zlib.crc32(noise))
        for _ in range(5)  # more than the server keeps for a client: each holds a thread
    ]
    desk = f"sessionid={as_user(organizer).cookies['sessionid'].value}"
    part = {"photos": "all", "hidden": "on", "size": "2gb", "last": photos[-1].pk}
    archive = f"{reverse('admin:events_event_export_part', args=[event.pk])}?{urlencode(part)}"
    stalled = [web.connect(request(archive, desk)) for _ in range(3)]
    try:
        assert {client.recv(15) for client in stalled} == {b"HTTP/1.1 200 OK"}
        assert [web.status("/healthz") for _ in range(4)] == [200] * 4
        with closing(web.connect(request(archive, desk, Range="bytes=1000-"))) as resumed:
            assert resumed.recv(12) == b"HTTP/1.1 206"
        # One of theirs has ended, with the place that it held: which came first, nobody knows.
        wait_until(lambda: any(map(has_ended, stalled)))
    finally:
        for client in stalled:
            client.close()


def has_ended(client: socket.socket) -> bool:
    """Whether the server has; what it sent before is thrown away."""
    client.setblocking(False)
    try:
        while client.recv(2**20):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


def test_who_sends_far_too_much_is_told_so_while_they_send(web):
    client = web.connect(request("/join/", "sessionid=x", Content_Length=300 * 2**20))
    for _ in range(16):
        client.sendall(bytes(2**20))
    with closing(client):
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert answer.status == 413
        assert b"more than this page takes" in answer.read()


def test_what_a_killed_supervisor_left_on_the_port_is_ended_by_the_next(web):
    (orphan,) = psutil.Process(web.process.pid).children()
    try:
        web.process.kill()
        web.process.wait(60)
        assert is_alive(orphan)
        bootstrap.check_port("127.0.0.1", web.port, Layout())  # what `bin/run` does first
        web.start()
        wait_until(lambda: not is_alive(orphan))
        wait_until(lambda: web.status("/healthz") == 200)
    finally:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()


def is_alive(process: psutil.Process) -> bool:
    """Ended ones that nobody has collected are not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_sigterm_lets_a_running_request_finish(web):
    client = web.connect(request("/slow"))
    wait_until(web.begun.exists)
    web.process.send_signal(signal.SIGTERM)
    wait_until(lambda: web.status("/healthz") == 0)
    web.finish.touch()
    assert client.recv(1, socket.MSG_PEEK)
    time.sleep(0.3)  # the rest does not come to whoever ended with the last of the application
    with closing(client):
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert len(answer.read()) == LENGTH
    assert web.process.wait(60) == 0
