"""Photos that guests add, where the organizer allows it: within a quota, approved or not."""

from __future__ import annotations

import logging

from django.db import transaction

from events.models import Event, Membership, User
from photos import removing
from photos.intake import ingest
from photos.intake.ingest import Ingested, UploadNotAllowed
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


def add(*, event: Event, user: User, data: bytes, name: str) -> Ingested:
    """Take a guest's photo in. Raises what `ingest` does, also where the quota is used up."""
    with transaction.atomic():
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
        )


def of_guest(event: Event, user: User) -> PhotoQuerySet:
    """What a user has added to an event; what waits or was rejected too."""
    return Photo.objects.in_event(event).by(user)


def left(event: Event, user: User) -> int:
    """How many photos a guest may still add. Removing one makes room."""
    return max(0, event.guest_upload_quota - of_guest(event, user).count())


def remove(photo: Photo, *, by: User) -> None:
    """Take back an own upload, with everything that was made of it."""
    removing.remove([photo.pk], by=by, did="own_photos_deleted")
