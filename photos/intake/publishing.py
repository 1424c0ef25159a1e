"""Making a photo ready: its renditions are stored, and guests see it from then on."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from photos.imaging import images
from photos.imaging.renditions import MEDIUM_QUALITY, MEDIUM_SIDE, Renditions
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.store import reading, stores
from photos.store.faults import PictureMissing, as_store_unavailable


def publish(photo_id: int, renditions: Renditions, *, stripped_size: int | None = None) -> bool:
    """Store the renditions and make the photo visible. False where it was removed meanwhile."""
    pictures = {
        "preview": renditions.preview,
        "medium": renditions.medium,
        "thumbnail": renditions.thumbnail,
    }
    fields = {
        "blurhash": renditions.blurhash,
        "has_medium": True,
        "preview_size": len(renditions.preview),
        "stripped_size": stripped_size,
        "status": Photo.Status.READY,
        "failure_code": "",
    }
    while photo := Photo.objects.filter(pk=photo_id).first():
        if _store(photo, pictures, fields):
            return True
    return False


def without_medium(event_id: int | None = None) -> PhotoQuerySet:
    """Photos that were made ready before there was a medium size: all, or those of one event."""
    photos = Photo.objects.filter(status=Photo.Status.READY, has_medium=False)
    return photos if event_id is None else photos.filter(event_id=event_id)


def add_medium(photo_id: int) -> bool:
    """Make the missing medium size of a photo out of its preview. False where nothing is missing.

    Raises `PictureMissing`, `UnusableImage` and `StoreUnavailable`; the photo stays as it is then.
    """
    while photo := without_medium().filter(pk=photo_id).first():
        preview = reading.read_of(photo, "preview")
        if preview is None:
            raise PictureMissing(f"preview of photo {photo_id}")
        image = images.resize(images.decode(preview, min_side=None), MEDIUM_SIDE)
        if _store(photo, {"medium": images.to_jpeg(image, MEDIUM_QUALITY)}, {"has_medium": True}):
            return True
    return False


def _store(photo: Photo, pictures: dict[str, bytes], fields: dict[str, Any]) -> bool:
    """Bring pictures to where the photo has its others. False where it is no longer there: it may
    have been moved meanwhile, and what is brought goes with it."""
    prepared = stores.named(photo.store).prepare(photo.folder, pictures)
    with as_store_unavailable(), transaction.atomic():
        stays = Photo.objects.filter(pk=photo.pk, store=photo.store, folder=photo.folder)
        stored = stays.update(**prepared.fields(), **fields)
    if not stored:
        prepared.abandon()
    return bool(stored)
