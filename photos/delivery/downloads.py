"""What guests take home: in the sizes the organizer allows, without place or serial numbers."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.http import quote_etag

from events.models import Event, User
from photos.audience import Audience
from photos.delivery.outgoing import OpenFile, Room, on_disk, photo_room, shared_files
from photos.imaging import pieces, stripping
from photos.imaging.capture_time import CAPTURE_TIME_BYTES, with_capture_time
from photos.imaging.formats import SUFFIXES
from photos.imaging.stripping import Unstrippable
from photos.models import Download, Photo
from photos.querysets import PhotoQuerySet
from photos.store import reading
from photos.store.faults import PictureMissing, as_store_unavailable

logger = logging.getLogger(__name__)

Size = Download.Size
# A photo of 2048 px, about: only where nobody has learnt how long it is.
WEB_BYTES = 2**20


class PhotoGone(Exception):
    """The photo was removed or hidden since the guest asked for it."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photo as a guest takes it home.

    `taken_at` is None where nobody knows it. `length` in bytes, None where it is not known yet;
    `about` is that, or a guess.
    """

    photo_id: int
    name: str
    content_type: str
    size: Size
    taken_at: datetime | None
    length: int | None
    about: int
    etag: str


def allowed_sizes(event: Event) -> list[Size]:
    """The sizes in which guests may download, the largest first."""
    match event.downloads:
        case Event.Downloads.ORIGINAL:
            return [Size.ORIGINAL, Size.WEB]
        case Event.Downloads.WEB:
            return [Size.WEB]
        case _:
            return []


def files(photos: PhotoQuerySet, event: Event, size: Size) -> list[PhotoFile]:
    """Photos as they are taken home, in the order they were taken. One query, no bytes."""
    rows = photos.order_by("taken_at", "id").values_list(
        "pk", "sha256", "taken_at", "has_capture_time", "content_type", "byte_size",
        "preview_size", "stripped_size",
    )  # fmt: skip
    return [_file(event, size, *row) for row in rows]


def opened(
    file: PhotoFile, event: Event, audience: Audience, *, room: Room | None = photo_room
) -> OpenFile:
    """A photo's file to send, for the caller to close. It takes of the room as long.

    Raises `PhotoGone`, also for a photo that they may see no more, `StoreUnavailable` and `Busy`.
    """
    photos = Photo.objects.in_event(event).visible_to(audience).filter(pk=file.photo_id)
    photo = photos.first()
    if photo is None:
        raise PhotoGone(file.photo_id)
    found = _original(photo, room) if file.size == Size.ORIGINAL else None
    found = found or _web(photo, file, room)
    if file.length is None:
        _remember_length(file, found.length)
    elif file.length != found.length:
        found.close()
        # It would break what was announced; the next download announces nothing.
        photos.update(preview_size=None, stripped_size=None)
        logger.error("download_length_wrong photo=%s size=%s", file.photo_id, file.size)
        raise PhotoGone(file.photo_id)
    return found


def stripped_size(original: bytes, *, arrived: datetime | None = None) -> int:
    """The size without its notes of an original that `arrived` then, or has just come; 0 where
    they cannot be removed."""
    try:
        return pieces.length(stripping.stripped(original, arrived=arrived))
    except Unstrippable:
        return 0


def record(*, event: Event, user: User, photos: int, size: Size) -> Download:
    return Download.objects.create(event=event, user=user, photos=photos, size=size)


def _file(
    event: Event,
    size: Size,
    photo_id: int,
    sha256: str,
    taken_at: datetime,
    has_capture_time: bool,
    content_type: str,
    byte_size: int,
    preview_size: int | None,
    stripped: int | None,
) -> PhotoFile:
    if stripped == 0:
        size = Size.WEB
    length, guess = stripped, byte_size
    if size == Size.WEB:
        content_type = "image/jpeg"
        length = preview_size and preview_size + (CAPTURE_TIME_BYTES if has_capture_time else 0)
        guess = min(byte_size, WEB_BYTES)
    known = timezone.localtime(taken_at, event.zone) if has_capture_time else None
    # The name is made of the photo alone, so that it is the same in every download.
    name = f"{known:%Y-%m-%d_%H-%M-%S}" if known else "photo"
    name = f"{name}_{photo_id}.{SUFFIXES[content_type]}"
    # It is in the name, and in what is written into the file.
    moment = f"{known:%Y%m%dT%H%M%S.%f%z}" if known else "undated"
    etag = quote_etag(f"{sha256[:32]}-{size}-{moment}-{stripping.VERSION}")
    about = length or guess
    return PhotoFile(photo_id, name, content_type, size, known, length, about, etag)


def _original(photo: Photo, room: Room | None) -> OpenFile | None:
    """Stripped, out of a file: from a store only a piece at a time is at hand, and it may be large.

    The same file for all who take it home at once. None where it cannot be stripped.
    """
    name = photo.pk, photo.sha256
    if found := shared_files.opened(name):
        return found
    try:
        with as_store_unavailable(), ExitStack() as files:
            content = reading.stream(photo, "original", 0, photo.byte_size)
            source = on_disk(content, photo.byte_size, files, room=room)
            left = stripping.stripped(source, arrived=photo.uploaded_at)
            return shared_files.share(name, left, source, files.pop_all())
    except PictureMissing as error:
        logger.error("picture_missing %s", error)
        raise PhotoGone(photo.pk) from error
    except Unstrippable:
        logger.warning("download_unstrippable photo=%s", photo.pk)
        return None


def _web(photo: Photo, file: PhotoFile, room: Room | None) -> OpenFile:
    data = reading.read_of(photo, "preview")
    if data is None:
        logger.error("picture_missing preview of photo %s", photo.pk)
        raise PhotoGone(photo.pk)
    if file.taken_at:
        data = with_capture_time(data, file.taken_at)
    with as_store_unavailable(), ExitStack() as files:
        source = on_disk([data], len(data), files, room=room)
        return OpenFile([range(len(data))], source, files.pop_all())


def _remember_length(file: PhotoFile, length: int) -> None:
    """Store the length just learned, also where the stored one was wrong."""
    photo = Photo.objects.filter(pk=file.photo_id)
    if file.size == Size.WEB:
        photo.update(preview_size=length - (CAPTURE_TIME_BYTES if file.taken_at else 0))
    else:
        photo.update(stripped_size=length)
