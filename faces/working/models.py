"""Rows of what a process has taken on alone."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

# Whose claim has had no sign of life for so long is gone. One is given every few seconds
# (`faces.working.heartbeat`), and a busy machine may miss some.
GONE_AFTER = timedelta(seconds=20)


class LeaseQuerySet(models.QuerySet["Lease"]):
    def abandoned(self) -> LeaseQuerySet:
        """Of processes that are gone."""
        return self.filter(alive_at__lt=Now() - GONE_AFTER)


class Lease(models.Model):
    """That one process alone does what is named, such as to ask a service about a selfie.

    What an advisory lock of the session would be, without a session: nothing of the database is
    held while somebody else is asked.
    """

    name = models.CharField(max_length=120, primary_key=True)
    attempt_id = models.UUIDField()
    alive_at = models.DateTimeField(db_default=Now())

    objects = LeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
