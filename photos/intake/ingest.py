"""The one door by which photos come in, whatever way they came.

A photo that this module accepted is stored, and its scan enqueued, in one transaction.
"""

from __future__ import annotations

import hashlib
import io
import logging
import mmap
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import Event, User
from findme.compiled_query import CompiledQuery
from findme.refusals import Refusal
from findme.text import one_line
from photos import binning
from photos.imaging.exif import Device
from photos.imaging.formats import FORMATS, Data
from photos.imaging.images import ImageInfo, UnusableImage, inspect
from photos.intake import batches
from photos.intake.archives import Source
from photos.intake.outcomes import Outcome
from photos.models import Camera, Photo
from photos.signals import photo_accepted
from photos.store import stores
from photos.store.contract import CHUNK, Content, PreparedPictures
from photos.store.faults import StoreUnavailable, as_store_unavailable
from photos.store.models import new_folder

logger = logging.getLogger(__name__)

NAME_LENGTH = 255
# Fields of a guest's photo that others see only after an organizer approved it.
WAITING = {"hidden": True, "moderation": Photo.Moderation.PENDING}

# Of a file that could not be read: a card was pulled out, and it may still come.
MAY_COME = frozenset({"not_found", "not_readable"})

WITH_BYTES = CompiledQuery(
    lambda event_id, sha256: Photo.objects.filter(event_id=event_id, sha256=sha256), int, str
)


class UploadNotAllowed(Refusal):
    """No file's fault: who sends it may not add it, or the event takes none any more."""


class UnusableUpload(Refusal):
    """Given up, or not what was announced. The same file may be sent in a new upload."""


@dataclass(frozen=True)
class Ingested:
    """`is_restored`: the event had it in the bin, and it was taken out."""

    photo: Photo
    is_new: bool
    is_restored: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.is_new or self.is_restored

    @property
    def outcome(self) -> Outcome:
        return Outcome.ACCEPTED if self.is_accepted else Outcome.KNOWN


def read(source: Source, event: Event) -> bytes:
    """The bytes for `ingest`. Raises `UnusableImage`; no upload misses what is too large."""
    try:
        return source.read(settings.PHOTO_MAX_BYTES)
    except UnusableImage as error:
        if error.code not in MAY_COME:
            _settle(event, source.name, source.byte_size)
        raise


def ingest(
    *,
    event: Event,
    data: Content,
    name: str,
    uploader: User | None,
    is_pending: bool = False,
    restores: bool = True,
    prepared: PreparedPictures | None = None,
    announced_sha256: str = "",
) -> Ingested:
    """Accept a photo's bytes, or return the photo that has them already; out of the bin, unless not
    `restores`, as where a guest sends again what an organizer deleted.

    Large ones come as a file on disk, of which never more than a piece is in memory. `prepared` is
    given where the store has the bytes already, `announced_sha256` where the sender hashed them.
    `is_pending`: a guest's, which others see only after an organizer approved it.

    Raises a `Refusal`: `UnusableImage`, `UnusableUpload`, `UploadNotAllowed` or
    `StoreUnavailable`. Nothing is stored then.
    """
    with _viewed(data) as view:
        try:
            info = _checked(event, view, name)
            sha256, crc32 = _digests(view)
            if announced_sha256 not in ("", sha256):
                raise UnusableUpload("hash_differs")
        except (UnusableImage, UploadNotAllowed, UnusableUpload) as error:
            logger.info("photo_refused code=%s event=%s bytes=%s", error.code, event.pk, len(view))
            if isinstance(error, UnusableImage):
                _settle(event, name, len(view))
            raise
        photo = Photo(
            event=event,
            uploader=uploader,
            sha256=sha256,
            crc32=crc32,
            name=clean_name(name),
            content_type=info.content_type,
            byte_size=len(view),
            width=info.width,
            height=info.height,
            taken_at=_taken_at(info, event) or timezone.now(),
            has_capture_time=info.taken_at is not None,
            published=not event.publish_first,
            **(WAITING if is_pending else {}),
        )
    try:
        taken = _store(photo, data, prepared, info.device)
    except StoreUnavailable as error:
        logger.warning("photo_not_stored code=%s event=%s %s", error.code, event.pk, error.detail)
        raise
    if not taken.is_new:
        _settle(event, name, photo.byte_size)
    return _taken_out(taken, uploader) if restores and taken.photo.binned_at else taken


def _settle(event: Event, name: str, byte_size: int) -> None:
    """No photo of the event has this file's name, and yet nobody needs to send it again. Of a new
    photo the sweep of `batches` finds the name: it costs no query here."""
    batches.settle(event=event, files=[batches.fingerprint(clean_name(name), byte_size)])


