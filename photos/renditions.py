"""The smaller pictures that galleries show: upright, without metadata."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from photos import images, store
from photos.images import DecodedImage
from photos.models import Photo
from photos.store.faults import told

THUMBNAIL_SIDE = 480
MEDIUM_SIDE = 960
PREVIEW_SIDE = 2048
THUMBNAIL_QUALITY = 80
# Shown where pixels are small: 60 to 115 kB, which at the thumbnail's quality would be 15 % more.
MEDIUM_QUALITY = 75
PREVIEW_QUALITY = 85


@dataclass(frozen=True)
class Renditions:
    preview: bytes
    medium: bytes
    thumbnail: bytes
    blurhash: str


def make(image: DecodedImage) -> Renditions:
    """The renditions (JPEG; longest side 2048, 960 and 480 px, never enlarged), the placeholder."""
    preview = images.resize(image, PREVIEW_SIDE)
    # Not kept with the preview: the detector would make its copy of 640 px out of this one then.
    medium = images.resize(DecodedImage(preview.pixels, preview.icc_profile), MEDIUM_SIDE)
    thumbnail = images.resize(medium, THUMBNAIL_SIDE)
    return Renditions(
        preview=images.to_jpeg(preview, PREVIEW_QUALITY),
        medium=images.to_jpeg(medium, MEDIUM_QUALITY),
        thumbnail=images.to_jpeg(thumbnail, THUMBNAIL_QUALITY),
        blurhash=images.blurhash(thumbnail),
    )


def publish(photo_id: int, renditions: Renditions, *, stripped_size: int | None = None) -> bool:
    """Store the renditions and make the photo visible. False where it was removed meanwhile."""
    pictures = {
        "preview": renditions.preview,
        "medium": renditions.medium,
        "thumbnail": renditions.thumbnail,
    }
    while photo := Photo.objects.filter(pk=photo_id).first():
        prepared = store.named(photo.store).prepare(photo.folder, pictures)
        with told(), transaction.atomic():
            # Where it still is: it may have been moved meanwhile, and the renditions go with it.
            stays = Photo.objects.filter(pk=photo_id, store=photo.store, folder=photo.folder)
            stored = stays.update(
                **prepared.fields(),
                blurhash=renditions.blurhash,
                has_medium=True,
                preview_size=len(renditions.preview),
                stripped_size=stripped_size,
                status=Photo.Status.READY,
                failure_code="",
            )
        if stored:
            return True
        prepared.abandon()
    return False
