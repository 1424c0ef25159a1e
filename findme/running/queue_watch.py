"""Notices that the queue stands still, which django-q does not notice of itself.

A worker of django-q that is killed while idle (by the kernel, when memory is short) can take the
lock of the shared pipe with it: no other worker gets a job again, and the cluster looks alive.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

logger = logging.getLogger(__name__)

POLL_EVERY_SECONDS = 3.0
UNTAKEN_SECONDS = 60.0
MOST_PATIENCE = 16

# Jobs by row id, with the time until which each is locked.
Snapshot = Mapping[int, datetime]


@dataclass
class StallDetector:
    """Decides from snapshots of the queue whether it moves.

    Movement is a row that vanished (done) or whose lock changed (taken). Due jobs that wait while
    nothing moves for `untaken_seconds` mean a stall. A stalled cluster may hold a few jobs too, so
    held ones do not excuse it; jobs that all take longer than that at the same time would be
    killed wrongly, and ours take seconds. Where every job is held, none waits: django-q ends a job
    at its time limit, so something must move within `held_seconds`, a little more than that.
    Another host's cluster that works on the same queue hides a stalled one until it pauses.

    A cluster that replaced another gets twice the other's time: where starting takes longer than
    the limit, none would ever come to its first job. Movement brings the limit back.
    """

    untaken_seconds: float
    held_seconds: float
    _seen: Snapshot = field(default_factory=dict, init=False)
    _moved_at: float | None = field(default=None, init=False)
    _patience: int = field(default=1, init=False)

    def is_stalled(self, jobs: Snapshot, now: datetime, at_seconds: float) -> bool:
        """`at_seconds` is a monotonic clock's; snapshots come in its order."""
        moved = any(jobs.get(row) != lock for row, lock in self._seen.items())
        if moved:
            self._patience = 1
        if moved or not self._seen or self._moved_at is None:
            self._moved_at = at_seconds
        self._seen = dict(jobs)
        if not jobs:
            return False
        waiting = any(lock <= now for lock in jobs.values())
        limit = self.untaken_seconds if waiting else self.held_seconds
        return at_seconds - self._moved_at >= limit * self._patience

    def restart(self) -> None:
        """Begin to count anew: the cluster was replaced."""
        self._moved_at = None
        self._seen = {}  # the locks that `release` gives back are no movement
        self._patience = min(self._patience * 2, MOST_PATIENCE)


@dataclass
class QueueWatcher:
    """Looks at the queue every few seconds and has a stalled cluster replaced.

    Called from the supervisor's loop; an unreachable database is logged and asked again.
    """

    kill_cluster: Callable[[], None]
    detector: StallDetector
    every_seconds: float = POLL_EVERY_SECONDS
    _next_poll: float = field(default=0.0, init=False)

    def __call__(self, at_seconds: float) -> None:
        if at_seconds < self._next_poll:
            return
        self._next_poll = at_seconds + self.every_seconds
        try:
            self._poll(at_seconds)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("queue_watch_failed error=%s", str(error).strip())

    def _poll(self, at_seconds: float) -> None:
        close_old_connections()
        jobs = queued_jobs()
        if not self.detector.is_stalled(jobs, timezone.now(), at_seconds):
            return
        logger.warning("queue_stalled jobs=%d: the worker is replaced", len(jobs))
        self.kill_cluster()
        self.detector.restart()
        release(jobs)


def new_detector() -> StallDetector:
    """With the limits in use: `FINDME_STALL_SECONDS`, and for held jobs their time limit more."""
    untaken = float(os.environ.get("FINDME_STALL_SECONDS") or UNTAKEN_SECONDS)
    return StallDetector(untaken, (Conf.TIMEOUT or 0) + untaken)


def queued_jobs() -> Snapshot:
    """One query; the payloads stay in the database."""
    return dict(OrmQ.objects.filter(lock__isnull=False).values_list("pk", "lock"))


def release(jobs: Snapshot) -> None:
    """Let the jobs that the dead cluster held be taken at once, not after django-q's `retry`.

    A row whose lock has changed meanwhile is somebody else's and stays. A job that still runs on
    another host may begin twice; jobs claim their domain rows, so the second finds nothing to do.
    """
    now = timezone.now()
    for row, lock in jobs.items():
        if lock > now:
            OrmQ.objects.filter(pk=row, lock=lock).update(lock=now)
