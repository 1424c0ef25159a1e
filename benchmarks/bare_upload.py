"""The least that taking in a file can mean: read the body, put it on the disk, answer. WSGI."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if data:
        path = os.path.join(os.environ["BARE_UPLOAD_DIR"], secrets.token_hex(8))
        with open(path, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"state": "accepted"}']
