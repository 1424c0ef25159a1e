"""What `bin/test` does: linters and types, two beside each other, then all tests."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

from findme.running import bootstrap
from findme.running.bootstrap import Command, Layout, say

# Each of them works on one processor for most of its time, and nothing waits for an answer.
AT_A_TIME = 2
# Three at a time on two processors: a quarter of the time a test waits for a browser or a server.
# Who has done all of its own takes of what the others have left.
PYTEST = ["-n", "3", "--dist", "worksteal"]


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    output: str
    seconds: float

    def __str__(self) -> str:
        """What failed has said why; of the rest a line is enough."""
        verdict = "passed" if self.passed else "failed"
        headline = f"== {self.name}: {verdict} in {self.seconds:.0f} s"
        return headline if self.passed else f"\n{headline}\n{self.output}"


def verify(arguments: list[str], layout: Layout) -> int:
    """Set up, check and test. With arguments: only pytest, and they are pytest's."""
    bootstrap.set_up(layout, development=True)
    failed = [] if arguments else check(layout)
    say("\n== pytest")
    pytest: Command = [layout.python, "-m", "pytest", *(arguments or PYTEST)]
    if subprocess.run(pytest, cwd=layout.project).returncode:
        failed.append("pytest")
    if failed and failed != ["pytest"]:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def check(layout: Layout) -> list[str]:
    """Names of what failed. All are run; what each said stays together, in their order."""
    failed = []
    names, commands = zip(*checks(layout), strict=True)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for outcome in pool.map(outcome_of, repeat(layout.project), names, commands):
            say(str(outcome))
            failed += [] if outcome.passed else [outcome.name]
    return failed


def outcome_of(folder: Path, name: str, command: Command) -> Outcome:
    started = time.monotonic()
    result = subprocess.run(
        command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, errors="replace"
    )
    return Outcome(name, result.returncode == 0, result.stdout, time.monotonic() - started)


def checks(layout: Layout) -> Iterator[tuple[str, Command]]:
    """Those that take longest begin first, so that neither processor is without work at the end."""
    python, modules, node = layout.python, layout.node_modules, bootstrap.find_node(layout)
    yield "mypy", [python, "-m", "mypy"]
    yield "djlint", [python, "-m", "djlint", "--lint", "--quiet", "templates"]
    yield "prettier", [node, modules / "prettier/bin/prettier.cjs", "--check", "."]
    yield "node --test", [node, "--test", *sorted(layout.project.glob("tests/**/*.test.js"))]
    yield "eslint", [node, modules / "eslint/bin/eslint.js", "."]
    yield "stylelint", [node, modules / "stylelint/bin/stylelint.mjs", "static/**/*.css"]
    yield "system checks", [python, "manage.py", "check"]
    yield "migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]
    yield "ruff check", [python, "-m", "ruff", "check"]
    yield "ruff format", [python, "-m", "ruff", "format", "--check"]
