"""What workers of `test_queue.py` do. Each start is a line in the job's file: who works on it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from findme import jobs


def hang_once(path: str) -> None:
    """Silently; the second time it is done at once."""
    if _starts(path) == 1:
        time.sleep(300)


def beat_for(path: str, seconds: float) -> None:
    _starts(path)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        jobs.beat()
        time.sleep(0.1)
    Path(f"{path}.done").touch()


def _starts(path: str) -> int:
    with Path(path).open("a") as file:
        print(os.getpid(), file=file)
    return len(Path(path).read_text().split())
