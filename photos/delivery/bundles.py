"""Many photos as ZIP archives, for browsers that do not build them by themselves.

An archive is made on disk before it is sent: a thread is held for seconds, not for as long as a
phone takes, and what went meanwhile is left out instead of breaking it. That is why each is of a
few hundred MB at most, and more than that comes in parts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from zipfile import ZipFile, ZipInfo

from django.conf import settings

from events.models import Event
from photos.audience import Audience
from photos.delivery import downloads
from photos.delivery.downloads import PhotoFile, PhotoGone
from photos.delivery.outgoing import Busy, OpenFile, Room, unless_scarce, written
from photos.imaging.pieces import FileSource
from photos.store.faults import StoreUnavailable, as_store_unavailable

logger = logging.getLogger(__name__)

PART_BYTES = 256 * 2**20
_room = Room(settings.ARCHIVES_AT_ONCE)
# Making one holds a thread: others of this process are for those who look.
_making = Room(1)


def parts(files: Iterable[PhotoFile]) -> list[list[PhotoFile]]:
    """The photos in as few archives as their lengths allow, in order."""
    found: list[list[PhotoFile]] = []
    room = 0
    for file in files:
        room -= file.about
        if room < 0 or not found:
            found.append([])
            room = PART_BYTES - file.about
        found[-1].append(file)
    return found


def made(event: Event, files: Sequence[PhotoFile], audience: Audience) -> OpenFile:
    """The archive, for the caller to close.

    Raises `Busy` while others have to end first, `StoreUnavailable`, and `PhotoGone` where nothing
    is left to send.
    """
    with as_store_unavailable(), ExitStack() as making, ExitStack() as stack:
        # That is free again in minutes, the other in seconds: a thread can wait for it.
        _room.take(1, stack, waits=False)
        _making.take(1, making)
        _demand_space(sum(photo.about for photo in files))
        file = written((), stack)
        with ZipFile(file, "w") as archive:  # photos are compressed already
            for photo in files:
                _add(archive, photo, event, audience)
        if not archive.namelist():
            raise PhotoGone("all of them")
        source = FileSource(file)
        return OpenFile([range(len(source))], source, stack.pop_all())


def _demand_space(amount: int) -> None:
    """What others of this process are being sent is free again by itself."""
    try:
        unless_scarce(amount)
    except StoreUnavailable:
        if _room.holds_more_than(1):
            raise Busy("busy") from None
        raise


def _add(archive: ZipFile, file: PhotoFile, event: Event, audience: Audience) -> None:
    try:
        content = downloads.opened(file, event, audience, room=None)
    except PhotoGone as error:
        logger.info("archive_without_photo photo=%s", error)
        return
    entry = ZipInfo(file.name)  # of 1980, before which no archive can tell of anything
    if file.taken_at:
        entry.date_time = max(file.taken_at.year, 1980), *file.taken_at.timetuple()[1:6]
    entry.file_size = content.length
    with closing(content), archive.open(entry, "w") as target:
        for piece in content:
            target.write(piece)
