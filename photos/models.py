"""Rows of photos, and of how they come: covers, direct uploads, what changed in galleries."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from photos.desk_models import Camera, ClockShift, Section, UploadBatch, UploadNote
from photos.guest_models import Download, Favourite, HideRequest
from photos.querysets import DirectUploadQuerySet, PhotoManager, PhotoQuerySet
from photos.store.models import (
    OriginalPiece,
    StoredAs,
    StoredObjectRemoval,
    StoredPictures,
    bytes_where_the_row_says,
)
from photos.turn_models import ArchiveTurn

# Django finds an app's models in this module, wherever they are defined.
__all__ = [
    "ArchiveTurn",
    "Camera",
    "ClockShift",
    "Cover",
    "DirectUpload",
    "Download",
    "Favourite",
    "GalleryChange",
    "HideRequest",
    "OriginalPiece",
    "Photo",
    "Section",
    "StoredObjectRemoval",
    "UploadBatch",
    "UploadNote",
]

PHOTO_KINDS = {
    "original": StoredAs("", "original"),
    "preview": StoredAs("preview_data", "preview.jpg"),
    "medium": StoredAs("medium_data", "medium.webp"),
    "thumbnail": StoredAs("thumbnail_data", "thumbnail.webp"),
}


class Photo(StoredPictures):
    """One accepted picture of an event.

    Where the database is the store, the original is in another table, and smaller pictures in
    binary columns that the default manager defers: `photos.store.reading` reads one where meant.
    """

    kinds = PHOTO_KINDS
    folder_parent = "photos"
    progress_fields = ("status",)

    class Status(models.TextChoices):
        PROCESSING = "processing", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    class Moderation(models.TextChoices):
        """Where a guest's upload stands. One that waits or was turned down is hidden as well."""

        NONE = "", "–"
        PENDING = "pending", _("waits for approval")
        REJECTED = "rejected", _("rejected")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="photos")
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="uploaded_photos",
    )
    sha256 = models.CharField(max_length=64, editable=False)
    # What ZIP archives say of the original; learnt beside the hash, or when one is first made.
    crc32 = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=40, editable=False)
    byte_size = models.PositiveBigIntegerField(_("size"), editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    # Else `taken_at` is when it arrived: it gives the photo a place, and is told to nobody.
    has_capture_time = models.BooleanField(default=True, editable=False)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.PROCESSING, editable=False
    )
    failure_code = models.CharField(_("reason"), max_length=40, blank=True, editable=False)
    hidden = models.BooleanField(_("hidden from guests"), default=False)
    moderation = models.CharField(
        _("guest upload"), max_length=10, choices=Moderation, blank=True, editable=False
    )
    blurhash = models.CharField(max_length=64, blank=True, editable=False)
    # Until it is published only those see it who see all of the event: `Membership.Role.HOST`.
    published = models.BooleanField(_("published"), default=True, editable=False)
    # Guests see it also where they see only their own photos besides.
    highlight = models.BooleanField(_("highlight"), default=False, editable=False)
    section = models.ForeignKey(
        Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    # For the desk only: it names a device, and so whose it is.
    camera = models.ForeignKey(
        Camera, on_delete=models.SET_NULL, null=True, editable=False, related_name="photos"
    )
    # Since when it is in the bin, and whether it was hidden before; in the bin all are.
    binned_at = models.DateTimeField(null=True, editable=False)
    binned_hidden = models.BooleanField(default=False, editable=False)

    # Bytes of what guests download, so that the length of an archive is known before it is made.
    # `stripped_size` is 0 where the original cannot be stripped: guests then get the web size.
    preview_size = models.PositiveBigIntegerField(null=True, editable=False)
    stripped_size = models.PositiveBigIntegerField(null=True, editable=False)

    preview_data = models.BinaryField(null=True, editable=False)
    medium_data = models.BinaryField(null=True, editable=False)
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
            models.CheckConstraint(
                condition=bytes_where_the_row_says(PHOTO_KINDS),
                name="photo_bytes_where_the_row_says",
            ),
            models.CheckConstraint(
                condition=models.Q(binned_at=None) | models.Q(hidden=True),
                name="photo_in_bin_is_hidden",
            ),
            models.UniqueConstraint(
                fields=["folder"], condition=models.Q(store="s3"), name="photo_folder_once"
            ),
        ]
        indexes = [
            # A gallery's keyset page, newest first.
            models.Index(
                "event",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                include=["published", "highlight"],
                condition=models.Q(status="ready", hidden=False),
                name="photo_gallery",
            ),
            # General, narrowed to one photographer.
            models.Index(
                "event",
                "uploader",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                include=["published", "highlight"],
                condition=models.Q(status="ready", hidden=False),
                name="photo_gallery_of_uploader",
            ),
            # The same where guests see the highlights alone: a few of many.
            models.Index(
                "event",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                condition=models.Q(status="ready", hidden=False, published=True, highlight=True),
                name="photo_highlights",
            ),
            # What waits to be published.
            models.Index(
                fields=["event"], condition=models.Q(published=False), name="photo_unpublished"
            ),
            # General, narrowed to one section.
            models.Index(
                "section",
                models.F("taken_at").desc(),
                models.F("id").desc(),
                condition=models.Q(status="ready", hidden=False, section__isnull=False),
                name="photo_gallery_of_section",
            ),
            # The desk's bin.
            models.Index(
                fields=["event", "binned_at"],
                condition=models.Q(binned_at__isnull=False),
                name="photo_bin",
            ),
            # Guests' photos to approve: how many, the oldest first.
            models.Index(
                fields=["event", "uploaded_at"],
                condition=models.Q(moderation="pending"),
                name="photo_to_approve",
            ),
            # The desk's counts by status.
            models.Index(fields=["event", "status"], name="photo_event_status"),
            # A guest's own uploads, and how many they are.
            models.Index(
                fields=["uploader", "event"],
                condition=models.Q(uploader__isnull=False),
                name="photo_uploader",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("photo", args=[self.event.slug, self.pk])

    @property
    def is_visible(self) -> bool:
        return self.status == self.Status.READY and not self.hidden

    def is_moderated_upload_of(self, user_id: int | None) -> bool:
        """Whether a guest has added it, and may see it while it waits or is rejected."""
        return self.moderation != self.Moderation.NONE and self.uploader_id == user_id

    @classmethod
    def with_pictures(cls, event_id: int | None = None) -> models.QuerySet[Any]:
        return cls.objects.all() if event_id is None else cls.objects.filter(event_id=event_id)

    def folder_parents(self) -> tuple[object, ...]:
        return self.folder_parent, self.event_id

    def expected_kinds(self) -> Collection[str]:
        return self.kinds if self.status == self.Status.READY else ("original",)

    def sha256_of(self, kind: str) -> str | None:
        return self.sha256 if kind == "original" else None


class Cover(models.Model):
    """The photo an organizer chose to stand for the event. Without one, FindMe does."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="cover")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="covers")

    class Meta:
        verbose_name = _("cover photo")
        verbose_name_plural = _("cover photos")

    def __str__(self) -> str:
        return f"photo {self.photo_id} for event {self.event_id}"


class DirectUpload(models.Model):
    """An original that an organizer's browser sends to the bucket by itself, in parts.

    No photo exists before the object was looked at. One never finished is a `StoredObjectRemoval`.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        KNOWN = "known", _("already there")
        REFUSED = "refused", _("refused")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="direct_uploads")
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="direct_uploads"
    )
    folder = models.CharField(max_length=100, unique=True)
    upload_id = models.CharField(max_length=1024)
    name = models.CharField(max_length=255)
    # The browser declares these two, and a `sha256` only where it computed one.
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    # What the file's folder is called, where folders become sections.
    section = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Empty until the object was looked at.
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = DirectUploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome="refused") | ~models.Q(code=""),
                name="direct_upload_refused_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"direct upload {self.pk}: {self.outcome or 'pending'}"


class GalleryChange(models.Model):
    """That something changed in what guests see.

    Written by triggers, read by `photos.gallery.versions`.
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
