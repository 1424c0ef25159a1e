"""The web server as a whole: one listening socket, and the processes that share it."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress

import psutil
from django.core.management import CommandError

from findme.env import ROOT
from findme.running.supervisor import Child

logger = logging.getLogger(__name__)

MANAGE = str(ROOT / "manage.py")
APPLICATION = "findme.wsgi:application"
BACKLOG = 1024
PATIENCE_SECONDS = 1.0


def listen(host: str, port: int) -> socket.socket:
    """The socket on which requests come. Raises `CommandError`, in words.

    Where the port is taken by what a killed supervisor of ours left behind, that is ended. What is
    just ending keeps it for a moment more.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise CommandError(_reason(error, host, port)) from error
            end_orphans()
            time.sleep(0.1)


def end_orphans() -> None:
    """Kill the web processes of this installation whose supervisor is gone."""
    for process in psutil.process_iter(["cmdline", "ppid"]):
        match process.info["cmdline"]:
            case [_, script, "serve", supervisor, *_] if script == MANAGE:
                if supervisor == str(process.info["ppid"]):
                    continue
                logger.warning("orphan_ended pid=%d", process.pid)
                with suppress(psutil.Error):
                    process.kill()


def _bound(host: str, port: int) -> socket.socket:
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
    return listener


def processes(listener: socket.socket, *, application: str = APPLICATION) -> list[Child]:
    """As many as `WEB_CONCURRENCY` says. They end at once with the one who started them."""
    descriptor, supervisor = listener.fileno(), os.getpid()
    process = [sys.executable, MANAGE, "serve", f"{supervisor}", f"{descriptor}", application]
    number = int(os.environ.get("WEB_CONCURRENCY") or 2)
    return [
        Child(f"web-{n}", process, orphan_signal=signal.SIGKILL, keeps_files=(descriptor,))
        for n in range(1, number + 1)
    ]


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
