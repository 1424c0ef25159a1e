"""django-q's own command: its processes are forked, end with their parent, and commit sooner."""

import multiprocessing
import os
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django_q.management.commands.qcluster import Command as QCluster

from findme.queue import working
from findme.queue.bell import is_pooled
from findme.queue.owner import starter
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


def commit_without_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Workers need not wait for the disk at each commit.

    If the database server itself crashes, the last instant of their work is undone, the removal
    of the job included: it is done again. What people were told is kept (an accepted photo, a
    withdrawal) is committed by other processes, which do wait. Behind a pooler the session is
    theirs too, a moment later.
    """
    if is_pooled(connection.connection):
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
