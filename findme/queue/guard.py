"""What the guard of a cluster does for the jobs that its processes hold."""

from __future__ import annotations

import logging
import multiprocessing
import time

from django.db import Error as DatabaseError

from findme.queue import rows, working
from findme.queue.board import Board
from findme.queue.owner import owner

logger = logging.getLogger(__name__)

KEEP_EVERY_SECONDS = 8.0


class Guard:
    def __init__(self) -> None:
        self._kept_at = 0.0
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
        alive = {child.pid for child in multiprocessing.active_children()}
        holdings = list(board.holdings())
        goes_on = {job for one in holdings if one.pid in alive for job in one.jobs}
        for dead in [one for one in holdings if one.pid not in alive]:
            lost = [job for job in dead.jobs if job not in goes_on]
            if lost and (count := rows.give_back(owner(), lost)):
                logger.warning("queue_jobs_returned jobs=%d: their process died", count)
            board.clear(dead.pid)

    def _keep(self, board: Board) -> None:
        now = time.monotonic()
        if now < self._kept_at + KEEP_EVERY_SECONDS:
            return
        held: dict[int, bool] = {}
        for one in board.holdings():
            for job in one.jobs:  # while it is handed on, of two
                held[job] = held.get(job, False) or one.beat_at > self._kept_at
        self._gone &= held.keys()
        asked = {job: beaten for job, beaten in held.items() if job not in self._gone}
        if asked:
            self._gone |= asked.keys() - rows.keep(owner(), asked)
        self._kept_at = now
