"""Many photos as one ZIP, made while it is sent: only one photo is open at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing

from django.conf import settings
from zipstream import ZipStream

from events.models import Event
from photos.delivery import downloads
from photos.delivery.downloads import Leaving, Picture, PictureGone
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)

# A phone takes minutes for an archive and holds a thread of the server all the while: some must be
# left for those who only look.
_places = threading.BoundedSemaphore(settings.ARCHIVES_AT_ONCE)


class Busy(Exception):
    """This process sends as many archives as it may at once."""


class Bundle:
    """An archive under way. Whoever makes one closes it; Django does when the answer has ended."""

    def __init__(self, event: Event, pictures: list[Picture]) -> None:
        """Raises `Busy`."""
        if not _places.acquire(blocking=False):
            raise Busy
        self._is_open = True
        self._event = event
        self._photo: Leaving | None = None  # the one that is being sent
        # Photos are compressed already.
        self._archive = ZipStream(sized=all(p.length is not None for p in pictures))
        for picture in pictures:
            self._archive.add(self._bytes_of(picture), picture.name, size=picture.length)

    @property
    def length(self) -> int | None:
        """Bytes of the whole archive, if it is known already."""
        return len(self._archive) if self._archive.sized else None

    def __iter__(self) -> Iterator[bytes]:
        """Raises `PictureGone` or `StoreUnavailable` in the middle of it: a broken download is
        seen, a gap is not."""
        try:
            yield from self._archive
        except PictureGone as error:
            logger.info("archive_broken_off code=picture_gone photo=%s", error)
            raise
        except StoreUnavailable as error:
            logger.warning("archive_broken_off code=%s", error.code)
            raise
        finally:
            self.close()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            _places.release()
            if self._photo:
                self._photo.close()

    def _bytes_of(self, picture: Picture) -> Iterator[bytes]:
        with closing(downloads.leaving(picture, self._event)) as self._photo:
            yield from self._photo
