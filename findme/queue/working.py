"""What a job's process says of itself while it works. Elsewhere all of this does nothing."""

from __future__ import annotations

import multiprocessing
import signal
import time
from typing import Any

from django_q.conf import Conf
from django_q.signals import post_execute_in_worker, pre_execute

from findme.queue.board import Board

# django-q's guard gives a worker so many seconds more than the worker gives the job.
_GUARDS_PATIENCE_SECONDS = 3
_BEAT_EVERY_SECONDS = 1.0

board: Board | None = None
_beaten_at = 0.0


def begin() -> None:
    """Before a cluster's processes are forked."""
    global board
    board = Board()
    pre_execute.connect(_started)
    post_execute_in_worker.connect(_ended)


def beat() -> None:
    """The job goes on: its time begins anew, for django-q, for the queue and for its watch."""
    global _beaten_at
    now = time.monotonic()
    if board is None or now < _beaten_at + _BEAT_EVERY_SECONDS or not board.beat():
        return
    _beaten_at = now
    timer: Any = getattr(multiprocessing.current_process(), "timer", None)
    if timer is not None and Conf.TIMEOUT:
        signal.alarm(Conf.TIMEOUT)
        timer.value = Conf.TIMEOUT + _GUARDS_PATIENCE_SECONDS


def _started(task: dict[str, Any], **kwargs: Any) -> None:
    if board is not None:
        board.work(task.get("ack_id") or 0)


def _ended(**kwargs: Any) -> None:
    if board is not None:
        board.work(0)
