"""One web process: waitress, with what it lacks for us.

Its threads belong to the application alone. Requests are received and answers sent by one loop, so
that a client who stalls holds a connection, and nothing that others need.
"""

from __future__ import annotations

import logging
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

logger = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOOP_SECONDS = 1
# While it stops, a connection on which nothing has moved for so long is not waited for.
STILL_SECONDS = 3.0
# Each connection may need three: its socket, and files for what is received and sent.
MOST_CONNECTIONS = 2_000
FILES_OF_THE_APPLICATION = 200
SETTINGS = {
    # One piece of memory that the allocator keeps; waitress's own 8 kB make long uploads slow.
    "recv_bytes": 2**16,
    # What is longer waits in a file, as does what an answer has more than its client takes.
    "inbuf_overflow": 2**20,
    "outbuf_overflow": 2**20,
    "max_request_header_size": 2**16,
    # `findme.bodies` says how much, for each address.
    "max_request_body_size": 2**62,
    # Nothing sent, received or asked for so long ends a connection. Longer than the minute for
    # which proxies keep theirs, or they would send a request into one that we just closed.
    "channel_timeout": 90,
    "cleanup_interval": 5,
    "asyncore_loop_timeout": LOOP_SECONDS,
    # `select` knows no more than 1,024 files.
    "asyncore_use_poll": True,
    # Django believes these headers as far as TRUSTED_PROXY_COUNT says.
    "clear_untrusted_proxy_headers": False,
    # Phones go away all the time.
    "log_socket_errors": False,
    "ident": None,
}


class Task(WSGITask):  # type: ignore[misc]
    """One request, in a thread of the application's."""

    def execute(self) -> None:
        try:
            super().execute()
        except OSError:
            # Waitress is silent here as of a socket that broke, which cannot come from this.
            logger.exception("answer_broken")
            raise

    def build_response_header(self) -> bytes:
        if self.channel.server.is_stopping:
            self.set_close_on_finish()
        return bytes(super().build_response_header())

    def set_close_on_finish(self) -> None:
        """Waitress ends a connection after each answer without length, as 304 is."""
        wants_end = self.request.connection_close or self.channel.server.is_stopping
        if self.has_body or wants_end:
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    task_class = Task

    def is_busy(self, now: float) -> bool:
        """Whether somebody waits here for an answer, or for the rest of one."""
        begun = self.request is not None or self.total_outbufs_len
        return bool(self.requests or (begun and now - self.last_activity < STILL_SECONDS))


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Answers the requests of one listening socket, which others may share."""

    channel_class = Channel

    def __init__(
        self, application: Application, listener: socket.socket, *, threads: int, **more: Any
    ) -> None:
        self.is_stopping = False
        self.turning: dict[int, Any] = {}  # what the loop looks after
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        adjustments = Adjustments(
            **SETTINGS, threads=threads, connection_limit=most_connections(), **more
        )
        super().__init__(
            without_bodies_of_heads(application),
            map=self.turning,
            _sock=listener,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )
        self.server_name = self.effective_host

    def run(self) -> None:
        """Returns after `stop`, when nobody waits for an answer any more."""
        while not self.is_stopping:
            self._turn()
        self._stop_listening()
        while any(one.is_busy(time.time()) for one in self.active_channels.values()):
            self._turn()

    def stop(self) -> None:
        """From a handler of signals as well."""
        self.is_stopping = True
        self.pull_trigger()

    def _turn(self) -> None:
        wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self.turning, count=1)

    def _stop_listening(self) -> None:
        """The trigger, which wakes the loop, stays."""
        self.accepting = False
        self.del_channel()
        self.socket.close()


def without_bodies_of_heads(application: Application) -> Application:
    """Django leaves it to the server that HEAD is answered by headers alone."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if close := getattr(body, "close", None):
            close()
        return ()

    return answer


def most_connections() -> int:
    """As many as the files that this process may open allow, after asking for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * MOST_CONNECTIONS + FILES_OF_THE_APPLICATION
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    files = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return max((files - FILES_OF_THE_APPLICATION) // 3, 1)


def load(name: str) -> Application:
    """What `module:name` is, or with `()` at its end makes."""
    module, _, attribute = name.partition(":")
    found: Any = getattr(import_module(module), attribute.removesuffix("()"))
    loaded: Application = found() if attribute.endswith("()") else found
    return loaded


def serve(listener: socket.socket, application: Application, *, threads: int) -> None:
    """Until SIGTERM; then what was asked is still answered. In the main thread."""
    server = Server(application, listener, threads=threads)

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.run()
