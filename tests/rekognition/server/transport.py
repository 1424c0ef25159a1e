"""HTTP: requests read, replies written, connections that end the way a fault wants."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from tests.rekognition.server.wire import CONTENT_TYPE

# With it set as SO_LINGER, closing a connection resets it.
NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    url: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Reply:
    """Ends with an answer, or with the connection closed or reset without one."""

    status: int = 200
    body: bytes = b""
    delay_seconds: float = 0.0
    ending: Literal["answer", "close", "reset"] = "answer"


class Transport(ThreadingHTTPServer):
    """A thread for each connection; closing the server closes them all."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Reply]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Without the base class' orderly end where the connection is to be reset."""
        with self._lock:
            self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(NO_LINGER)) == NO_LINGER:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave in the middle, killed ones among them."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                # Its thread, which waits for the next request, wakes up and closes it.
                with suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Transport
    # Headers and body leave in one packet: in two, Nagle's algorithm holds the second for 40 ms.
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = f"http://{self.headers.get('Host', '')}{self.path}"
        reply = self.server.answer(Request(url, self.headers, body))
        self.server.closing.wait(reply.delay_seconds)
        if reply.ending == "answer":
            self._send(reply)
            return
        if reply.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class'
        """Nothing: requests are in the server's own log."""
