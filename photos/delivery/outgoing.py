"""Files on their way out, of which only so many lie on disk at once.

They do while they are sent, so that no thread waits for a client: the server's own loop sends what
is a file.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from findme import space
from findme.refusals import Later
from photos.imaging import pieces
from photos.imaging.pieces import FileSource, Piece
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)

# waitress asks for as much as a socket may hold, which is megabytes, and of that sends a slow guest
# a few kilobytes: the rest would be read anew each time.
MOST_READ = 2**17
# How long the one request that may wait for its turn does so: it holds a thread.
TURN_SECONDS = 5.0
# How long a file that was sent is kept for the next who wants it.
KEPT_SECONDS = 20.0
# A file that was dropped ends, and gives its room back, wherever the interpreter notices it: while
# another is counted too. With a lock each, two threads might wait for each other then.
_lock = threading.RLock()


class Busy(Later):
    """This process sends as much as it may at once. The archive's script comes back by itself."""

    seconds = 5


class Room:
    """How much may be under way at once in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._changed = threading.Condition(_lock)
        # A second one that waited would hold a second thread.
        self._waits = threading.Lock()

    def has(self, amount: int) -> bool:
        """What is larger than all of the room is let in alone."""
        return self._used == 0 or self._used + amount <= self._most

    def take(self, amount: int, files: ExitStack, *, waits: bool = True) -> None:
        """So much of the room, until the stack is closed. Raises `Busy`.

        One request waits a moment for its turn.
        """
        with self._changed:
            if not self.has(amount) and not (waits and self._gets(amount)):
                raise Busy("busy")
            self._used += amount
        files.callback(self._give, amount)

    def holds_more_than(self, amount: int) -> bool:
        return self._used > amount

    def _gets(self, amount: int) -> bool:
        if not self._waits.acquire(blocking=False):
            return False
        try:
            return self._changed.wait_for(lambda: self.has(amount), TURN_SECONDS)
        finally:
            self._waits.release()

    def _give(self, amount: int) -> None:
        with self._changed:
            self._used -= amount
            self._changed.notify_all()


photo_room = Room(settings.DOWNLOADS_DISK_BYTES)


class OpenFile:
    """A file that is sent: parts of one on disk, with a few new bytes. To be closed.

    For servers it is a file that can be read and sought, of the `part` alone that is wanted.
    """

    def __init__(self, content: Sequence[Piece], source: FileSource, files: ExitStack) -> None:
        """`files` is closed with it."""
        self._content = content
        self._source = source
        # By itself too: an answer that was dropped before a server had it must give its room back.
        self._closed = weakref.finalize(self, files.close)
        self._position = 0
        self.length = pieces.length(content)
        self.part = range(self.length)

    def __iter__(self) -> Iterator[bytes]:
        return pieces.content(self._source, self._content, self.part)

    def read(self, size: int = -1) -> bytes:
        """At most `MOST_READ` bytes, whatever is asked for."""
        size = MOST_READ if size < 0 else min(size, MOST_READ)
        wanted = self.part[self._position : self._position + size]
        self._position += len(wanted)
        return b"".join(pieces.content(self._source, self._content, wanted))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self.part)}
        self._position = begin[whence] + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Any number of times, in any thread."""
        self._closed()


@dataclass
class _Shared:
    content: Sequence[Piece]
    source: FileSource
    files: ExitStack
    readers: int = 0
    left_at: float = 0.0


class SharedFiles:
    """What is being sent, by a name for what is in it: who asks for the same is sent the same file,
    also a moment later. At a party many take the same photos home, and to prepare one costs more
    than to send it."""

    def __init__(self, most_kept: int) -> None:
        """Of files that nobody reads so many bytes are kept."""
        self._most_kept = most_kept
        self._shared: dict[Hashable, _Shared] = {}
        self._timer: threading.Timer | None = None

    def opened(self, name: Hashable) -> OpenFile | None:
        """To be closed; None where this is not at hand."""
        with _lock:
            shared = self._shared.get(name)
            return None if shared is None else self._read(name, shared)

    def share(
        self, name: Hashable, content: Sequence[Piece], source: FileSource, files: ExitStack
    ) -> OpenFile:
        """The file to send; `files` is closed some time after the last reader's is. Of two who
        prepared the same at once each keeps their own, and the first's is shared."""
        with _lock:
            shared = _Shared(content, source, files)
            self._shared.setdefault(name, shared)
            return self._read(name, shared)

    def end_unread(self, seconds: float = 0) -> None:
        """Close those that nobody has read for so long, and of the others the oldest that are too
        many. What is closed is gone from the disk."""
        with _lock:
            unread = [(name, one) for name, one in self._shared.items() if not one.readers]
            unread.sort(key=lambda pair: -pair[1].left_at)
            kept, now, ended = 0, time.monotonic(), []
            for name, one in unread:
                kept += len(one.source)
                if kept > self._most_kept or now - one.left_at >= seconds:
                    ended.append(self._shared.pop(name, None))
            self._come_back(is_needed=len(ended) < len(unread))
        for ending in filter(None, ended):
            ending.files.close()

    def _read(self, name: Hashable, shared: _Shared) -> OpenFile:
        shared.readers += 1
        files = ExitStack()
        files.callback(self._leave, name, shared)
        return OpenFile(shared.content, shared.source, files)

    def _leave(self, name: Hashable, shared: _Shared) -> None:
        with _lock:
            shared.readers -= 1
            shared.left_at = time.monotonic()
            is_shared = self._shared.get(name) is shared
        if is_shared:
            self.end_unread(KEPT_SECONDS)
        elif not shared.readers:
            shared.files.close()

    def _come_back(self, *, is_needed: bool) -> None:
        """To close what is kept now."""
        if is_needed and self._timer is None:
            self._timer = threading.Timer(KEPT_SECONDS, self._end_some)
            self._timer.daemon = True
            self._timer.start()

    def _end_some(self) -> None:
        with _lock:
            self._timer = None
        self.end_unread(KEPT_SECONDS)


shared_files = SharedFiles(settings.DOWNLOADS_DISK_BYTES // 16)


def on_disk(
    content: Iterable[bytes], amount: int, files: ExitStack, *, room: Room | None = photo_room
) -> FileSource:
    """About so many bytes, in a file that is gone when the stack is closed.

    Raises `Busy`, `StoreUnavailable` where the last of the disk would be taken, and `OSError` where
    it is full.
    """
    if room is not None:
        if not room.has(amount):
            shared_files.end_unread()  # what is only kept makes way before anybody waits
        try:
            room.take(amount, files)
        except Busy:
            logger.warning("download_refused code=busy")
            raise
    unless_scarce(amount)
    return FileSource(written(content, files))


def unless_scarce(amount: int) -> None:
    """Raises `StoreUnavailable` where so much would take what is kept of the disk."""
    if not space.takes_temporarily(amount):
        raise StoreUnavailable("store_full", "reserve")


def written(content: Iterable[bytes], files: ExitStack) -> BinaryIO:
    file: BinaryIO = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    for piece in content:
        file.write(piece)
    return file
