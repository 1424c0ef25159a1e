"""Every reusable read of photos. None loads a binary column unless it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from events.models import Event
    from photos.models import Favourite, Photo  # noqa: F401 (used in quotes)

BINARY_COLUMNS = ("photo_data", "preview_data", "thumbnail_data")


class PhotoQuerySet(models.QuerySet["Photo"]):
    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def visible(self) -> Self:
        """What guests may see. The condition is the partial index's."""
        return self.filter(status="ready", hidden=False)

    def newest_first(self) -> Self:
        return self.order_by("-taken_at", "-id")

    def before(self, taken_at: datetime, photo_id: int) -> Self:
        """Photos that follow a gallery position. The redundant `lte` makes an index condition."""
        return self.filter(taken_at__lte=taken_at).filter(
            models.Q(taken_at__lt=taken_at) | models.Q(taken_at=taken_at, id__lt=photo_id)
        )

    def after(self, taken_at: datetime, photo_id: int) -> Self:
        """Photos that precede a gallery position."""
        return self.filter(taken_at__gte=taken_at).filter(
            models.Q(taken_at__gt=taken_at) | models.Q(taken_at=taken_at, id__gt=photo_id)
        )


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def in_event(self, event: Event) -> Self:
        return self.filter(photo__event=event)


class PhotoManager(models.Manager["Photo"]):
    def get_queryset(self) -> PhotoQuerySet:
        return PhotoQuerySet(self.model, using=self._db).defer(*BINARY_COLUMNS)
