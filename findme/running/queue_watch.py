"""Notices that the queue stands still, which django-q does not notice of itself.

A worker of django-q that is killed while idle (by the kernel, when memory is short) can take the
lock of the shared pipe with it: no other worker gets a job again, and the cluster looks alive.
"""

import logging
from dataclasses import dataclass, field
from typing import Protocol

from django.db import DatabaseError, InterfaceError
from django_q.conf import Conf

from findme.queue import guard, rows
from findme.queue.owner import owner, starter
from findme.queue.rows import Look

logger = logging.getLogger(__name__)

POLL_EVERY_SECONDS = 5.0
UNTAKEN_SECONDS = guard.UNTAKEN_SECONDS
MOST_PATIENCE = 16


@dataclass
class StallDetector:
    """Decides from looks at the queue whether our cluster moves.

    Movement is that the cluster holds other jobs than before, or that one of those it holds said
    that it goes on (`jobs.beat`). Due jobs that wait while nothing moves for `untaken_seconds`
    mean a stall. A stalled cluster may hold a few jobs too, so held ones do not excuse it; jobs
    that all take longer than that without a word would be killed wrongly, and ours take seconds or
    say something. Where every job is held, none waits: django-q ends a job at its time limit, so
    something must move within `held_seconds`, a little more than that. What other hosts' clusters
    take is no movement of ours.

    A cluster that replaced another gets twice the other's time: where starting takes longer than
    the limit, none would ever come to its first job. Movement brings the limit back.
    """

    untaken_seconds: float
    held_seconds: float
    _seen: Look | None = field(default=None, init=False)
    _moved_at: float = field(default=0.0, init=False)
    _waiting_since: float = field(default=0.0, init=False)
    _patience: int = field(default=1, init=False)

    def is_stalled(self, look: Look, at_seconds: float) -> bool:
        """`at_seconds` is a monotonic clock's; looks come in its order."""
        if self._seen is None:
            self._moved_at = self._waiting_since = at_seconds
        elif look.held != self._seen.held:
            self._moved_at, self._patience = at_seconds, 1
        if not look.waiting:
            self._waiting_since = at_seconds
        if not look.held:
            self._moved_at = max(self._moved_at, self._waiting_since)
        self._seen = look
        return at_seconds - self._began(look) >= self._limit(look) * self._patience

    def restart(self) -> None:
        """Begin to count anew: the cluster was replaced."""
        self._seen = None
        self._patience = min(self._patience * 2, MOST_PATIENCE)

    def _limit(self, look: Look) -> float:
        return self.untaken_seconds if look.waiting else self.held_seconds

    def _began(self, look: Look) -> float:
        return max(self._moved_at, self._waiting_since) if look.waiting else self._moved_at


class Cluster(Protocol):
    """As the supervisor knows it."""

    @property
    def pid(self) -> int | None: ...

    def replace(self) -> None: ...


@dataclass
class QueueWatcher:
    """Looks at the queue every few seconds, and has a stalled cluster replaced. What an ended
    cluster held it gives back at once.

    Called from the supervisor's loop; an unreachable database is logged and asked again.
    """

    cluster: Cluster
    detector: StallDetector
    every_seconds: float = POLL_EVERY_SECONDS
    _next_poll: float = field(default=0.0, init=False)
    _running: int | None = field(default=None, init=False)
    _ended: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        starter()  # before the cluster is started, which is to have the same
        self.every_seconds = min(self.every_seconds, self.detector.untaken_seconds / 4)

    def __call__(self, at_seconds: float) -> None:
        if self.cluster.pid != self._running:
            self._note_end()
            self._next_poll = at_seconds
        if at_seconds < self._next_poll:
            return
        self._next_poll = at_seconds + self.every_seconds
        try:
            self._give_back()
            self._poll(at_seconds)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("queue_watch_failed error=%s", str(error).strip())

    def end(self) -> None:
        """After the supervisor's: the cluster has ended, perhaps by force."""
        self._note_end()
        try:
            self._give_back()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("queue_watch_failed error=%s", str(error).strip())

    def _note_end(self) -> None:
        if self._running is not None:
            self._ended.add(self._running)
        self._running = self.cluster.pid

    def _give_back(self) -> None:
        """A job that still runs elsewhere may begin twice; jobs claim their domain rows, so the
        second finds nothing to do."""
        while self._ended:
            pid = next(iter(self._ended))
            if count := rows.give_back(owner(pid)):
                logger.warning("queue_jobs_returned jobs=%d: their cluster ended", count)
            self._ended.discard(pid)

    def _poll(self, at_seconds: float) -> None:
        if self._running is None:
            return
        look = rows.look(owner(self._running))
        if not self.detector.is_stalled(look, at_seconds):
            return
        logger.warning("queue_stalled held=%d: the worker is replaced", len(look.held))
        self.cluster.replace()
        self.detector.restart()


def new_detector() -> StallDetector:
    """With the limits in use: `FINDME_STALL_SECONDS`, and for held jobs their time limit more."""
    untaken = guard.untaken_seconds()
    return StallDetector(untaken, (Conf.TIMEOUT or 0) + untaken)
