"""Waiting until a signal comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from findme.running.stop_signals import STOP_SIGNALS, StopSignals

# A signal at every possible moment of a wait, from before it to after it, a thousand times.
AT_ANY_MOMENT = """
import os, random, signal
from findme.running.stop_signals import StopSignals

for _ in range(1000):
    stop = StopSignals()
    stop.listen(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 1e-4))
    assert stop.wait(30)
    os.close(stop._reading), os.close(stop._writing)
"""


@pytest.fixture
def stop():
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    stop = StopSignals()
    stop.listen()
    yield stop
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_wait_without_a_signal_takes_its_time(stop):
    started = time.monotonic()
    assert not stop.wait(0.05)
    assert time.monotonic() - started >= 0.05
    assert not stop.came()


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_this_wait_and_every_later_one(stop, number):
    os.kill(os.getpid(), number)
    assert stop.wait(30)
    assert stop.came()
    assert stop.wait(30)


def test_a_signal_within_a_wait_never_blocks_it():
    subprocess.run([sys.executable, "-c", AT_ANY_MOMENT], check=True, timeout=60)
