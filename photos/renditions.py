"""The smaller pictures that galleries show: upright, without metadata."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from photos import blobs, images
from photos.images import DecodedImage
from photos.models import Photo

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
    with transaction.atomic():
        stored = Photo.objects.filter(pk=photo_id).update(
            preview_data=blobs.staged(renditions.preview),
            thumbnail_data=renditions.thumbnail,
            blurhash=renditions.blurhash,
            preview_size=len(renditions.preview),
            stripped_size=stripped_size,
            status=Photo.Status.READY,
            failure_code="",
        )
    return bool(stored)
