"""To do something alone, among any number of processes on any number of hosts, without holding
anything of the database meanwhile."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Now

from faces.errors import IndexUnavailable
from faces.working import heartbeat
from faces.working.models import GONE_AFTER, Lease

logger = logging.getLogger(__name__)

# Long work under a lease is cut (`SLICE_SECONDS`): who waits longer is told to come again.
SLICE_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 30.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.3
# One statement: of all who try, one gets it.
TAKE = """
    INSERT INTO faces_lease AS lease (name, attempt_id, alive_at)
    VALUES (%s, %s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE
       SET attempt_id = EXCLUDED.attempt_id, alive_at = EXCLUDED.alive_at
     WHERE lease.alive_at < clock_timestamp() - %s * interval '1 second'
    RETURNING name
"""


@dataclass(frozen=True)
class Held:
    """A lease of this process, until it is given back, or counts as abandoned."""

    name: str
    attempt_id: uuid.UUID

    def still_is(self) -> bool:
        """Whether nobody else has it by now. In a transaction: nobody will before its end."""
        row = Lease.objects.filter(pk=self.name, attempt_id=self.attempt_id).select_for_update()
        return row.first() is not None

    def demand(self) -> None:
        """Raises `IndexUnavailable` unless `still_is`."""
        if not self.still_is():
            logger.warning("lease_lost lease=%s", self.name)
            raise IndexUnavailable(f"another has {self.name}")

    def refresh(self) -> None:
        Lease.objects.filter(pk=self.name, attempt_id=self.attempt_id).update(alive_at=Now())

    def give_back(self) -> None:
        Lease.objects.filter(pk=self.name, attempt_id=self.attempt_id).delete()


@contextmanager
def if_free(name: str) -> Iterator[Held | None]:
    """Have it inside, or None where another has it. Outside transactions: others must see it.

    Who had it before may have done the work: look again what is left to do.
    """
    held = _take(name)
    if held is None:
        yield None
        return
    try:
        with heartbeat.kept_up(held.refresh):
            yield held
    finally:
        held.give_back()


@contextmanager
def when_free(name: str) -> Iterator[Held]:
    """Have it inside, after whoever has it now. Raises `IndexUnavailable` where that takes long."""
    deadline, pause = time.monotonic() + LONGEST_WAIT_SECONDS, FIRST_PAUSE_SECONDS
    while True:
        with if_free(name) as held:
            if held is not None:
                yield held
                return
        if time.monotonic() > deadline:
            raise IndexUnavailable(f"others work at {name}")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def sweep() -> None:
    """Drop what nobody will give back. Whoever wants one of them takes it without that."""
    Lease.objects.abandoned().delete()


def _take(name: str) -> Held | None:
    held = Held(name, uuid.uuid4())
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [name, held.attempt_id, GONE_AFTER.total_seconds()])
        return held if cursor.fetchone() else None
