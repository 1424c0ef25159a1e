"""A mail server on a socket: it keeps what it takes, and fails where a test has it fail."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GREETING, AFTER_THE_DOT = "greeting", "."
USUAL = {GREETING: "220 here", "DATA": "354 go on", AFTER_THE_DOT: "250 taken", "QUIT": "221 bye"}
# Said instead of an answer, the server hangs up.
HANGS_UP = ""


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` to what a client says (`MAIL`, `RCPT`, `AFTER_THE_DOT`), where not the usual ones.
    `arrived` are the letters that came whole, whatever was answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.arrived: list[str] = []

    def answer(self, said: str) -> str:
        return self.answers.get(said, USUAL.get(said, "250 yes"))


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        said = GREETING
        while answer := self.server.answer(said):
            self.wfile.write(f"{answer}\r\n".encode())
            if said == "QUIT":
                return
            if said == "DATA" and answer.startswith("354"):
                self.server.arrived.append(self._letter())
                said = AFTER_THE_DOT
            else:
                said = self.rfile.readline().decode().strip().partition(" ")[0].upper() or "QUIT"

    def _letter(self) -> str:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines).decode()


@contextmanager
def listening(settings: Any) -> Iterator[MailServer]:
    """A server that all letters go to, without waiting for it for long."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 5
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
