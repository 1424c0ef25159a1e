"""Rows of the desk: sections, cameras, how clocks were set, what was sent of an upload, and what
the log has still to say of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import Event


class Section(models.Model):
    """A part of an event by which its photos are put in order, such as the ceremony."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sections")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="section_once_per_event"),
        ]

    def __str__(self) -> str:
        return self.name


class Camera(models.Model):
    """A device that took photos of an event, as their notes name it. The desk alone sees it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="cameras")
    make = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "make", "model", "serial"], name="camera_once_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"camera {self.pk} of event {self.event_id}"

    @property
    def label(self) -> str:
        """Make and model, the make once: many cameras begin the one with the other."""
        first, _, _ = self.make.partition(" ")
        if first and self.model.casefold().startswith(first.casefold()):
            return self.model
        return f"{self.make} {self.model}".strip() or gettext("Unnamed camera")


class ClockShift(models.Model):
    """That photos were taken so many seconds later than their camera said, and whose they were."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="clock_shifts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    seconds = models.IntegerField()
    photo_ids = ArrayField(models.BigIntegerField())
    shifted_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-shifted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(seconds=0), name="clock_shift_by_some_seconds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s for event {self.event_id}"


class UploadBatch(models.Model):
    """What a browser began to send, and which of it is missing. It remembers for whoever closed the
    page too early, and goes when nothing is missing."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="upload_batches")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="upload_batches"
    )
    files = models.PositiveIntegerField()
    # By `photos.intake.batches.fingerprint`: no names of files.
    missing = ArrayField(models.BigIntegerField())
    begun_at = models.DateTimeField(default=timezone.now)
    # When its page last gave a sign of life.
    heard_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(missing=[]), name="upload_batch_misses_some_files"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.files} files for event {self.event_id}"


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
