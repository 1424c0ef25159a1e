"""The pictures."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from photos.querysets import PhotoManager, PhotoQuerySet


class Photo(models.Model):
    """One accepted picture of an event.

    The three binary columns are deferred by the default manager: a gallery page must never load
    them. `photos.media.read` reads one where it is meant.
    """

    class Status(models.TextChoices):
        PROCESSING = "processing", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="photos")
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="uploaded_photos",
    )
    sha256 = models.CharField(max_length=64, editable=False)
    name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=40, editable=False)
    byte_size = models.PositiveBigIntegerField(_("size"), editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.PROCESSING, editable=False
    )
    failure_code = models.CharField(_("reason"), max_length=40, blank=True, editable=False)
    hidden = models.BooleanField(_("hidden from guests"), default=False)
    blurhash = models.CharField(max_length=64, blank=True, editable=False)

    photo_data = models.BinaryField(null=True, editable=False)
    preview_data = models.BinaryField(null=True, editable=False)
    thumbnail_data = models.BinaryField(null=True, editable=False)

    objects = PhotoManager.from_queryset(PhotoQuerySet)()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        # `photo.refresh_from_db()` and relations go through the deferring manager too.
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["event", "sha256"], name="photo_once_per_event"),
            models.CheckConstraint(
                condition=~models.Q(status="failed") | ~models.Q(failure_code=""),
                name="photo_failed_has_a_reason",
            ),
        ]
        indexes = [
            # A gallery's keyset page, newest first.
            models.Index(
                "event",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                condition=models.Q(status="ready", hidden=False),
                name="photo_gallery",
            ),
            # General, narrowed to one photographer.
            models.Index(
                "event",
                "uploader",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                condition=models.Q(status="ready", hidden=False),
                name="photo_gallery_of_uploader",
            ),
            # The desk's counts by status.
            models.Index(fields=["event", "status"], name="photo_event_status"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("photo", args=[self.event.slug, self.pk])

    @property
    def is_visible(self) -> bool:
        return self.status == self.Status.READY and not self.hidden


class GalleryChange(models.Model):
    """That something changed in what guests see: written by triggers, read by `photos.changes`.

    Without foreign keys: deleting an event deletes its photos, which writes rows about it.
    """

    event_id = models.BigIntegerField()
    user_id = models.BigIntegerField(default=0)
    token = models.BigIntegerField()

    class Meta:
        indexes = [
            # A gallery's version, from the index alone.
            models.Index(fields=["event_id", "user_id"], include=["token"], name="gallery_version"),
        ]

    def __str__(self) -> str:
        return f"change in event {self.event_id} for user {self.user_id}"
