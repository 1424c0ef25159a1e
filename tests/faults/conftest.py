"""A PgBouncer in transaction mode before the tests' database server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connections

from tests.conftest import REQUIRE_ALL

# As in docs/operations.md, with a pool that is too small for everybody. Sessions are lent in turn,
# so that no client has two transactions in the same one but by chance; who waits for one in vain
# is told so.
# What databases of tests say otherwise, where no pooler stands between.
QUERY = "SET synchronous_commit TO on"
CONFIGURATION = """
[databases]
* = host={HOST} port={PORT} user={USER} password={PASSWORD} connect_query='{query}'

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 200
default_pool_size = 3
min_pool_size = 3
server_round_robin = 1
query_wait_timeout = 20
"""


@dataclass(frozen=True)
class Pooler:
    port: int

    def url(self, database: str) -> str:
        return (
            f"postgres://{settings.DATABASES['default']['USER']}@127.0.0.1:{self.port}/{database}"
        )

    def is_up(self, database: str) -> bool:
        """With all its sessions open: it opens another where those it has are in transactions."""
        try:
            with ExitStack() as clients:
                for _ in range(3):
                    client = clients.enter_context(closing(psycopg2.connect(self.url(database))))
                    client.cursor().execute("SELECT 1")
                    # Before it is closed: a session is not kept that was left in a transaction.
                    clients.callback(client.rollback)
        except psycopg2.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def test_database(django_db_setup: None) -> str:
    return str(connections["default"].settings_dict["NAME"])


@pytest.fixture(scope="module")
def pooler(tmp_path_factory: pytest.TempPathFactory, test_database: str) -> Iterator[Pooler]:
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        if REQUIRE_ALL:
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    folder = tmp_path_factory.mktemp("pgbouncer")
    pooler = Pooler(_free_port())
    file = folder / "pgbouncer.ini"
    place = settings.DATABASES["default"]
    file.write_text(CONFIGURATION.format(**place, port=pooler.port, query=QUERY))
    with _running(program, file):
        deadline = time.monotonic() + 20
        while not pooler.is_up(test_database):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.02)
        yield pooler


@contextmanager
def _running(program: str, file: Path) -> Iterator[None]:
    """The program, which refuses to be root: it becomes an account that is always there."""
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    with (file.parent / "log").open("w") as log:
        process = subprocess.Popen([program, *account, file], stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait(10)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
