"""`manage.py run`: what it prepares, prints and leaves behind."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.core.management.base import OutputWrapper
from django.db import connection
from django_q.models import Schedule

from findme.management.commands import run
from findme.management.commands.run import DatabaseKeeper, Readiness
from findme.running import embedded_postgres, preparation
from findme.serving import web
from tests import builders

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web_answering() -> Iterator[type[http.server.BaseHTTPRequestHandler]]:
    """A web server that answers with the handler's `status`, at the handler's `address`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200
        address = ("", 0)
        hosts: list[str | None] = []

        def do_GET(self) -> None:
            self.hosts.append(self.headers["Host"])
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.address = ("127.0.0.1", server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Handler
        server.shutdown()
        thread.join()


def test_links_name_where_the_site_listens():
    assert preparation.addresses("127.0.0.1", 8123)["SITE_URL"] == "http://127.0.0.1:8123"
    assert preparation.addresses("::1", 80)["SITE_URL"] == "http://[::1]:80"
    assert "192.0.2.7" in preparation.addresses("192.0.2.7", 80)["ALLOWED_HOSTS"].split(",")


def test_listening_everywhere_the_site_answers_to_its_network_address(monkeypatch):
    monkeypatch.setattr(preparation, "_network_address", lambda: "192.0.2.7")
    found = preparation.addresses("0.0.0.0", 8000)
    assert found["SITE_URL"] == "http://192.0.2.7:8000"
    hosts = found["ALLOWED_HOSTS"].split(",")
    assert {"localhost", "127.0.0.1", "192.0.2.7", socket.gethostname()} <= set(hosts)
    assert "*" not in hosts


def test_addresses_of_the_environment_stay(monkeypatch, settings):
    monkeypatch.setenv("SITE_URL", "https://photos.example.com/")
    monkeypatch.setenv("ALLOWED_HOSTS", "photos.example.com")
    preparation.apply_addresses("0.0.0.0", 8000)
    assert os.environ["ALLOWED_HOSTS"] == "photos.example.com"
    assert settings.SITE_URL == "https://photos.example.com"


@pytest.mark.django_db
def test_a_new_site_gets_one_organizer_whose_password_works():
    password = preparation.ensure_organizer()
    organizer = get_user_model().objects.get(email=preparation.ORGANIZER_EMAIL)
    assert organizer.check_password(password)
    assert organizer.is_superuser
    assert preparation.ensure_organizer() is None
    assert get_user_model().objects.count() == 1


@pytest.fixture
def static_source(settings, tmp_path, monkeypatch) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("a { color: red }")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return source


def test_static_files_are_collected_when_they_changed(static_source, settings):
    collected = settings.STATIC_ROOT / "site.css"
    assert preparation.collect_static_files() is True
    assert collected.exists()
    assert preparation.collect_static_files() is False
    (static_source / "site.css").write_text("a { color: green }")
    assert preparation.collect_static_files() is True
    assert "green" in collected.read_text()


def test_an_interrupted_collection_is_done_again(static_source, monkeypatch):
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(preparation, "call_command", interrupted)
        with pytest.raises(KeyboardInterrupt):
            preparation.collect_static_files()
    assert preparation.collect_static_files() is True


@pytest.mark.parametrize(("status", "up"), [(200, True), (400, True), (503, False)])
def test_the_site_is_up_when_it_answers_without_a_servers_error(web_answering, status, up):
    web_answering.status = status
    assert run.answers(web_answering.address, "photos.example.com") is up
    assert web_answering.hosts == ["photos.example.com"]


def test_a_port_that_is_taken_is_said():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken.* --port {port + 1}"):
            web.listen("127.0.0.1", port)
    web.listen("127.0.0.1", port).close()


def test_an_address_that_is_not_this_machines_is_said():
    with pytest.raises(CommandError, match=r"cannot listen at 192\.0\.2\.1, port 8000"):
        web.listen("192.0.2.1", 8000)


def test_a_closed_port_is_no_answer():
    assert run.answers(("127.0.0.1", free_port()), "localhost") is False


def test_the_welcome_is_shown_once_when_the_site_answers(web_answering):
    out = StringIO()
    ready = Readiness(web_answering.address, "WELCOME", OutputWrapper(out))
    for second in range(3):
        ready.poll(second)
    assert out.getvalue() == "WELCOME\n"


def test_a_site_that_never_answers_is_reported():
    out = StringIO()
    ready = Readiness(("127.0.0.1", free_port()), "WELCOME", OutputWrapper(out))
    ready.poll(0)
    ready.poll(60)
    assert out.getvalue() == ""
    ready.poll(61)
    assert "has not answered for 60 seconds" in out.getvalue()
    assert "WELCOME" not in out.getvalue()


@pytest.mark.django_db
def test_the_welcome_names_the_demo_and_the_new_password(settings):
    settings.SITE_URL = "http://127.0.0.1:8123"
    event = builders.make_event(slug="demo")
    text = "\n".join(run.welcome("correct-horse"))
    assert f"http://127.0.0.1:8123/e/demo/join/{event.join_code}/" in text
    assert "http://127.0.0.1:8123/admin/" in text
    assert "correct-horse" in text
    assert "correct-horse" not in "\n".join(run.welcome(None))


@pytest.mark.django_db
def test_without_a_demo_there_is_no_guest_link():
    assert run.demo_link() is None


class FakeServer:
    def __init__(self, url: str | None, clients: int) -> None:
        self.address, self.clients, self.stopped = url, clients, False

    def url(self) -> str | None:
        return self.address

    def other_clients(self) -> int:
        return self.clients

    def stop(self) -> None:
        self.stopped = True


@pytest.mark.parametrize(
    ("url", "clients", "stopped", "says"),
    [
        ("postgres://", 0, True, "The database is stopped."),
        ("postgres://", 2, False, "2 other connections"),
        (None, 0, False, "The database is stopped."),
    ],
)
def test_the_database_is_stopped_unless_others_use_it(monkeypatch, url, clients, stopped, says):
    server = FakeServer(url, clients)
    monkeypatch.setattr(embedded_postgres, "Server", lambda home: server)
    assert says in run.stop_database_if_unused()
    assert server.stopped is stopped


def test_a_dead_database_is_started_again_and_a_failure_survived(monkeypatch, caplog):
    def cannot_start() -> str:
        raise embedded_postgres.EmbeddedPostgresError("the disk is full")

    monkeypatch.setattr(embedded_postgres, "url", lambda: None)
    monkeypatch.setattr(embedded_postgres, "start", cannot_start)
    DatabaseKeeper()(100)
    assert "database_ended" in caplog.text
    assert "the disk is full" in caplog.text


def wait_for_line(log: Path, text: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 120
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return log.read_text()


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_everything_starts_prints_its_addresses_and_stops_without_a_trace(tmp_path):
    import psutil

    port, log = free_port(), tmp_path / "log"
    place = connection.settings_dict
    access = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}"
    environment = {**os.environ, "DATABASE_URL": f"postgres://{access}/{place['NAME']}"}
    command = [sys.executable, "manage.py", "run", "--no-demo", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=out)
    try:
        text = wait_for_line(log, "Ctrl-C stops everything", process)
        children = psutil.Process(process.pid).children(recursive=True)
        assert f"http://127.0.0.1:{port}/" in text
        assert "shown only this once" in text
        assert Schedule.objects.filter(name="sweep").count() == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert len(children) >= 3  # two web processes, and the worker
        assert [child for child in children if child.is_running()] == []
    finally:
        process.kill()
        process.wait()
