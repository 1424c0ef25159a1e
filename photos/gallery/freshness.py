"""304 for a page that would look as the browser's copy does: decided before it is rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.session import SessionStorage
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from events.access import LOOKS_AS, person_of, user_of
from events.language import language_of
from events.models import Event, User
from findme.env import ROOT
from findme.http import not_modified, unless_known
from findme.language import current_language
from photos import audience
from photos.audience import Audience
from photos.delivery import addresses
from photos.layout import order

# Pages are made of these files beside data.
MATERIAL = {"templates": "*.html", "static": "*.*", "locale": "*.po"}

MESSAGES_COOKIE, MESSAGES_KEY = CookieStorage.cookie_name, SessionStorage.session_key


@dataclass(frozen=True)
class Reader:
    """For whom a page is made: who asks, about whom it is, and what else is theirs alone."""

    user: User
    person: User
    language: str
    csrf: str | None


def respond(
    request: HttpRequest,
    event: Event,
    version: str,
    render: Callable[[], HttpResponse],
    *,
    seen_by: Audience | None = None,
) -> HttpResponseBase:
    """The page, or 304 where the browser has this very one.

    `version` stands for all that the page says of photos; who asks, what they may see, for whom,
    the event's own fields, the language, the order and the release are added here. The browser asks
    each time (`no-cache`). `seen_by`: what they may see, where that goes without asking.
    """
    if len(get_messages(request)):
        shown = render()  # it shows a message once: not a copy to come back to
        patch_cache_control(shown, private=True, no_store=True)
        return order.remember(request, shown)
    reader = Reader(
        user=user_of(request),
        person=person_of(request),
        language=current_language(),
        csrf=request.META.get("CSRF_COOKIE"),
    )
    etag = _etag(request, event, version, reader, seen_by or audience.of(request, event))
    response = unless_known(request, etag, render)
    return order.remember(request, _kept(response))


def known(request: HttpRequest, event: Event, version: str) -> HttpResponseBase | None:
    """304 on a short way (`findme.serving.shortcuts`), where the browser has the very page that
    `respond` would make. None where it has not, and where more must be looked at to know, or is
    to be remembered."""
    if has_message(request) or LOOKS_AS in request.session or order.is_chosen_now(request):
        return None
    user = user_of(request)
    csrf = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    reader = Reader(user=user, person=user, language=language_of(request, user), csrf=csrf)
    etag = _etag(request, event, version, reader, audience.of(request, event))
    answer = not_modified(request, etag)
    return answer and _kept(answer)


def has_message(request: HttpRequest) -> bool:
    """Whether a message may wait for whoever asks: none is read yet."""
    return MESSAGES_COOKIE in request.COOKIES or MESSAGES_KEY in request.session


def _kept(response: HttpResponseBase) -> HttpResponseBase:
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def _etag(
    request: HttpRequest, event: Event, version: str, reader: Reader, seen_by: Audience
) -> str:
    parts = [
        version,
        _release() if not settings.DEBUG else _release.__wrapped__(),
        reader.language,
        _fields(event),
        # A role that was given, a moment from which on all is open.
        seen_by,
        # Addresses in the bucket are good for some time only.
        addresses.version(),
        _fields(reader.user),
        _fields(reader.person),
        # Forms on the page carry a token that is good with this cookie only.
        reader.csrf,
        request.headers.get("HX-Request"),
        # How this browser's guest likes to look.
        sorted(order.query_of(request).items()),
        order.density_of(request),
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
