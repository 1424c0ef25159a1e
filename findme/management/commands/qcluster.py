"""django-q's own command: its processes are forked, end with their parent, and commit sooner."""

import multiprocessing
import os
from typing import Any

from django.db.backends.signals import connection_created
from django_q.management.commands.qcluster import Command as QCluster

from findme.queue import working
from findme.queue.owner import starter
from findme.running.connections import commit_without_waiting
from findme.running.supervisor import die_with_parent


class Command(QCluster):  # type: ignore[misc]
    help = "Works through the queue, unsupervised. Use `worker`: it replaces a cluster that hangs."

    def handle(self, *args: Any, **options: Any) -> None:
        # From Python 3.14 on another start method is the default, and it would have to pickle
        # what django-q hands to its children.
        multiprocessing.set_start_method("fork", force=True)
        # The cluster's guard and workers end with the process that started them, however it ended.
        os.register_at_fork(after_in_child=die_with_parent)
        connection_created.connect(commit_without_waiting)
        starter()
        working.begin()
        super().handle(*args, **options)
