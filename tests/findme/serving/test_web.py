"""The port, and who may hold it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from unittest import mock

import pytest
from django.core.management import CommandError

from findme.serving import web

# A web process as far as others can tell: its last argument is the port.
HOLDER = """
import socket, sys, time
holder = socket.create_server(("127.0.0.1", int(sys.argv[-1])))
print("listening", flush=True)
time.sleep(60)
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def holder(port, tmp_path, monkeypatch) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Takes the port, as a web process of the supervisor with the number given."""
    script = tmp_path / "manage.py"
    script.write_text(HOLDER)
    monkeypatch.setattr(web, "MANAGE", str(script))
    started = []

    def start(supervisor: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(script), "serve", f"{supervisor}", "3", f"{port}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_what_a_killed_supervisor_left_on_the_port_is_ended(holder, port, caplog):
    orphan = holder(supervisor=2**22 + 1)
    web.listen("127.0.0.1", port).close()
    assert orphan.wait(20) == -9
    assert f"orphan_ended pid={orphan.pid}" in caplog.text


def test_a_web_process_whose_supervisor_lives_keeps_its_port(holder, port, monkeypatch):
    monkeypatch.setattr(web, "PATIENCE_SECONDS", 0.0)
    other = holder(supervisor=os.getpid())
    with pytest.raises(CommandError, match="perhaps by another FindMe"):
        web.listen("127.0.0.1", port)
    assert other.poll() is None


def test_a_command_without_the_number_of_a_supervisor_is_nobodys_orphan(monkeypatch):
    bare = mock.Mock(info={"cmdline": [sys.executable, web.MANAGE, "serve"], "ppid": 1})
    monkeypatch.setattr(web.psutil, "process_iter", lambda attributes: [bare])
    web.end_orphans()
    bare.kill.assert_not_called()


def test_there_are_as_many_processes_as_the_setting_says(monkeypatch):
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        children = web.processes(listener)
        assert [child.name for child in children] == ["web-1", "web-2", "web-3"]
        assert {child.keeps_files for child in children} == {(listener.fileno(),)}
