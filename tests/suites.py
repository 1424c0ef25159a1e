"""To run tests of ours again, against another database server or through what stands before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_suites(database_url: str, suites: Sequence[str], *options: str) -> None:
    """In a process of their own, until one fails."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    fixed = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=short", "--show-capture=no"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *fixed, *options, *suites],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
