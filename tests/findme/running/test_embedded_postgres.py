"""The embedded server, with real servers in folders of their own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from findme.running import embedded_postgres
from findme.running.embedded_postgres import EmbeddedPostgresError, Server


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Not pytest's own folder: it is private, and as root the server runs as somebody else."""
    path = Path(tempfile.mkdtemp(prefix="findme-pg-"))
    path.chmod(0o755)
    yield path
    Server(path).stop()
    shutil.rmtree(path)


@pytest.fixture
def server(home: Path) -> Server:
    server = Server(home)
    server.start()
    return server


def postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def command(home: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "findme.running.embedded_postgres", name],
        env={**os.environ, "FINDME_PG_HOME": str(home)},
        cwd=embedded_postgres.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_racing_starters_get_one_server(home: Path) -> None:
    starters = [command(home, "start") for _ in range(3)]
    answers = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert {starter.returncode for starter in starters} == {0}
    assert answers == {Server(home).url()}


def test_the_database_can_be_used(server: Server) -> None:
    assert server._query("select datname from pg_database where datname = %s", "findme") == "findme"
    assert server._query("select 1 from pg_available_extensions where name = 'vector'") == "1"


def test_upper_and_lower_case_work_beyond_ascii(server: Server) -> None:
    assert server._query("select upper('élodie')") == "ÉLODIE"


def test_it_listens_on_this_machine_only(server: Server) -> None:
    assert server._query("show listen_addresses") == "127.0.0.1"


def test_a_stopped_server_has_no_url_and_comes_back_with_the_same_one(server: Server) -> None:
    before = server.url()
    server.stop()
    assert server.url() is None
    server.stop()  # once more does no harm
    assert server.start() == before


def test_a_killed_server_is_started_again(server: Server) -> None:
    before = server.url()
    os.kill(postmaster(server), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while server.url() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.start() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_pid_that_now_belongs_to_another_program_does_not_stop_the_start(server: Server) -> None:
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    account = server._account  # of another account's program PostgreSQL would not be afraid
    with subprocess.Popen(["sleep", "60"], user=account.uid if account else None) as other:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        try:
            assert server.start()
            assert postmaster(server) != other.pid
        finally:
            other.kill()


def test_other_clients_are_counted(server: Server) -> None:
    import psycopg2

    assert server.other_clients() == 0
    connection = psycopg2.connect(server.url())
    assert server.other_clients() == 1
    connection.close()


def test_an_interrupted_initialisation_is_done_again(tmp_path: Path) -> None:
    """A half-made cluster never has the name of a whole one."""
    server = Server(tmp_path)
    (tmp_path / "data.new").mkdir()
    assert not server.data.exists()


def test_a_server_that_will_not_start_says_why(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "START_ATTEMPTS", 1)
    server.stop()
    settings = server.data / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
            server.start()
    finally:
        settings.write_text("")


def test_data_of_another_version_are_said_at_the_first_attempt(server: Server) -> None:
    server.stop()
    version = server.data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("12\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match="written by another version"):
            server.start()
    finally:
        version.write_text(ours)


def test_a_spoilt_file_of_the_port_costs_the_old_port_only(server: Server) -> None:
    server.stop()
    (server.home / "port").write_text("none of them")
    assert server.start()


def test_an_unusable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "pg"
    with pytest.raises(EmbeddedPostgresError, match=re.escape(str(folder))):
        Server(folder).start()


def test_checkouts_do_not_share_a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FINDME_PG_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    first = embedded_postgres.home()
    monkeypatch.setattr(embedded_postgres, "PROJECT", tmp_path)
    assert embedded_postgres.home() != first
    assert embedded_postgres.home().parent == first.parent


def test_an_ordinary_user_keeps_it_in_the_project(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FINDME_PG_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(embedded_postgres, "PROJECT", tmp_path)
    assert embedded_postgres.home() == tmp_path / "var" / "pg"


def test_an_unknown_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert embedded_postgres.main(["restart"]) == 2
    assert "start|url|stop" in capsys.readouterr().err
