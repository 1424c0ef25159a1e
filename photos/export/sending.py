"""Archives on their way: so many at once, and nobody is kept from going on by what they broke off.

An archive is read while it is sent, which holds a thread for as long as the organizer's line takes.
The server has another one for the guests meanwhile (decision 30).
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from events.access import user_of
from findme.serving import long_answers
from findme.serving.long_answers import Connection
from photos.delivery import ranges
from photos.delivery.outgoing import Busy
from photos.export.zips import Archive

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Place:
    """Of one archive that is sent to one person."""

    user_id: int
    digest: str
    connection: Connection
    has_ended: bool = False


class Places:
    """Archives that one process sends at once: `most`, and `most_each` to one person."""

    def __init__(self, most: int, most_each: int) -> None:
        self._most = most
        self._most_each = most_each
        self._taken: list[Place] = []
        # A place is given back wherever the interpreter notices that an answer was dropped: while
        # another is taken too.
        self._lock = threading.RLock()

    def take(self, place: Place) -> None:
        """Raises `Busy`.

        A connection may be dead for a minute before anybody notices. Where none is free, whoever
        asks for an archive again gets the place of their own older sending of it, which ends.
        """
        with self._lock:
            own = [one for one in self._taken if one.user_id == place.user_id]
            if len(self._taken) >= self._most or len(own) >= self._most_each:
                older = next((one for one in own if one.digest == place.digest), None)
                if older is None:
                    logger.warning("export_refused code=export_busy")
                    raise Busy("export_busy")
                self.give_back(older)
                older.has_ended = True
                older.connection.end()
            self._taken.append(place)

    def give_back(self, place: Place) -> None:
        with self._lock:
            if place in self._taken:
                self._taken.remove(place)


# Each holds a thread, a connection to the database, and up to 16 MB on disk for its client. Some
# browsers fetch one file by three connections.
places = Places(6, 3)


class _Sending:
    """An archive's bytes, which give their place back however they end."""

    def __init__(self, content: Iterator[bytes], place: Place) -> None:
        self._content = _sent(content, place)
        # By itself too: an answer that was dropped before a server had it must give its place back.
        self._given_back = weakref.finalize(self, places.give_back, place)

    def __iter__(self) -> Iterator[bytes]:
        return self._content

    def close(self) -> None:
        self._content.close()
        self._given_back()


def answer(request: HttpRequest, archive: Archive, part: range | None) -> HttpResponseBase:
    """The archive or a part of it. Raises `Busy` while too many are sent."""
    if request.method == "HEAD":
        return ranges.head(archive.length, "application/zip")
    place = Place(user_of(request).pk, archive.digest, long_answers.connection_of(request))
    places.take(place)
    sent = range(archive.length) if part is None else part
    found = StreamingHttpResponse(
        _Sending(archive.content(sent.start, sent.stop), place),
        status=200 if part is None else 206,
        content_type="application/zip",
    )
    found["Content-Length"] = str(len(sent))
    if part is not None:
        found["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{archive.length}"
    return found


def _sent(content: Iterator[bytes], place: Place) -> Generator[bytes]:
    with place.connection.with_spare_thread():
        for piece in content:
            if place.has_ended:
                return
            yield piece
