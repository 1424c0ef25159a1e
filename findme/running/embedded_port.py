"""At which port of this machine the embedded PostgreSQL listens. Standard library only."""

import socket
from pathlib import Path


def choose(file: Path) -> int | None:
    """The port of last time if it is free, else a new one; None where none is.

    Kept in the file, because processes that survive a restart of the server go on using the old
    address.
    """
    for wanted in (_last(file), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            port = int(probe.getsockname()[1])
        file.write_text(str(port))
        return port
    return None


def _last(file: Path) -> int:
    """0, which is any, where it is not known or no port."""
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    return port if 0 < port < 2**16 else 0
