"""What the join page and previews of its link show of the event's cover.

Whoever has a join code that works now sees it, without an account, and no other photo: addresses
name none. They get the cover itself, or, where organizers want that (`Event.veiled_cover`), one so
soft that nobody on it can be recognized. Robots of messengers ask for it too: no session is made.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from events.entrance import joining
from events.models import Event
from findme.http import unless_known
from photos.delivery import serving
from photos.gallery import covers
from photos.gallery.covers import Shown
from photos.imaging import invitations
from photos.store import reading
from photos.store.faults import PictureMissing, StoreUnavailable

logger = logging.getLogger(__name__)

# By size: the rendition that it is made of. Veiled, the smallest will do.
RENDITIONS = {"page": "medium", "large": "preview", "link": "preview"}


@dataclass(frozen=True)
class Invitation:
    """Addresses of the cover: on the page, there on a large screen, and for previews of the link.
    Each says which cover it is, so that who keeps pictures asks anew when it is another."""

    address: str
    large_address: str
    link_address: str
    focus_classes: str


def to(event: Event) -> Invitation | None:
    """None where nothing is to be shown yet."""
    shown = covers.cover_of(event)
    if shown is None:
        return None
    page, large, link = (_address(event, shown, size) for size in RENDITIONS)
    if event.veiled_cover:
        large = page  # there is nothing finer
    return Invitation(page, large, f"{settings.SITE_URL}{link}", shown.focus_classes)


@require_safe
def cover(request: HttpRequest, slug: str, code: str, size: str) -> HttpResponseBase:
    """The cover in one of `RENDITIONS`. Asked for again each time, so that hiding it counts."""
    event = _event(request, slug, code)
    shown = covers.cover_of(event)
    if shown is None:
        raise Http404
    etag = quote_etag(f"{_version(event, shown)}-{size}")
    try:
        answer = unless_known(request, etag, lambda: _answer(event, shown, size))
    except PictureMissing as error:
        logger.error("picture_missing %s", error)
        raise Http404 from error
    except StoreUnavailable as error:
        return serving.unavailable(error)
    answer["ETag"] = etag
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _event(request: HttpRequest, slug: str, code: str) -> Event:
    """Wrong codes count as they do on the page: this is no other way to guess one."""
    try:
        return joining.event_to_join(slug=slug, code=code, at=timezone.now())
    except joining.JoinRefused as refused:
        joining.count_wrong_link(request, refused, slug)
        raise Http404 from refused


def _answer(event: Event, shown: Shown, size: str) -> HttpResponse:
    kind = "thumbnail" if event.veiled_cover else RENDITIONS[size]
    data = reading.read_of(shown.photo, kind)
    if data is None:
        raise Http404
    return HttpResponse(_picture(bytes(data), event, shown, size), content_type="image/jpeg")


def _picture(data: bytes, event: Event, shown: Shown, size: str) -> bytes:
    if size != "link" and not event.veiled_cover:
        return data
    is_veiled = event.veiled_cover
    image = invitations.soft(data, shown.largest_face) if is_veiled else invitations.opened(data)
    if size == "link":
        return invitations.for_link(image, shown.focus)
    return invitations.to_jpeg(image)


def _address(event: Event, shown: Shown, size: str) -> str:
    name = {"page": "cover", "large": "cover_large", "link": "cover_link"}[size]
    address = reverse(name, args=[event.slug, event.join_code])
    return f"{address}?v={_version(event, shown)}"


def _version(event: Event, shown: Shown) -> str:
    """Of what is shown: another photo, another veil, faces that were found meanwhile."""
    seen = (shown.photo.sha256, event.veiled_cover, shown.focus, shown.largest_face)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]
