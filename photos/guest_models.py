"""Rows of what guests do with photos: mark them, ask that they be not shown, take them home."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from photos.querysets import FavouriteQuerySet, HideRequestQuerySet


class Favourite(models.Model):
    """A photo that a guest wants to find again. Nobody else sees it, but what hosts mark is
    exported by organizers, as the album's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites"
    )
    photo = models.ForeignKey("photos.Photo", on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [
            models.UniqueConstraint(fields=["user", "photo"], name="favourite_once"),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id}, favourite of user {self.user_id}"


class HideRequest(models.Model):
    """That somebody does not want a photo shown, and what the organizer decided."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        HIDDEN = "hidden", _("hidden")
        SHOWN = "shown", _("stays visible")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="hide_requests")
    photo = models.ForeignKey(
        "photos.Photo", on_delete=models.CASCADE, related_name="hide_requests"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hide_requests"
    )
    words = models.TextField(_("words"), max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    # It was hidden because of this, before anybody decided.
    hid_at_once = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects = HideRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to hide a photo")
        verbose_name_plural = _("requests to hide photos")
        constraints = [
            models.UniqueConstraint(fields=["user", "photo"], name="hide_request_once"),
        ]
        indexes = [
            # What the desk has to answer.
            models.Index(fields=["event", "state"], name="hide_request_event_state"),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id} not to be shown: {self.state}"


class Download(models.Model):
    """That photos of an event were taken home: how many, in which size."""

    class Size(models.TextChoices):
        WEB = "web", _("web size")
        ORIGINAL = "original", _("original size")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="photo_downloads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="downloads"
    )
    photos = models.PositiveIntegerField()
    size = models.CharField(max_length=10, choices=Size)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(photos__gte=1), name="download_of_some_photos"
            ),
        ]
        indexes = [
            # The desk's figures of an event.
            models.Index(fields=["event", "created_at"], name="download_event_time"),
        ]

    def __str__(self) -> str:
        return f"{self.photos} photos of event {self.event_id}, {self.size}"
