"""What a cluster is called in the rows of its jobs: by whom it was started, and its process."""

from __future__ import annotations

import os
import uuid

# Handed down from the supervisor. Not the host's name: containers may share it, and their pids.
_VARIABLE = "_FINDME_STARTED_BY"


def starter() -> str:
    """Of this process, and of those that it starts from now on."""
    return os.environ.setdefault(_VARIABLE, uuid.uuid4().hex)


def owner(pid: int | None = None) -> str:
    """Of the cluster whose first process this is; without one, of the cluster that we are in."""
    return f"{starter()}-{pid or os.getpgrp()}"
