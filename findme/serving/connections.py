"""What waitress lacks for us in a connection and a request.

Bodies that are refused by their length are not received, and read away after the answer, so that
who sends them gets to read it. Who takes too long, or moves too little, is not waited for.
"""

from __future__ import annotations

import logging
import socket
import time
import weakref
from contextlib import AbstractContextManager, suppress
from typing import Any, cast

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import WSGITask

from findme import space
from findme.serving import bodies, long_answers

logger = logging.getLogger(__name__)

# A request's first line and headers, which come in one piece from all but the slowest.
HEADERS_SECONDS = 30.0
# A body may take its time, as 60 MB from a phone do, if it comes on at all: after a minute so many
# bytes a second, from its beginning. The same of an answer, which has a share of what may be sent.
BODY_SECONDS = 60.0
BODY_BYTES_A_SECOND = 1024
# After so many bytes of a body it is asked again whether the disk has room.
LOOK_BYTES = 4 * 2**20
# How long, and how much, is read away of what nobody wants.
LINGER_SECONDS = 60.0
LINGER_BYTES = 2**30
# What has moved so lately is on its way.
MOVING_SECONDS = 0.1
# While the server stops, what has not moved for so long is not waited for.
STILL_SECONDS = 2.0


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request, as it comes in."""

    def __init__(self, adjustments: Any, channel: Channel) -> None:
        super().__init__(adjustments)
        # Not held from here: in a cycle both would wait for the collector of garbage.
        self.channel = cast("Channel", weakref.proxy(channel))
        self.began = time.time()
        self.unread = ""
        self.looked_at = 0

    def __del__(self) -> None:
        """What was received of a body is a file on disk: it goes with a client who broke off."""
        self.close()

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if not self.completed and self.body_bytes_received - self.looked_at >= LOOK_BYTES:
            self._look_for_room()
        if not (self.unread or self.error):
            return consumed
        # What follows is of a body that nobody reads, and no next request.
        self.channel.lingers = True
        return len(data)

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # of thousands of digits Python makes no number
            raise ParsingError("Content-Length is invalid") from error
        if self.chunked:
            # Django sees that there is one, and that it does not say how long it is.
            self.headers.pop("CONTENT_LENGTH", None)
            self.headers["TRANSFER_ENCODING"] = "chunked"
            self._leave_unread("length_missing")
        elif self.content_length > bodies.FORM_MAX_BYTES and (why := self._why_unread()):
            self._leave_unread(why)

    def is_overdue(self, now: float) -> bool:
        seconds = now - self.began
        if not self.headers_finished:
            return seconds > HEADERS_SECONDS
        return bool(self.body_bytes_received < _wanted(seconds))

    def _why_unread(self) -> str:
        return bodies.why_unread(
            self.path.encode("latin-1").decode(errors="replace"),
            self.content_length,
            cookies=self.headers.get("COOKIE", ""),
            kind=self.headers.get("CONTENT_TYPE", ""),
        )

    def _look_for_room(self) -> None:
        """Others have begun too meanwhile. What they announced reserves nothing: it costs nothing
        to announce."""
        self.looked_at = self.body_bytes_received
        kind = self.headers.get("CONTENT_TYPE", "")
        if not space.takes_temporarily(bodies.copied(self.body_bytes_received, kind)):
            self._leave_unread("store_full")

    def _leave_unread(self, why: str) -> None:
        """Go on to the application at once, which answers by what the headers say."""
        self.close()
        self.unread = why
        self.completed = True
        self.body_rcv = None
        self.chunked = self.expect_continue = False
        self.content_length = 0


class Task(WSGITask):  # type: ignore[misc]
    """One request, in a thread of the application's."""

    def execute(self) -> None:
        try:
            super().execute()
        except OSError:
            # Waitress is silent here as of a socket that broke, which cannot come from this.
            logger.exception("answer_broken")
            raise

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.unread:
            environ[bodies.UNREAD] = self.request.unread
        environ[long_answers.CONNECTION] = self.channel
        return environ

    def build_response_header(self) -> bytes:
        if self._must_end():
            self.set_close_on_finish()
        return bytes(super().build_response_header())

    def set_close_on_finish(self) -> None:
        """Waitress ends a connection after each answer without length, as 304 is."""
        if self.has_body or self._must_end():
            super().set_close_on_finish()

    def _must_end(self) -> bool:
        return bool(
            self.request.connection_close or self.request.unread or self.channel.server.is_stopping
        )


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection.

    `lingers` when its client may still be sending what nobody wants: closing at once would take the
    answer away that is on its way.
    """

    task_class = Task
    lingers = False
    close_when_flushed = False
    closes_at: float | None = None
    thrown_away = 0
    # Since when something was seen to wait for its reader, and how much went meanwhile.
    sending_since: float | None = None
    sent = 0

    def parser_class(self, adjustments: Any) -> Request:
        return Request(adjustments, self)

    def service(self) -> None:
        super().service()
        self.server.count_answer()

    def received(self, data: bytes) -> bool:
        if self.closes_at is None:
            return bool(super().received(data))
        self.thrown_away += len(data)
        if self.thrown_away > LINGER_BYTES:
            self.will_close = True
        return True

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close=do_close))
        self.sent += sent
        return sent

    def handle_write(self) -> None:
        if self.lingers and self.close_when_flushed:
            self.close_when_flushed = False
            self.closes_at = time.time() + LINGER_SECONDS
        super().handle_write()
        if self.closes_at is not None and self.connected and not self.total_outbufs_len:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def end(self) -> None:
        """Now. `will_close` alone waits until the client takes more of what is to be sent."""
        self.will_close = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def with_spare_thread(self) -> AbstractContextManager[None]:
        spare: AbstractContextManager[None] = self.server.threads.one_more()
        return spare

    def is_overdue(self, now: float) -> bool:
        """Whether its client takes too long; what the application does, may."""
        if self.closes_at is not None:
            return now > self.closes_at
        if self.request is not None and self.request.is_overdue(now):
            return True
        return self._reads_too_slowly(now)

    def _reads_too_slowly(self, now: float) -> bool:
        if not self.total_outbufs_len:
            self.sending_since = None
        elif self.sending_since is None:
            self.sending_since, self.sent = now, 0
        return self.sending_since is not None and self.sent < _wanted(now - self.sending_since)

    def is_coming(self, now: float) -> bool:
        """Whether a request is being received, and has moved just now."""
        return self.request is not None and now - self.last_activity < MOVING_SECONDS

    def is_busy(self, now: float) -> bool:
        """Whether somebody waits here for an answer, or for the rest of one."""
        begun = self.request is not None or self.total_outbufs_len
        return bool(self.requests or (begun and now - self.last_activity < STILL_SECONDS))


def _wanted(seconds: float) -> float:
    """How much of a body or an answer must have moved by then."""
    return (seconds - BODY_SECONDS) * BODY_BYTES_A_SECOND
