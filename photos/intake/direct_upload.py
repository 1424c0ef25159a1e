"""Originals that organizers' browsers send straight to the bucket.

The browser puts the parts; the server looks at the whole object before a photo exists, through the
same door as every other. What is refused, given up or never finished is removed from the bucket.
"""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.access import is_organizer
from events.models import Event, User
from findme.refusals import Refusal
from findme.text import one_line
from photos import sections
from photos.imaging.images import UnusableImage
from photos.intake.ingest import Ingested, UnusableUpload, UploadNotAllowed, clean_name, ingest
from photos.intake.outcomes import Outcome
from photos.models import DirectUpload, Photo
from photos.store import multipart, removals, stores
from photos.store.contract import S3
from photos.store.faults import StoreUnavailable
from photos.store.models import StoredObjectRemoval, new_folder
from photos.store.multipart import InvalidParts, UploadGone
from photos.store.removals import PreparedObjects

logger = logging.getLogger(__name__)

# An outcome is asked for right after the upload; the row is of no use later.
KEPT_FOR = timedelta(days=2)


def is_offered() -> bool:
    """Whether browsers are to send originals to the bucket themselves."""
    return settings.MEDIA_STORE == S3 and bool(settings.MEDIA_DIRECT_UPLOAD)


def begin(
    *, event: Event, uploader: User, name: str, byte_size: int, sha256: str = "", section: str = ""
) -> DirectUpload:
    """Start an upload of so many bytes, for a section of that name.

    Raises `UnusableImage`, `UploadNotAllowed` and `StoreUnavailable`.

    The removal is booked first: whatever dies, what arrives and is never finished goes.
    """
    if not event.is_open(timezone.now()):
        raise UploadNotAllowed("event_closed")
    if not 0 < byte_size <= settings.PHOTO_MAX_BYTES:
        raise UnusableImage("too_large" if byte_size > 0 else "empty").told_by(name)
    stores.for_new()  # refuses here what it would refuse once all has been sent
    folder = new_folder(Photo.folder_parent, event.pk)
    reservation = removals.reserve(folder)
    upload_id = multipart.begin(folder)
    with transaction.atomic():
        StoredObjectRemoval.objects.filter(pk=reservation).update(upload_id=upload_id)
        return DirectUpload.objects.create(
            event=event,
            uploader=uploader,
            folder=folder,
            upload_id=upload_id,
            name=clean_name(name),
            byte_size=byte_size,
            sha256=sha256.lower(),
            section=one_line(section)[: sections.NAME_LENGTH],
        )


def sign_part(upload: DirectUpload, number: int) -> str:
    """Where the browser puts one part, for an hour. Raises `UnusableUpload` for one too many."""
    most = math.ceil(upload.byte_size / multipart.SMALLEST_PART_BYTES)
    if upload.outcome or not 1 <= number <= most:
        raise UnusableUpload("upload_refused")
    removals.extend(upload.folder)
    return multipart.sign_part(upload.folder, upload.upload_id, number)


def parts(upload: DirectUpload) -> list[dict[str, Any]]:
    """What has arrived, so that a browser can go on where it stopped."""
    try:
        return multipart.parts(upload.folder, upload.upload_id)
    except UploadGone as error:
        raise UnusableUpload("upload_lost") from error


def complete(upload: DirectUpload, named: list[dict[str, Any]]) -> DirectUpload:
    """Make the photo, or say why not; asked again, the same. Raises `StoreUnavailable`.

    Size, type and hash are the object's own; what the browser declared only has to agree.
    """
    if upload.outcome:
        return upload
    prepared = PreparedObjects(upload.folder, _reservation(upload))
    try:
        taken = _taken_in(upload, named, prepared)
    except StoreUnavailable:
        raise  # nothing is decided yet
    except Refusal as error:
        prepared.abandon()
        return _end(upload, Outcome.REFUSED, code=error.code)
    if taken.is_new and upload.section:
        may_make = is_organizer(upload.uploader, upload.event)
        sections.file_under(taken.photo, upload.section, by=upload.uploader, may_make=may_make)
    # It may be of this very upload and not new: asked twice, or again after a kill.
    if taken.is_new or taken.photo.folder == upload.folder:
        return _end(upload, Outcome.ACCEPTED, photo=taken.photo)
    prepared.abandon()
    return _end(upload, taken.outcome, photo=taken.photo)


def abort(upload: DirectUpload) -> None:
    """The organizer gave it up."""
    removals.hasten(upload.folder)
    _end(upload, Outcome.REFUSED, code="upload_lost")


def sweep() -> None:
    """Forget uploads long past. What unfinished ones left in the bucket is removed as booked."""
    DirectUpload.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()


def _taken_in(
    upload: DirectUpload, named: list[dict[str, Any]], prepared: PreparedObjects
) -> Ingested:
    try:
        size = multipart.complete(upload.folder, upload.upload_id, named)
        _check_size(upload, size)
        with multipart.fetched(upload.folder) as file:
            return ingest(
                event=upload.event,
                data=file,
                name=upload.name,
                uploader=upload.uploader,
                prepared=prepared,
                announced_sha256=upload.sha256,
            )
    except InvalidParts as error:
        raise UnusableUpload("upload_refused") from error
    except UploadGone as error:
        raise UnusableUpload("upload_lost") from error


def _check_size(upload: DirectUpload, size: int) -> None:
    """Check the size before a byte is fetched: what is too large is not fetched at all."""
    if size > settings.PHOTO_MAX_BYTES:
        raise UnusableImage("too_large")
    if size != upload.byte_size:
        raise UnusableUpload("size_differs")


def _reservation(upload: DirectUpload) -> int:
    """The booked removal; one that has begun or is gone is found out when it is released."""
    booked = StoredObjectRemoval.objects.filter(folder=upload.folder, upload_id=upload.upload_id)
    return booked.values_list("pk", flat=True).first() or 0


def _end(
    upload: DirectUpload, outcome: Outcome, *, code: str = "", photo: Photo | None = None
) -> DirectUpload:
    """The first outcome stays: a browser may ask twice at once."""
    pending = DirectUpload.objects.filter(pk=upload.pk, outcome="")
    pending.update(outcome=outcome, code=code, photo=photo)
    logger.info("direct_upload_%s event=%s code=%s", outcome, upload.event_id, code or "-")
    return DirectUpload.objects.get(pk=upload.pk)
