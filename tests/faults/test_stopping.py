"""What is asked to end has as long as the setting says, and no longer. (That a web process finishes
its requests in that time is in `test_stalled_clients.py`.)"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from findme.running.supervisor import Supervisor
from tests.workers import ROOT

SUPERVISOR = """
import sys
from findme.running.supervisor import Child, Supervisor
Supervisor([Child("child", sys.argv[1:])]).run()
"""
# Takes its time to end, and then says that it did.
CHILD = """
import pathlib, signal, sys, time
folder, seconds = pathlib.Path(sys.argv[1]), float(sys.argv[2])

def end(*args):
    time.sleep(seconds)
    (folder / "ended").touch()
    sys.exit()

signal.signal(signal.SIGTERM, end)
(folder / "begun").touch()
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("granted", "needed", "ended"), [("0.1", 8, False), ("", 0.2, True)], ids=["short", "usual"]
)
def test_who_is_asked_to_end_has_as_long_as_the_setting_says(tmp_path, granted, needed, ended):
    child = [sys.executable, "-c", CHILD, str(tmp_path), str(needed)]
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, *child],
        cwd=ROOT,
        env={**os.environ, "FINDME_STOP_SECONDS": granted},
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    assert process.wait(60) == 0
    assert (tmp_path / "ended").exists() is ended


def test_it_may_be_longer_than_usual(monkeypatch):
    assert Supervisor([]).grace_seconds == 10
    monkeypatch.setenv("FINDME_STOP_SECONDS", "45")
    assert Supervisor([]).grace_seconds == 45
