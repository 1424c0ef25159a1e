"""Ending a command that waits, at its next convenient moment."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Whether SIGINT or SIGTERM came, and a wait that they end. In the main thread only.

    Not a `threading.Event`: a handler runs in the main thread, also while that holds the event's
    lock within `wait`, and would wait for the lock for ever. And not the handler alone ends a
    wait: Python runs it between two instructions, so not before a system call that has just begun.
    """

    def __init__(self) -> None:
        self._came = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)

    def listen(self, *numbers: int) -> None:
        """From now on these signals (SIGINT and SIGTERM) no longer end the process."""
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in numbers or STOP_SIGNALS:
            signal.signal(number, self._note)

    def came(self) -> bool:
        return self._came

    def wait(self, seconds: float) -> bool:
        """Until a signal comes, or for so long. Returns whether one came."""
        if not self._came:
            readable, _, _ = select.select([self._reading], [], [], seconds)
            if readable:  # by any signal that has a handler: the next wait must not end for it
                os.read(self._reading, 4096)
        return self._came

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came = True
