"""What is looked after each minute, whoever lost a job or died. Each room registers its own sweeps.

A sweep is short and safe to repeat: it enqueues what is due, and leaves the work to the jobs. All
are one job, which is taken before all others; one that hangs is ended, and holds up no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import close_old_connections

from findme import jobs
from findme.running.time_limit import at_most

logger = logging.getLogger(__name__)

Sweep = Callable[[], object]
# Each takes milliseconds. One that takes so long waits for what does not come.
MOST_SECONDS = 20.0

# Sweeps by name, in the order in which they are run.
_sweeps: dict[str, Sweep] = {}
_for_lost_jobs: set[str] = set()


class SweepsFailed(Exception):
    """Some sweeps failed, by name; the others were run."""


def register(*sweeps: Sweep, for_lost_jobs: bool = False) -> None:
    """Have these run each minute; those that enqueue what lost its job only where nothing waits in
    the queue, since what has its job waits there too."""
    named = {f"{sweep.__module__}.{sweep.__name__}": sweep for sweep in sweeps}
    _sweeps.update(named)
    if for_lost_jobs:
        _for_lost_jobs.update(named)


def run() -> None:
    """Every sweep, whatever becomes of the others. Raises `SweepsFailed` at the end, so that the
    job is kept as failed."""
    skipped = _for_lost_jobs if jobs.any_waits() else set()  # before any sweep enqueues
    names = [name for name in _sweeps if name not in skipped]
    failed = [name for name in names if not _succeeds(name)]
    if failed:
        raise SweepsFailed(", ".join(failed))


def _succeeds(name: str) -> bool:
    jobs.beat()
    try:
        with at_most(MOST_SECONDS):
            _sweeps[name]()
    except Exception:
        logger.exception("sweep_failed sweep=%s", name)
        close_old_connections()  # a connection that broke must not fail the next one too
        return False
    return True
