"""What children of the supervisor may be given, and how long they have to end."""

import os
import sys
import time

from findme.running.supervisor import Child, Supervisor


def test_a_child_may_be_nicer_than_we_are(tmp_path):
    told = tmp_path / "nice"
    code = f"import os; open({str(told)!r}, 'w').write(str(os.nice(0)))"
    child = Child("child", [sys.executable, "-c", code], nice=3)
    child.start(0)
    while not (told.exists() and told.read_text()):
        time.sleep(0.02)
    assert int(told.read_text()) == os.nice(0) + 3
    child.kill()


def test_the_grace_for_stopping_is_a_setting(monkeypatch):
    assert Supervisor([]).grace_seconds == 10
    monkeypatch.setenv("FINDME_STOP_SECONDS", "45")
    assert Supervisor([]).grace_seconds == 45