def _taken_out(known: Ingested, uploader: User | None) -> Ingested:
    """Nobody is told of a photo that it is there while it is in the bin."""
    one = Photo.objects.filter(pk=known.photo.pk)
    restored = bool(binning.restore(one, by=uploader))
    known.photo.refresh_from_db(fields=["hidden", "binned_at", "binned_hidden"])
    return Ingested(known.photo, is_new=False, is_restored=restored)


@dataclass(frozen=True)
class Looked:
    """At a file that is not taken: `is_known` where the event has it already."""

    sha256: str
    format_name: str
    is_known: bool


def look(event: Event, data: bytes, name: str) -> Looked:
    """What `ingest` would do with these bytes; what that refuses is refused. Stores nothing."""
    info = _checked(event, data, name)
    sha256 = _digests(data)[0]
    is_known = Photo.objects.in_event(event).kept().filter(sha256=sha256).exists()
    return Looked(sha256, FORMATS[info.format].name, is_known)


def clean_name(name: str) -> str:
    """A file name fit to show and to download: no folders, no control characters, 255 at most."""
    name = PurePosixPath(name.replace("\\", "/")).name
    name = one_line(unicodedata.normalize("NFC", name)) or "photo"
    suffix = PurePosixPath(name).suffix[:10]
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - len(suffix)] + suffix


@contextmanager
def _viewed(data: Content) -> Iterator[Data]:
    """Bytes to look into; a file's are read only where they are looked at."""
    if isinstance(data, bytes):
        yield data
        return
    if data.seek(0, io.SEEK_END) == 0:
        yield b""
        return
    with mmap.mmap(data.fileno(), 0, access=mmap.ACCESS_READ) as view:
        yield view


def _digests(data: Data) -> tuple[str, int]:
    """SHA-256, and the CRC-32 that archives of originals need.

    Read a piece at a time; a mapped file's are given back, or all of it would count as ours.
    """
    digest, crc32 = hashlib.sha256(), 0
    with memoryview(data) as view:
        for start in range(0, len(view), CHUNK):
            piece = view[start : start + CHUNK]
            digest.update(piece)
            crc32 = zlib.crc32(piece, crc32)
            piece.release()
            if isinstance(data, mmap.mmap):
                data.madvise(mmap.MADV_DONTNEED, start, CHUNK)
    return digest.hexdigest(), crc32


def _checked(event: Event, data: Data, name: str) -> ImageInfo:
    # It may have been deleted, or put in the bin, since who sends photos found it.
    if not Event.objects.kept().filter(pk=event.pk).exists():
        raise UploadNotAllowed("unknown_event")
    if not event.is_open(timezone.now()):
        raise UploadNotAllowed("event_closed")
    try:
        return inspect(
            data,
            max_bytes=settings.PHOTO_MAX_BYTES,
            max_megapixels=settings.PHOTO_MAX_MEGAPIXELS,
            name=name,
        )
    except UnusableImage as error:
        raise error.told_by(name) from error


def _store(
    photo: Photo, data: Content, prepared: PreparedPictures | None, device: Device | None
) -> Ingested:
    """Insert unless the event has these bytes. Two uploads at once: one inserts, both succeed."""
    if existing := WITH_BYTES.first(photo.event_id, photo.sha256):
        return Ingested(existing, is_new=False)
    store = stores.for_new()
    if prepared is None:
        prepared = store.prepare(new_folder(*photo.folder_parents()), {"original": data})
    try:
        with as_store_unavailable(), transaction.atomic():
            for field, value in prepared.fields().items():
                setattr(photo, field, value)
            photo.camera = _camera(photo.event, device)
            photo.save(force_insert=True)
            prepared.attach(photo.pk)
            photo.defer_pictures()
            photo_accepted.send(sender=Photo, photo=photo)
    except IntegrityError:
        prepared.abandon()
        if existing := WITH_BYTES.first(photo.event_id, photo.sha256):
            return Ingested(existing, is_new=False)
        raise
    logger.info("photo_accepted photo=%s event=%s", photo.pk, photo.event_id)
    return Ingested(photo, is_new=True)


def _camera(event: Event, device: Device | None) -> Camera | None:
    """The event's row of what took a photo: one query, unless it is the device's first."""
    if device is None:
        return None
    return Camera.objects.get_or_create(
        event=event, make=device.make, model=device.model, serial=device.serial
    )[0]


def _taken_at(info: ImageInfo, event: Event) -> datetime | None:
    """The camera's time; without a zone, in the event's."""
    if info.taken_at is None or timezone.is_aware(info.taken_at):
        return info.taken_at
    return info.taken_at.replace(tzinfo=event.zone)
