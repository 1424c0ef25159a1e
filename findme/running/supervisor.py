"""Keeps child processes running, and leaves none behind.

Every child leads a process group of its own. That is what makes an end certain: django-q's own
children are in the group too, and a group can be killed when its leader no longer
answers (django-q hangs on SIGTERM after an idle worker of it was killed).

The supervisor itself may be killed. Linux then signals each direct child (`die_with_parent`), and
`manage.py qcluster` passes the same rule on to its own.
Elsewhere the children of a killed supervisor live on until they are stopped by hand.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
# How long children may take to end, before they are made to: `FINDME_STOP_SECONDS`.
GRACE_SECONDS = 10.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The number is that of Linux's <linux/prctl.h>.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Ask Linux to send this process a signal when its parent ends; elsewhere do nothing.

    `parent` is who it was before the fork: it may have ended before we could ask.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, number)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), number)


def give_way(nice: int) -> None:
    """Let others go first, as far as the processor is short; an idle machine is as fast as ever.

    Where the kernel groups processes by session, as Linux on desktops does, and each of ours has a
    session of its own, the group's niceness counts.
    """
    os.nice(nice)
    with suppress(OSError):
        group = os.open("/proc/self/autogroup", os.O_WRONLY)
        os.write(group, str(nice).encode())
        os.close(group)


def grace_seconds() -> float:
    return float(os.environ.get("FINDME_STOP_SECONDS") or GRACE_SECONDS)


def adopt_orphans() -> None:
    """Make grandchildren whose parent ended ours, so that they can be waited for.

    Without it they go to process 1, which in a container may be a program that never does.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


@dataclass
class Backoff:
    """How long to wait before the next start; short again after a long enough run."""

    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    settled_after_seconds: float = 60.0
    _next: float = field(default=0.0, init=False)

    def after(self, uptime_seconds: float) -> float:
        if uptime_seconds >= self.settled_after_seconds:
            self._next = 0.0
        delay = self._next or self.first_seconds
        self._next = min(delay * 2, self.longest_seconds)
        return delay


class Child:
    """One process that should always be running, with everything it starts.

    `orphan_signal` is what it gets if the supervisor is killed; `keeps_files` are open files of
    ours that it finds under the same numbers; it is `nice` to others by so much.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        orphan_signal: int = signal.SIGTERM,
        backoff: Backoff | None = None,
        keeps_files: Sequence[int] = (),
        nice: int = 0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.orphan_signal = orphan_signal
        self.backoff = backoff or Backoff()
        self.keeps_files = tuple(keeps_files)
        self.nice = nice
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at: float | None = None
        self._killed_groups: set[int] = set()
        self._is_replaced = False

    @property
    def pid(self) -> int | None:
        """The group's number as well; None while it is not running."""
        return self._process.pid if self._process else None

    def start(self, now: float) -> None:
        supervisor = os.getpid()
        self._process = subprocess.Popen(
            self.command,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            pass_fds=self.keeps_files,
            preexec_fn=lambda: self._prepare(supervisor),
        )
        self._started_at = now
        self._start_at = None

    def _prepare(self, supervisor: int) -> None:
        """In the new process. Safe beside threads of libraries: takes no lock, imports nothing."""
        die_with_parent(self.orphan_signal, supervisor)
        if self.nice:
            give_way(self.nice)

    def tick(self, now: float) -> None:
        """Notice an end, start again when the back-off is over."""
        self._killed_groups = {group for group in self._killed_groups if _reap(group)}
        if self._process and self._process.poll() is not None:
            self._ended(now, self._process.returncode)
        if self._start_at is not None and now >= self._start_at:
            self.restarts += 1
            self.start(now)

    def kill(self) -> None:
        """End the whole group at once; the next tick begins the restart."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def replace(self) -> None:
        """End it for another, which starts at once: it is no failure of the start.

        Whoever replaces has to be patient; a back-off would only eat up the patience.
        """
        self._is_replaced = True
        self.kill()

    def ask_to_end(self) -> None:
        """Tell the process itself, which tells its own in its order.

        Not the group: django-q's main process waits for ever to wake a guard that has died of the
        same signal.
        """
        if self._process:
            self._process.terminate()

    def is_gone(self) -> bool:
        """Whether neither the process nor anything of its group is left."""
        if self._process is None:
            return True
        if self._process.poll() is None:
            return False
        return not _reap(self._process.pid)

    def _ended(self, now: float, code: int) -> None:
        delay = 0.0 if self._is_replaced else self.backoff.after(now - self._started_at)
        self._is_replaced = False
        logger.warning("child_ended name=%s code=%d restart_in=%.1f", self.name, code, delay)
        # What the dead leader left behind would work beside the new one.
        self.kill()
        if self._process:
            self._killed_groups.add(self._process.pid)
        self._process = None
        self._start_at = now + delay


@dataclass
class Supervisor:
    """Runs children until it is told to stop, and calls `watchers` in between.

    `on_stop` is called before the children are asked to end.
    """

    children: Sequence[Child]
    watchers: Sequence[Callable[[float], None]] = ()
    grace_seconds: float = field(default_factory=grace_seconds)
    on_stop: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.monotonic
    _stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Returns after SIGINT or SIGTERM, when no process of any child is left."""
        adopt_orphans()
        before = {number: signal.signal(number, self._stop) for number in STOP_SIGNALS}
        try:
            for child in self.children:
                child.start(self.clock())
            while not self._stopping:
                self._tick()
                time.sleep(TICK_SECONDS)
        finally:
            self._end_children()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _tick(self) -> None:
        for part in (*(child.tick for child in self.children), *self.watchers):
            if not self._stopping:
                part(self.clock())

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _end_children(self) -> None:
        """Ask all to end, wait, then make them."""
        self.on_stop()
        for child in self.children:
            child.ask_to_end()
        if self._wait(self.grace_seconds):
            return
        for child in self.children:
            if not child.is_gone():
                logger.warning("child_killed name=%s", child.name)
                child.kill()
        self._wait(GRACE_SECONDS)

    def _wait(self, seconds: float) -> bool:
        """Whether all groups are gone within the time."""
        deadline = time.monotonic() + seconds
        while not all(child.is_gone() for child in self.children):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _reap(group: int) -> bool:
    """Collect ended members of a group; True while any is left.

    Only after the leader was collected: its exit code belongs to `Popen`.
    """
    with suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # macOS says so of a group of which only ended processes are left
    return True
