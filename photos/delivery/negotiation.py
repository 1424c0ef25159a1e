"""In which format a small picture is sent: as it is stored, or as JPEG to browsers without WebP.

One copy is kept, and those few browsers (of before 2020) cost a thumbnail's 3 ms and a medium's 12,
once a month by their own cache.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from photos.imaging import formats, images

# The others are JPEG files for everybody: the preview is also what guests take home.
STORED_AS_WEBP = frozenset(["thumbnail", "medium"])
# What is decoded has lost a little already.
QUALITY = 85


def wants_jpeg(request: HttpRequest, kind: str) -> bool:
    """Whether this picture has to be sent as another than is stored.

    Every browser that can show WebP names it where it asks for a picture. Those that cannot say
    `image/*` too, so that is no consent; who sends no Accept at all takes anything.
    """
    accepted = request.headers.get("Accept")
    return kind in STORED_AS_WEBP and accepted is not None and "image/webp" not in accepted


def as_jpeg(data: bytes | memoryview) -> bytes | memoryview:
    """The same picture as a JPEG, at its size, where it is none."""
    if not _is_webp(data):
        return data
    return images.to_jpeg(images.decode(bytes(data), min_side=None), QUALITY)


def content_type(data: bytes | memoryview) -> str:
    """By the bytes, and not by their column: photos of before have JPEGs there."""
    return "image/webp" if _is_webp(data) else "image/jpeg"


def suffix(kind: str, *, is_jpeg: bool) -> str:
    return "webp" if kind in STORED_AS_WEBP and not is_jpeg else "jpg"


def varied(answer: HttpResponseBase, kind: str) -> HttpResponseBase:
    """Tell caches what the answer depends on, 304 and redirects too."""
    if kind in STORED_AS_WEBP:
        patch_vary_headers(answer, ["Accept"])
    return answer


def _is_webp(data: bytes | memoryview) -> bool:
    return formats.kind_of(bytes(data[: formats.START_BYTES])) == "WEBP"
