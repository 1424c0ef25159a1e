"""The web server as a whole: one listening socket, and the processes that share it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from pathlib import Path

from django.core.management import CommandError

from findme.running.supervisor import Child

MANAGE = str(Path(__file__).resolve().parents[2] / "manage.py")
APPLICATION = "findme.wsgi:application"
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """The socket on which requests come. Raises `CommandError`, in words."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise CommandError(_reason(error, host, port)) from error
    return listener


def processes(listener: socket.socket, *, application: str = APPLICATION) -> list[Child]:
    """As many as `WEB_CONCURRENCY` says. They end at once with the one who started them."""
    descriptor = listener.fileno()
    process = [sys.executable, MANAGE, "serve", str(descriptor), application]
    number = number_of("WEB_CONCURRENCY", 2)
    return [
        Child(f"web-{n}", process, orphan_signal=signal.SIGKILL, keeps_files=(descriptor,))
        for n in range(1, number + 1)
    ]


def number_of(name: str, default: int) -> int:
    """A setting that is a number of processes, threads or seconds."""
    return int(os.environ.get(name) or default)


def command(port: int, *, application: str = APPLICATION) -> list[str]:
    """What starts the web server by itself, for benchmarks and tests: as `bin/run` has it."""
    web = [sys.executable, MANAGE, "web", "--host", "127.0.0.1"]
    return [*web, "--port", str(port), "--application", application]


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by another FindMe."
            f" Stop that one, or choose another port: --port {port + 1}"
        )
    return f"FindMe cannot listen at {host}, port {port}: {error.strerror}."
