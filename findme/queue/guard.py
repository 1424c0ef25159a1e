"""What the guard of a cluster does for the jobs that its processes hold."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from multiprocessing.process import BaseProcess

from django.db import Error as DatabaseError

from findme.queue import rows, working
from findme.queue.board import Board
from findme.queue.owner import owner

logger = logging.getLogger(__name__)

KEEP_EVERY_SECONDS = 8.0
# So long may due jobs wait while a cluster does not move.
UNTAKEN_SECONDS = 60.0


def untaken_seconds() -> float:
    return float(os.environ.get("FINDME_STALL_SECONDS") or UNTAKEN_SECONDS)


class Guard:
    def __init__(self) -> None:
        # The watch is to hear several times within its limit that a long job goes on.
        self._every_seconds = min(KEEP_EVERY_SECONDS, untaken_seconds() / 4)
        self._kept_at = 0.0
        self._children: dict[int | None, BaseProcess] = {}
        self._gone: set[int] = set()  # on the board still, in the queue no more

    def tick(self) -> None:
        """Give back what killed processes held, and from time to time hold on to the rest.

        In the process of which all others of the cluster are children.
        """
        if working.board is None:
            return
        try:
            self._give_back(working.board)
            self._keep(working.board)
        except DatabaseError as error:
            logger.warning("queue_guard_failed error=%s", str(error).strip())

    def _give_back(self, board: Board) -> None:
        alive = {child.pid: child for child in multiprocessing.active_children()}
        self._children |= alive
        holdings = list(board.holdings())
        worked_on = {one.working for one in holdings if one.pid in alive}
        for dead in [one for one in holdings if one.pid not in alive]:
            child = self._children.get(dead.pid)
            # Who ended by itself has handed on what it had: so it is when a cluster stops.
            lost = [] if child and child.exitcode == 0 else sorted(dead.jobs - worked_on)
            if lost and (count := rows.give_back(owner(), lost)):
                logger.warning("queue_jobs_returned jobs=%d: their process died", count)
            board.clear(dead.place)
        self._children = dict(alive)

    def _keep(self, board: Board) -> None:
        now = time.monotonic()
        if now < self._kept_at + self._every_seconds:
            return
        held: dict[int, bool] = {}
        for one in board.holdings():
            for job in one.jobs:  # while it is handed on, of two
                held[job] = held.get(job, False) or one.said_at > self._kept_at
        # What was given back may have been taken again since, under the same id.
        self._gone &= {job for job, anew in held.items() if not anew}
        asked = {job: anew for job, anew in held.items() if job not in self._gone}
        if asked:
            self._gone |= asked.keys() - rows.keep(owner(), asked)
        self._kept_at = now
