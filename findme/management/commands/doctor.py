"""`manage.py doctor`: what is wrong with this installation and its rows, in plain lines."""

import json
import platform
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import django
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from findme import diagnosis
from findme.diagnosis import Finding
from findme.management.commands.run import uses_embedded_database
from findme.running import embedded_postgres

PACKAGES = ("django-q2", "psycopg2-binary", "opencv-python-headless", "pillow", "pgvector")
SIGNS = {"ok": "ok    ", "warning": "NOTE  ", "wrong": "WRONG ", "mended": "MENDED "}


class Command(BaseCommand):
    help = (
        "Prints versions, the state of database, migrations, checks and queue, and which rows break"
        " what must always hold; 1 if anything is wrong."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="mend what can be mended, and say what was done; safe beside running workers",
        )
        parser.add_argument("--json", action="store_true", help="one object, for machines")

    def handle(self, *, repair: bool, **options: Any) -> None:
        found = []
        for finding in findings(repair=repair):
            found.append(finding)
            if not options["json"]:
                self.stdout.write(f"{SIGNS[finding.severity]}{finding.text}")
        wrong = sum(finding.wrong for finding in found)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(found), indent=2))
        if wrong:
            what = "One thing is" if wrong == 1 else f"{wrong} things are"
            raise CommandError(f"{what} wrong.", returncode=1)


def findings(*, repair: bool) -> Iterator[Finding]:
    """What can be said without a database first. Of rows nothing is said before they are as the
    code expects them."""
    yield from _safely(_versions)
    away = _database_away()
    yield from [away] if away else _safely(_database)
    yield from _safely(lambda: _system_checks(with_database=not away))
    for part in diagnosis.parts():
        yield from _safely(part)
    if away:
        return
    pending = [*_safely(_migrations)]
    yield from pending
    for part in diagnosis.parts(of_rows=True):
        yield from _safely(part)
    if not any(finding.wrong for finding in pending):
        yield from _rules(repair=repair)


def as_data(found: list[Finding]) -> dict[str, Any]:
    """Ids and counts; nothing secret, and nobody's name."""
    return {
        "wrong": sum(finding.wrong for finding in found),
        "versions": versions(),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "count": finding.count,
                "examples": finding.examples,
                "text": finding.text,
            }
            for finding in found
        ],
    }


def versions() -> dict[str, str]:
    own = {"Python": platform.python_version(), "Django": django.get_version()}
    return own | {name: version(name) for name in PACKAGES}


def _safely(part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A database that goes away meanwhile is a finding, not a crash."""
    try:
        yield from part()
    except DatabaseError as error:
        yield _away(str(error) or type(error).__name__)


def _away(reason: str) -> Finding:
    return Finding(f"database: {reason.strip().splitlines()[0]}", wrong=True, code="database_away")


def _database_away() -> Finding | None:
    if embedded_postgres.problem is not None:
        text = " ".join(str(embedded_postgres.problem).split("\n"))
        return Finding(f"embedded PostgreSQL: {text}", wrong=True, code="database_away")
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return _away(str(error) or type(error).__name__)
    return None


def _versions() -> Iterator[Finding]:
    said = ", ".join(f"{name} {number}" for name, number in versions().items())
    yield Finding(said, code="versions")


def _database() -> Iterator[Finding]:
    """The address without the password, the server's version, and who runs the server."""
    place = connection.settings_dict
    address = f"{place['USER']}@{place['HOST']}:{place['PORT'] or 5432}/{place['NAME']}"
    yield Finding(f"database: {address}", code="database")
    if uses_embedded_database():
        running = embedded_postgres.url() is not None
        state = "running" if running else "not running"
        text = f"embedded PostgreSQL: {state}, in {embedded_postgres.home()}"
        yield Finding(text, wrong=not running, code="database")
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        yield Finding(f"PostgreSQL {cursor.fetchone()[0]}", code="database")


def _system_checks(*, with_database: bool) -> Iterator[Finding]:
    """The recognition models and the rules between settings are system checks too."""
    problems = checks.run_checks(databases=["default"] if with_database else [])
    for problem in problems:
        yield Finding(f"check: {problem}", wrong=problem.is_serious(), code=problem.id or "check")
    if not problems:
        yield Finding("system checks: none complains", code="check")


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    todo = ": run manage.py migrate" if pending else ""
    yield Finding(
        f"migrations: {len(pending)} pending{todo}",
        wrong=bool(pending),
        code="migrations_pending",
        count=len(pending),
    )


def _rules(*, repair: bool) -> Iterator[Finding]:
    holding = 0
    for rule in diagnosis.rules():
        found = [*diagnosis.examine(rule, repair=repair)]
        yield from found
        holding += not any(finding.wrong or finding.warning for finding in found)
    text = f"rows: {holding} of {len(diagnosis.rules())} rules hold"
    yield Finding(text, code="rules", count=holding)
