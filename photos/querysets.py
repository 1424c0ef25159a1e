"""Every reusable read of photos. None loads a binary column unless it says so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from django.db import models

from events.models import Event
from photos.audience import is_theirs
from photos.store.contract import Place

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from events.models import User
    from photos.audience import Audience
    from photos.models import (  # noqa: F401 (used in quotes)
        DirectUpload,
        Favourite,
        HideRequest,
        Photo,
    )

SENDING_COLUMNS = (
    "event",
    "uploader",
    "moderation",
    "sha256",
    "name",
    "status",
    "hidden",
    "published",
    "highlight",
    "store",
    "folder",
)

Row = TypeVar("Row", bound=models.Model)


class Shown(NamedTuple):
    """What a gallery shows of a photo: reading a page of model objects takes four times as long."""

    id: int
    taken_at: datetime
    has_capture_time: bool
    name: str
    store: str
    folder: str
    width: int
    height: int
    blurhash: str
    uploader_id: int | None

    @property
    def pk(self) -> int:
        return self.id

    @property
    def place(self) -> Place:
        return Place(self.store, "photos_photo", self.id, self.folder)


class GalleryQuerySet(models.QuerySet[Row]):
    """Rows that stand for one photo each, in a gallery's order: by capture time, then by id.

    `photo_id` names the photo's id in a row, `photo_prefix` leads from a row to the photo.
    """

    photo_id = "id"
    photo_prefix = ""

    def visible(self) -> Self:
        """What is ready and not hidden: who sees it is said by `shown_to`, `in_general` and
        `visible_to`. The condition is the partial index's."""
        prefix = self.photo_prefix
        return self.filter(**{f"{prefix}status": "ready", f"{prefix}hidden": False})

    def published(self) -> Self:
        return self.filter(**{f"{self.photo_prefix}published": True})

    def shown_to(self, audience: Audience) -> Self:
        """Of photos that are theirs, such as those they are in, what they are shown."""
        visible = self.visible()
        return visible if audience.sees_all else visible.published()

    def newest_first(self) -> Self:
        return self.order_by("-taken_at", f"-{self.photo_id}")

    def oldest_first(self) -> Self:
        return self.order_by("taken_at", self.photo_id)

    def before(self, taken_at: datetime, photo_id: int) -> Self:
        """Photos that follow a gallery position. The redundant `lte` makes an index condition."""
        tied = models.Q(taken_at=taken_at, **{f"{self.photo_id}__lt": photo_id})
        return self.filter(models.Q(taken_at__lt=taken_at) | tied, taken_at__lte=taken_at)

    def after(self, taken_at: datetime, photo_id: int) -> Self:
        """Photos that precede a gallery position."""
        tied = models.Q(taken_at=taken_at, **{f"{self.photo_id}__gt": photo_id})
        return self.filter(models.Q(taken_at__gt=taken_at) | tied, taken_at__gte=taken_at)

    def shown(self) -> list[Shown]:
        """One query."""
        others = (f"{self.photo_prefix}{name}" for name in Shown._fields[2:])
        columns = (self.photo_id, "taken_at", *others)
        return [Shown(*row) for row in self.values_list(*columns)]


class PhotoQuerySet(GalleryQuerySet["Photo"]):
    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def in_general(self, audience: Audience) -> Self:
        """What General and all that tells of it show."""
        shown = self.shown_to(audience)
        return shown if audience.sees_general else shown.filter(highlight=True)

    def visible_to(self, audience: Audience) -> Self:
        """All that somebody may see, wherever: General's, their own, and the event's cover."""
        visible = self.visible()
        if audience.sees_all:
            return visible
        may_see = models.Q(published=True)
        if not audience.sees_general:
            may_see &= models.Q(highlight=True) | models.Q(covers__isnull=False) | _own(audience)
        if audience.owns_uploads:
            may_see |= models.Q(uploader_id=audience.user_id)
        return visible.filter(may_see)

    def dated(self) -> Self:
        """Those of which it is known when they were taken."""
        return self.filter(has_capture_time=True)

    def kept(self) -> Self:
        """Without those in the bin: for the desk, as for guests, these are gone."""
        return self.filter(binned_at=None)

    def binned(self) -> Self:
        """Those in the bin. The condition is the partial index's."""
        return self.filter(binned_at__isnull=False)

    def show_again(self) -> int:
        """Guests see them again; those in the bin, once they are taken out of it."""
        in_bin = models.When(binned_at__isnull=False, then=True)
        return self.update(hidden=models.Case(in_bin, default=False), binned_hidden=False)

    def ready(self) -> Self:
        """Those that have their renditions, hidden ones too."""
        return self.filter(status="ready")

    def unready(self) -> Self:
        return self.exclude(status="ready")

    def failed(self) -> Self:
        return self.filter(status="failed")

    def not_failed(self) -> Self:
        return self.exclude(status="failed")

    def for_member(self, user: AbstractBaseUser | AnonymousUser, slug: str) -> Self:
        """Photos of an event, by its address, for its members: none for anybody else."""
        events = Event.objects.joined_by(user).filter(slug=slug)
        return self.filter(event__in=events)

    def to_send(self, kind: str, *, with_bytes: bool) -> Self:
        """Only what sending a picture takes; its bytes too, where they are in its row."""
        columns = [self.model.kinds[kind].column] if with_bytes else []
        # What the manager defers, `only` alone would leave deferred.
        return self.defer(None).only(*SENDING_COLUMNS, *columns)

    def to_approve(self) -> Self:
        """Guests' photos that an organizer has yet to decide on."""
        return self.ready().filter(moderation="pending", binned_at=None)

    def by(self, uploader: User | models.OuterRef) -> Self:
        return self.filter(uploader=uploader)


def _own(audience: Audience) -> models.Q:
    return is_theirs(audience.user_id) if audience.user_id else models.Q(pk__in=[])


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def in_event(self, event: Event) -> Self:
        return self.filter(photo__event=event)

    def of_hosts(self, event: Event) -> Self:
        """They mark what goes into the album, and read that organizers export it."""
        hosts = event.memberships.hosts().values("user")
        return self.in_event(event).filter(user__in=hosts)


class HideRequestQuerySet(models.QuerySet["HideRequest"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def waiting(self) -> Self:
        """Those that nobody has answered."""
        return self.filter(state="open")

    def to_answer(self) -> Self:
        """Those that wait, of photos that are not in the bin."""
        return self.waiting().filter(photo__binned_at=None)

    def hid_at_once(self) -> Self:
        return self.filter(hid_at_once=True)

    def with_photos(self) -> Self:
        """Read by the photos' own manager: joined, they would come with all their pictures."""
        return self.prefetch_related("photo")


class PhotoManager(models.Manager["Photo"]):
    def get_queryset(self) -> PhotoQuerySet:
        return PhotoQuerySet(self.model, using=self._db).defer(*self.model.columns())


class DirectUploadQuerySet(models.QuerySet["DirectUpload"]):
    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(uploader_id=user.pk) if user.pk else self.none()
