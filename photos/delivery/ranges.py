"""Parts of a file asked for by the Range header (RFC 9110, section 14)."""

from __future__ import annotations

import re

from django.http import FileResponse, HttpRequest, HttpResponse

from photos.delivery.outgoing import MOST_READ, OpenFile

# Longer numbers are no part of any file, and too long for `int`.
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """The file ends before the part begins."""


def asked_for(request: HttpRequest, size: int, etag: str) -> range | None:
    """The part of a file of `size` bytes; None where the whole is to be sent.

    That is the answer to several ranges at once, to what is no range, to a part of another version
    (If-Range), and to HEAD. Raises `Unsatisfiable`.
    """
    found = ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        return _from(max(0, size - int(last)), size, size)
    if last and int(last) < int(first):
        return None
    return _from(int(first), int(last) + 1 if last else size, size)


def answer(content: OpenFile, part: range | None, size: int, content_type: str) -> FileResponse:
    """The part, or the whole file of `size` bytes, for the server to send by itself."""
    found = FileResponse(content, status=200 if part is None else 206, content_type=content_type)
    found.block_size = MOST_READ  # of servers that leave it to Django
    found["Accept-Ranges"] = "bytes"
    if part is not None:
        found["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return found


def head(size: int, content_type: str) -> HttpResponse:
    """What is said of a whole file, of which nothing is sent."""
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(size)}
    return HttpResponse(content_type=content_type, headers=headers)


def unsatisfiable(size: int) -> HttpResponse:
    return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})


def _from(start: int, stop: int, size: int) -> range:
    if start >= min(stop, size):
        raise Unsatisfiable
    return range(start, min(stop, size))
