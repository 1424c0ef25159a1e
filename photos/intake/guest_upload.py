"""Photos that guests add, where the organizer allows it: within a quota, approved or not."""

from __future__ import annotations

import logging

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from events import audit
from events.access import DESK_ROLES, still_theirs
from events.models import Event, Membership, User
from photos import removing
from photos.imaging.formats import SUFFIXES
from photos.intake import ingest
from photos.intake.ingest import Ingested, UploadNotAllowed
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


def add(*, event: Event, user: User, data: bytes, name: str) -> Ingested:
    """Take a guest's photo in. Raises what `ingest` does, also where the quota is used up."""
    with still_theirs(user):
        # One at a time per guest: two uploads at once must not both take the last place.
        own = Membership.objects.of(user).filter(event=event)
        if not own.select_for_update().exists():
            logger.info("photo_refused code=not_member event=%s", event.pk)
            raise UploadNotAllowed("not_member")
        if left(event, user) <= 0:
            logger.info("photo_refused code=quota_reached event=%s", event.pk)
            raise UploadNotAllowed("quota_reached")
        return ingest.ingest(
            event=event,
            data=data,
            name=name,
            uploader=user,
            is_pending=event.guest_upload_moderation,
            restores=False,
        )


def of_guest(event: Event, user: User) -> PhotoQuerySet:
    """What a user has added to an event; what waits or was rejected too, and what is in the bin:
    its guest may remove it for good from a page that was opened before."""
    return Photo.objects.in_event(event).by(user)


def left(event: Event, user: User) -> int:
    """How many photos a guest may still add. Removing one makes room."""
    return max(0, event.guest_upload_quota - of_guest(event, user).kept().count())


def remove(photo: Photo, *, by: User) -> None:
    """Take back an own upload, with everything that was made of it."""
    removing.remove([photo.pk], by=by, did="own_photos_deleted")


def added_as_guest(user: User) -> PhotoQuerySet:
    """What somebody added to all events, less those that they organize or photograph: these
    photos were made for the event."""
    at_the_desk = Membership.objects.of(user).filter(role__in=DESK_ROLES)
    return Photo.objects.by(user).exclude(event__in=at_the_desk.values("event"))


def remove_all(user: User) -> int:
    """Take back all that somebody added as a guest, wherever it was. Returns how many it was."""
    own = list(added_as_guest(user).order_by("pk").values_list("pk", flat=True))
    return removing.remove(own, by=user, did="own_photos_deleted")


def part_with_all(user: User) -> None:
    """Leave somebody's photos to their events: a file is often named after who took it, so each
    gets a name that says nothing, and the log forgets those of deleted ones. What the camera wrote
    into the file stays."""
    at_the_desk = Membership.objects.of(user).filter(role__in=DESK_ROLES)
    audit.forget_names(at_the_desk.values_list("event", flat=True))
    number = Cast(F("pk"), CharField())
    for content_type, suffix in SUFFIXES.items():
        name = Concat(Value("photo-"), number, Value(f".{suffix}"))
        Photo.objects.by(user).filter(content_type=content_type).update(name=name, uploader=None)
