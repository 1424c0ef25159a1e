"""304 for a page that would look as the browser's copy does: decided before it is rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.messages import get_messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

from events.access import person_of
from events.models import Event
from findme.env import ROOT
from findme.http import unless_known
from photos.delivery import addresses

# Pages are made of these files beside data.
MATERIAL = {"templates": "*.html", "static": "*.*", "locale": "*.po"}


def respond(
    request: HttpRequest, event: Event, version: str, render: Callable[[], HttpResponse]
) -> HttpResponseBase:
    """The page, or 304 where the browser has this very one.

    `version` stands for all that the page says of photos; who asks, for whom, the event's own
    fields, the language and the release are added here. The browser asks each time (`no-cache`).
    """
    if len(get_messages(request)):
        shown = render()  # it shows a message once: not a copy to come back to
        patch_cache_control(shown, private=True, no_store=True)
        return shown
    etag = _etag(request, event, version)
    response = unless_known(request, etag, render)
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def _etag(request: HttpRequest, event: Event, version: str) -> str:
    parts = [
        version,
        _release() if not settings.DEBUG else _release.__wrapped__(),
        get_language(),
        _fields(event),
        # Addresses in the bucket are good for some time only.
        addresses.version(),
        _fields(request.user) if request.user.is_authenticated else None,
        _fields(person_of(request)) if request.user.is_authenticated else None,
        # Forms on the page carry a token that is good with this cookie only.
        request.META.get("CSRF_COOKIE"),
        request.headers.get("HX-Request"),
    ]
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _fields(row: Model) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


@cache
def _release() -> str:
    """A digest of templates, translations, scripts and styles. Read once a process."""
    digest = hashlib.sha256()
    for folder, names in MATERIAL.items():
        for path in sorted((ROOT / folder).rglob(names)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
