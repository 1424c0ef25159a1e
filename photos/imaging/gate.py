"""One large picture of somebody else's is decoded at a time in a web process.

A small file may hold many pixels: eight of 168 kB took 4.6 GB and every thread for 80 seconds.
Workers decode one picture each as it is, and never wait here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from findme.refusals import Later

logger = logging.getLogger(__name__)

WAIT_SECONDS = 10.0

# Who is in may come again: a check decodes a picture whose header was looked at inside.
_gate = threading.RLock()


class BusyLooking(Later):
    """Others' pictures were decoded all the while that this one could wait."""

    seconds = 10

    def __init__(self) -> None:
        super().__init__("busy_looking")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for what other threads decode, for a while. Raises `BusyLooking`."""
    if not _gate.acquire(timeout=WAIT_SECONDS):
        logger.warning("picture_put_off code=busy_looking")
        raise BusyLooking
    try:
        yield
    finally:
        _gate.release()
