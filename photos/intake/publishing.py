"""Making a photo ready: its renditions are stored, and guests see it from then on."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from photos.imaging.renditions import Renditions
from photos.models import Photo
from photos.store import database, stores
from photos.store.contract import DATABASE
from photos.store.faults import as_store_unavailable

# More than the renditions of any photo have.
RENDITIONS_BYTES = 2 * 2**20


def demand_space(photo: Photo) -> None:
    """Raise `StoreUnavailable` where the renditions of a photo would find none: asked before they
    are made, which takes long, and again by whoever stores them."""
    if photo.store == DATABASE:
        database.demand_space(RENDITIONS_BYTES)


def publish(photo_id: int, renditions: Renditions, *, stripped_size: int | None = None) -> bool:
    """Store the renditions and make the photo visible. False where it was removed meanwhile."""
    pictures = {
        "preview": renditions.preview,
        "medium": renditions.medium,
        "thumbnail": renditions.thumbnail,
    }
    fields = {
        "blurhash": renditions.blurhash,
        "preview_size": len(renditions.preview),
        "stripped_size": stripped_size,
        "status": Photo.Status.READY,
        "failure_code": "",
    }
    while photo := Photo.objects.filter(pk=photo_id).first():
        if _store(photo, pictures, fields):
            return True
    return False


def _store(photo: Photo, pictures: dict[str, bytes], fields: dict[str, Any]) -> bool:
    """Bring pictures to where the photo has its others. False where it is no longer there: it may
    have been moved meanwhile, and what is brought goes with it."""
    prepared = stores.named(photo.store).prepare(photo.folder, pictures)
    with as_store_unavailable(), transaction.atomic():
        stays = Photo.objects.filter(pk=photo.pk, store=photo.store, folder=photo.folder)
        stored = stays.update(**prepared.fields(), **fields)
        if stored:
            prepared.attach(photo.pk)
    if not stored:
        prepared.abandon()
    return bool(stored)
