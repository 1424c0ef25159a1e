"""django-q2's broker in the database, with an order, and with jobs that the dead give back."""

from __future__ import annotations

import time

from django_q.brokers.orm import ORM

from findme.queue import rows, working
from findme.queue.bell import Bell
from findme.queue.guard import Guard
from findme.queue.owner import owner

# Removed jobs stay in the index while any transaction might still see them; whoever takes goes on
# from the last, and looks from the beginning again after so long.
FROM_THE_BEGINNING_EVERY_SECONDS = 5.0


class GuestsFirstBroker(ORM):  # type: ignore[misc]
    """Sweeps, then guests' jobs, then the oldest (decision 25).

    Of one object, each of these is used by one process of a cluster only: `dequeue` by the one
    that hands jobs to workers, `acknowledge` by the one that hears of results, `set_stat` by the
    guard.
    """

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._bell = Bell()
        self._guard = Guard()
        self._from_id = 0
        self._began_at = 0.0
        self._held = (0, 0)

    def enqueue(self, task: str) -> int | None:
        return self.enqueue_all([task])

    def enqueue_all(self, tasks: list[str]) -> int | None:
        self.get_connection()  # outside a transaction, one that is known to be well
        return rows.add(self.list_key, tasks)

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next job, held by this cluster, or None after a moment."""
        if not self._bell.wait():
            return None
        now = time.monotonic()
        if now >= self._began_at + FROM_THE_BEGINNING_EVERY_SECONDS:
            self._from_id, self._began_at = 0, now
        job = rows.take(owner(), self._from_id)
        if job is None:
            self._found_nothing()
            return None
        if job.rank == rows.LAST_RANK:
            self._from_id = job.id
        self._hold(job.id)
        self._bell.found()
        return [(job.id, job.payload)]

    def delete(self, task_id: int) -> None:
        rows.remove(owner(), task_id)

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """The guard's heartbeat, several times a second. Nobody reads it where django-q would
        write it, with a dozen statements; ours looks after the jobs that the cluster holds."""
        self._guard.tick()

    def _found_nothing(self) -> None:
        if self._from_id:  # there may be one before
            self._from_id = 0
        else:
            self._bell.found_nothing()

    def _hold(self, job_id: int) -> None:
        """Between being taken and a worker's hands are this one and the one before."""
        self._held = (job_id, self._held[0])
        if working.board is not None:
            working.board.hand(*self._held)
