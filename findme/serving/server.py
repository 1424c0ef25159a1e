"""One web process: waitress, with what it lacks for us.

Its threads belong to the application alone. Requests are received and answers sent by one loop, so
that a client who stalls holds a connection, and nothing that others need.
"""

from __future__ import annotations

import faulthandler
import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any

from django.db import connections
from django.urls import get_resolver
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from findme.serving.connections import Channel

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOOP_SECONDS = 1
# For so long who is at work leaves a new connection to the others: it takes them less to wake up.
COURTESY_SECONDS = 0.0005
LOOK_SECONDS = 5
# Where requests wait, and for so long not one is answered, the process is given up: what holds its
# threads, or its loop, will not let go.
STUCK_SECONDS = 120
# Each connection may need three: its socket, and files for what is received and sent.
MOST_CONNECTIONS = 2_000
FILES_OF_THE_APPLICATION = 200
# Nothing sent, received or asked for so long ends a connection. Longer than the minute for which
# proxies keep theirs, or they would send a request into one that we just closed.
IDLE_SECONDS = 90
# The same where more than half of the connections are in use.
IDLE_SECONDS_IN_A_CROWD = 10
SETTINGS = {
    # One piece of memory that the allocator keeps; waitress's own 8 kB make long uploads slow.
    "recv_bytes": 2**16,
    # What is longer waits in a file, as does what an answer has more than its client takes: a
    # hundred stalled clients of either kind hold 50 MB at most.
    "inbuf_overflow": 2**19,
    "outbuf_overflow": 2**19,
    "max_request_header_size": 2**16,
    # `findme.serving.bodies` says how much, for each address.
    "max_request_body_size": 2**62,
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": LOOK_SECONDS,
    # `select` knows no more than 1,024 files.
    "asyncore_use_poll": True,
    # Django believes these headers as far as TRUSTED_PROXY_COUNT says.
    "clear_untrusted_proxy_headers": False,
    # Phones go away all the time.
    "log_socket_errors": False,
    "ident": None,
}


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Those that work for the application, and one more for each answer that takes its time."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._changing = threading.Lock()
        self.set_thread_count(count)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    def handler_thread(self, thread_no: int) -> None:
        try:
            super().handler_thread(thread_no)
        finally:
            connections.close_all()  # each thread has its own

    def _change(self, by: int) -> None:
        with self._changing:
            self._count += by
            self.set_thread_count(self._count)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Answers the requests of one listening socket, which others may share.

    `feed_watchdog` is called every few seconds while the process gets on.
    """

    channel_class = Channel

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        *,
        threads: int,
        feed_watchdog: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_stopping = False
        self.feed_watchdog = feed_watchdog
        self.answered = self.answered_before = 0
        self.turning: dict[int, Any] = {}  # what the loop looks after
        self.threads = Threads(threads)
        self.waiting = self.threads.queue
        super().__init__(
            without_bodies_of_heads(application),
            map=self.turning,
            _sock=listener,
            dispatcher=self.threads,
            adj=Adjustments(**SETTINGS, threads=threads, connection_limit=most_connections()),
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
            self.maintenance(time.time())
            self._turn()
        self.task_dispatcher.shutdown(timeout=LOOP_SECONDS)
        wasyncore.close_all(self.turning)

    def stop(self) -> None:
        """From a handler of signals, or another thread: what that pulls, `run` closes as soon as it
        knows."""
        if not self.is_stopping:
            self.pull_trigger()
            self.is_stopping = True

    def readable(self) -> bool:
        """While requests wait here, the other processes take new connections."""
        return bool(super().readable() and not self.waiting)

    def handle_accept(self) -> None:
        """A new connection is an idle process's first. One at work is awake, and would take all
        that come; those would then wait for each other here, and the rest of the machine for
        nobody."""
        if self._is_at_work():
            time.sleep(COURTESY_SECONDS)
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        is_crowded = len(self.active_channels) > self.adj.connection_limit / 2
        self.adj.channel_timeout = IDLE_SECONDS_IN_A_CROWD if is_crowded else IDLE_SECONDS
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.will_close or channel.is_overdue(now):
                channel.end()
        if not self.waiting or self.answered != self.answered_before:
            self.feed_watchdog()
        self.answered_before = self.answered

    def count_answer(self) -> None:
        """From any thread: that it changes is all that matters."""
        self.answered += 1

    def _is_at_work(self) -> bool:
        if self.task_dispatcher.active_count:
            return True
        now = time.time()
        return any(one.is_coming(now) for one in self.active_channels.values())

    def _turn(self) -> None:
        wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self.turning, count=1)

    def _stop_listening(self) -> None:
        """The trigger, which wakes the loop, stays."""
        self.accepting = False
        self.del_channel()
        self.socket.close()


def without_bodies_of_heads(application: Application) -> Application:
    """Django leaves it to the server that HEAD is answered by headers alone."""

    def answer(request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = application(request, start_response)
        if request["REQUEST_METHOD"] != "HEAD":
            return body
        if close := getattr(body, "close", None):
            close()
        return ()

    return answer


def most_connections() -> int:
    """As many as the files that this process may open allow, after asking for more."""
    wanted = 3 * MOST_CONNECTIONS + FILES_OF_THE_APPLICATION
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max((most - FILES_OF_THE_APPLICATION) // 3, 1)


def load(name: str) -> Application:
    """What `module:name` is, or with `()` at its end makes."""
    module, _, attribute = name.partition(":")
    found: Any = getattr(import_module(module), attribute.removesuffix("()"))
    loaded: Application = found() if attribute.endswith("()") else found
    return loaded


def serve(listener: socket.socket, application: Application, *, threads: int) -> None:
    """Until SIGTERM; then what was asked is still answered. In the main thread."""
    # It warns of each request that waits for a moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _ = get_resolver().url_patterns  # imported here, and not while the loop looks up an address
    server = Server(application, listener, threads=threads, feed_watchdog=_feed_watchdog)

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.run()


def _feed_watchdog() -> None:
    """The interpreter's own, which needs no lock of it: it says where each thread stands, and ends
    the process. The supervisor starts another."""
    faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
