"""`manage.py worker`: the queue's workers, kept running."""

import os
import signal
import sys
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand

from findme import jobs
from findme.env import ROOT
from findme.running.queue_watch import QueueWatcher, new_detector
from findme.running.supervisor import Child, Supervisor


def cluster(*, nice: int = 0) -> Child:
    """django-q's cluster. Without a supervisor it ends at once: unfinished jobs are safe."""
    command = [sys.executable, str(ROOT / "manage.py"), "qcluster"]
    return Child("worker", command, orphan_signal=signal.SIGKILL, nice=nice)


class Command(BaseCommand):
    help = "Works through the queue: finds faces, enrolls guests, sweeps. Restarts what hangs."

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(tags=[Tags.database], databases=["default"])
        jobs.ensure_schedules()
        child = cluster(nice=int(os.environ.get("WORKER_NICE") or 0))
        watch = QueueWatcher(child, new_detector())
        Supervisor([child], [watch]).run()
        watch.end()
