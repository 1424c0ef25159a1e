"""`manage.py doctor`: what is wrong with this installation, in plain lines."""

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import django
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_q.models import OrmQ

from findme import diagnosis
from findme.diagnosis import Finding
from findme.management.commands.run import uses_embedded_database
from findme.running import embedded_postgres
from findme.running.queue_watch import UNTAKEN_SECONDS

PACKAGES = ("django-q2", "psycopg2-binary", "opencv-python-headless", "pillow", "pgvector")


class Command(BaseCommand):
    help = "Prints versions, the state of database, migrations, checks and queue; 1 if any is bad."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        own = (_versions, _database, _system_checks, _migrations, _queue)
        for part in (*own, *diagnosis.parts()):
            for finding in _safely(part):
                wrong += finding.wrong
                self.stdout.write(f"{'WRONG ' if finding.wrong else 'ok    '}{finding.text}")
        if wrong:
            what = "One thing is" if wrong == 1 else f"{wrong} things are"
            raise CommandError(f"{what} wrong.", returncode=1)


def _safely(part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A database that is away is a finding, not a crash."""
    try:
        yield from part()
    except DatabaseError as error:
        reason = str(error).strip() or type(error).__name__
        yield Finding(f"database: {reason.splitlines()[0]}", wrong=True)


def _versions() -> Iterator[Finding]:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield Finding(f"Python {platform.python_version()}, Django {django.get_version()}, {packages}")


def _database() -> Iterator[Finding]:
    """The address without the password, the server's version, and who runs the server."""
    place = connection.settings_dict
    yield Finding(
        f"database: {place['USER']}@{place['HOST']}:{place['PORT'] or 5432}/{place['NAME']}"
    )
    if uses_embedded_database():
        running = embedded_postgres.url() is not None
        state = "running" if running else "not running"
        yield Finding(f"embedded PostgreSQL: {state}, in {embedded_postgres.home()}", not running)
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        yield Finding(f"PostgreSQL {cursor.fetchone()[0]}")


def _system_checks() -> Iterator[Finding]:
    """The recognition models and the rules between settings are system checks too."""
    problems = checks.run_checks(databases=["default"])
    for problem in problems:
        yield Finding(f"check: {problem}", wrong=problem.is_serious())
    if not problems:
        yield Finding("system checks: none complains")


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    todo = ": run manage.py migrate" if pending else ""
    yield Finding(f"migrations: {len(pending)} pending{todo}", wrong=bool(pending))


def _queue() -> Iterator[Finding]:
    """Jobs that nobody took for a minute mean that no worker runs."""
    now = timezone.now()
    oldest = OrmQ.objects.filter(lock__lte=now).order_by("lock").first()
    length = OrmQ.objects.count()
    if oldest is None or oldest.lock is None:
        yield Finding(f"queue: {length} jobs, none waits for a worker")
        return
    seconds = (now - oldest.lock).total_seconds()
    yield Finding(
        f"queue: {length} jobs, the oldest has waited for a worker for {seconds:.0f} s",
        wrong=seconds > UNTAKEN_SECONDS,
    )
