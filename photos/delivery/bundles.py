"""Many photos as one ZIP, made while it is sent: only one photo is open at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing

from django.conf import settings
from zipstream import ZipStream

from events.models import Event
from findme.refusals import Refusal
from photos.delivery import downloads
from photos.delivery.downloads import OpenFile, PhotoFile, PhotoGone
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)

# A phone takes minutes for an archive and holds a thread of the server all the while: some must be
# left for those who only look.
_turns = threading.BoundedSemaphore(settings.ARCHIVES_AT_ONCE)


class Busy(Refusal):
    """This process sends as many archives as it may at once."""


class Bundle:
    """An archive under way. Whoever makes one closes it; Django does when the answer has ended."""

    def __init__(self, event: Event, files: list[PhotoFile]) -> None:
        """Raises `Busy`."""
        if not _turns.acquire(blocking=False):
            raise Busy("busy")
        self._is_open = True
        self._event = event
        self._sending: OpenFile | None = None  # the one that is being sent
        # Photos are compressed already.
        self._archive = ZipStream(sized=all(file.length is not None for file in files))
        for file in files:
            self._archive.add(self._bytes_of(file), file.name, size=file.length)

    @property
    def length(self) -> int | None:
        """Bytes of the whole archive, if it is known already."""
        return len(self._archive) if self._archive.sized else None

    def __iter__(self) -> Iterator[bytes]:
        """Raises `PhotoGone` or `StoreUnavailable` in the middle of it: a broken download is
        seen, a gap is not."""
        try:
            yield from self._archive
        except PhotoGone as error:
            logger.info("archive_broken_off code=photo_gone photo=%s", error)
            raise
        except StoreUnavailable as error:
            logger.warning("archive_broken_off code=%s", error.code)
            raise
        finally:
            self.close()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            _turns.release()
            if self._sending:
                self._sending.close()

    def _bytes_of(self, file: PhotoFile) -> Iterator[bytes]:
        with closing(downloads.opened(file, self._event)) as self._sending:
            yield from self._sending
