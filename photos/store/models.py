"""The store's own rows: what is to be removed from the bucket."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class RemovalQuerySet(models.QuerySet["StoredObjectRemoval"]):
    def due(self) -> Self:
        return self.filter(available_at__lte=timezone.now())


class StoredObjectRemoval(models.Model):
    """A folder of the bucket to empty, unless by then a row holds it.

    Added by a trigger with the transaction that deletes a row or takes it out of its folder, and
    ahead of everything that is brought to the bucket, for the case that no row ever refers to it.
    """

    folder = models.CharField(max_length=100)
    # Names an upload in parts into the folder, which is aborted if it was never completed.
    # (The database has defaults because the triggers name the folder only.)
    upload_id = models.CharField(max_length=1024, blank=True, default="", db_default="")
    available_at = models.DateTimeField(default=timezone.now, db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    failure_code = models.CharField(max_length=40, blank=True, default="", db_default="")

    objects = RemovalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["available_at"], name="removal_due")]

    def __str__(self) -> str:
        return f"removal {self.pk} of {self.folder}"
