"""Rows of the desk: what the log of an event has still to say of photos that came."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class UploadNote(models.Model):
    """That a photo came, until the log of its event says so of many at once.

    A trigger writes it, `photos.intake.upload_log` reads it. Without foreign keys, as what a sweep
    forgets by itself; `user_id` is 0 where nobody is known to have sent it.
    """

    event_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"a photo of event {self.event_id} by user {self.user_id}"
