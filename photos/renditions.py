"""The smaller pictures that galleries show: upright, without metadata."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from photos import images, store
from photos.images import DecodedImage
from photos.models import Photo
from photos.store.faults import told

THUMBNAIL_SIDE = 480
PREVIEW_SIDE = 2048
THUMBNAIL_QUALITY = 80
PREVIEW_QUALITY = 85


@dataclass(frozen=True)
class Renditions:
    preview: bytes
    thumbnail: bytes
    blurhash: str


def make(image: DecodedImage) -> Renditions:
    """Both renditions (JPEG; longest side 2048 and 480 px, never enlarged) and the placeholder."""
    preview = images.resize(image, PREVIEW_SIDE)
    thumbnail = images.resize(preview, THUMBNAIL_SIDE)
    return Renditions(
        preview=images.to_jpeg(preview, PREVIEW_QUALITY),
        thumbnail=images.to_jpeg(thumbnail, THUMBNAIL_QUALITY),
        blurhash=images.blurhash(thumbnail),
    )


def publish(photo_id: int, renditions: Renditions, *, stripped_size: int | None = None) -> bool:
    """Store the renditions and make the photo visible. False where it was removed meanwhile."""
    pictures = {"preview": renditions.preview, "thumbnail": renditions.thumbnail}
    while photo := Photo.objects.filter(pk=photo_id).first():
        prepared = store.named(photo.store).prepare(photo.folder, pictures)
        with told(), transaction.atomic():
            # Where it still is: it may have been moved meanwhile, and the renditions go with it.
            stays = Photo.objects.filter(pk=photo_id, store=photo.store, folder=photo.folder)
            stored = stays.update(
                **prepared.fields(),
                blurhash=renditions.blurhash,
                preview_size=len(renditions.preview),
                stripped_size=stripped_size,
                status=Photo.Status.READY,
                failure_code="",
            )
        if stored:
            return True
        prepared.abandon()
    return False
