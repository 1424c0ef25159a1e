"""What guests take home: in the sizes the organizer allows, without place or serial numbers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from events.models import Event, User
from photos import media, metadata
from photos.metadata import Unstrippable
from photos.models import Download, Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

Size = Download.Size
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


class PictureGone(Exception):
    """The photo was removed or hidden since the guest asked for it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One photo as it is taken home. `length` in bytes, None where it is not known yet."""

    photo_id: int
    name: str
    content_type: str
    size: Size
    taken_at: datetime
    length: int | None


def allowed_sizes(event: Event) -> list[Size]:
    """The sizes in which guests may download, the largest first."""
    match event.downloads:
        case Event.Downloads.ORIGINAL:
            return [Size.ORIGINAL, Size.WEB]
        case Event.Downloads.WEB:
            return [Size.WEB]
        case _:
            return []


def pictures(photos: PhotoQuerySet, event: Event, size: Size) -> list[Picture]:
    """Photos as they are taken home, in the order they were taken. One query, no bytes."""
    rows = photos.order_by("taken_at", "id").values_list(
        "pk", "taken_at", "content_type", "preview_size", "stripped_size"
    )
    return [_picture(event, size, *row) for row in rows]


def read(picture: Picture, event: Event) -> bytes:
    """The bytes that leave. Raises `PictureGone`, also for a photo hidden meanwhile."""
    photos = Photo.objects.in_event(event).visible().filter(pk=picture.photo_id)
    if not photos.exists():
        raise PictureGone(picture.photo_id)
    data = _original(picture) if picture.size == Size.ORIGINAL else None
    data = data or _web(picture)
    if picture.length is None:
        _remember_length(picture, data)
    elif picture.length != len(data):
        # It would break the archive that announced it; the next one announces nothing.
        photos.update(preview_size=None, stripped_size=None)
        logger.error("download_length_wrong photo=%s size=%s", picture.photo_id, picture.size)
        raise PictureGone(picture.photo_id)
    return data


def stripped_size(original: bytes) -> int:
    """Bytes of an original as guests get it; 0 where they cannot get it."""
    try:
        return len(metadata.strip(original))
    except Unstrippable:
        return 0


def record(*, event: Event, user: User, photos: int, size: Size) -> Download:
    return Download.objects.create(event=event, user=user, photos=photos, size=size)


def _picture(
    event: Event,
    size: Size,
    photo_id: int,
    taken_at: datetime,
    content_type: str,
    preview_size: int | None,
    stripped: int | None,
) -> Picture:
    if stripped == 0:
        size = Size.WEB
    length = stripped
    if size == Size.WEB:
        content_type = "image/jpeg"
        length = preview_size and preview_size + metadata.CAPTURE_TIME_BYTES
    taken_at = timezone.localtime(taken_at, event.zone)
    # From the photo alone, so that it has one name in every download; the id makes it unique.
    name = f"{taken_at:%Y-%m-%d_%H-%M-%S}_{photo_id}.{SUFFIXES[content_type]}"
    return Picture(photo_id, name, content_type, size, taken_at, length)


def _original(picture: Picture) -> bytes | None:
    data = media.read(picture.photo_id, "original")
    if data is None:
        raise PictureGone(picture.photo_id)
    try:
        return metadata.strip(data)
    except Unstrippable:
        logger.warning("download_unstrippable photo=%s", picture.photo_id)
        return None


def _web(picture: Picture) -> bytes:
    data = media.read(picture.photo_id, "preview")
    if data is None:
        raise PictureGone(picture.photo_id)
    return metadata.with_capture_time(data, picture.taken_at)


def _remember_length(picture: Picture, data: bytes) -> None:
    """For photos from before lengths were kept, and for those moved from elsewhere."""
    photo = Photo.objects.filter(pk=picture.photo_id)
    if picture.size == Size.WEB:
        photo.update(preview_size=len(data) - metadata.CAPTURE_TIME_BYTES)
    else:
        photo.update(stripped_size=len(data))


def chunks(data: bytes, size: int = 2**18) -> Iterator[bytes]:
    """In pieces, so that a slow phone holds one of them in the server's buffers, not a photo."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
