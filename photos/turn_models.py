"""Who waits for the server to make an archive."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ArchiveTurnQuerySet(models.QuerySet["ArchiveTurn"]):
    def waiting(self) -> ArchiveTurnQuerySet:
        """Of those whose pages asked a moment ago."""
        return self.filter(waits_until__gt=Now())


class ArchiveTurn(models.Model):
    """A place in the line before the server's archives: whoever has a smaller key came earlier.

    It says neither who waits nor for what. The page that waits asks for both in its address, signed
    for its guest, and by that puts off `waits_until`: who has gone keeps up nobody.
    """

    waits_until = models.DateTimeField()

    objects = ArchiveTurnQuerySet.as_manager()

    def __str__(self) -> str:
        return f"turn {self.pk}"
