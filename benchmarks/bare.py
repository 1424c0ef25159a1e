"""FindMe's web server with one more view: bytes from memory, no session, no query."""

from __future__ import annotations

from delivery import THUMBNAIL_BYTES
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path

from findme.wsgi import application

__all__ = ["application"]
DATA = bytes(THUMBNAIL_BYTES)


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(DATA, content_type="image/jpeg")


get_resolver().url_patterns.append(path("bare", bare))
