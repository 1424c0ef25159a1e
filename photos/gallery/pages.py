"""A page that is a gallery of some of an event's photos, and the way to a time in it: the same for
General, My Photos, favourites and those of two guests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from events.models import Event
from photos.delivery.addresses import Pattern
from photos.gallery import paging, tiles, timeline
from photos.gallery.paging import Page
from photos.layout import order
from photos.querysets import GalleryQuerySet

# Some screens of a phone: of fewer photos all are soon seen.
LONG = 40


@dataclass(frozen=True)
class Gallery:
    """Some of an event's photos, the gallery's address, that of its times, and those of the pages
    that show one of its photos among the others.

    The view that makes it has looked who asks: the photos are those that this guest may see there.
    `version` is another one whenever they are others (empty: nobody knows), and `key` says which of
    that version they are: by both this process keeps what it counted. `query` is what the gallery's
    addresses say besides.
    """

    event: Event
    photos: GalleryQuerySet[Any]
    address: str
    times: str
    photo: Pattern
    version: str = ""
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    def count(self, photos: GalleryQuerySet[Any] | None = None, which: str = "") -> int:
        """How many photos it has, or those of its photos. At most one query."""
        counted = self.photos if photos is None else photos
        return timeline.count(counted, version=self.version, key=f"{self.key}:{which}")

    def said(self, request: HttpRequest) -> dict[str, str]:
        """What its addresses say, with the order."""
        return {**self.query, **order.query_of(request)}

    def page_of(self, request: HttpRequest) -> Page:
        """The page that an address asks for, in the order that it or the browser says. One query,
        and at most one more for what stands above it."""
        return paging.page(
            self.photos,
            before=request.GET.get("before", ""),
            after=request.GET.get("after", ""),
            query=self.said(request),
            order=order.order_of(request),
            count=self.count,
        )


def shown(
    request: HttpRequest,
    gallery: Gallery,
    *,
    kind: str = "general",
    long: int | None = None,
) -> dict[str, object]:
    """What its template is given. With `long` photos (else `LONG`) there is a way to a time, and
    photos say when their hour begins."""
    page, count, said = gallery.page_of(request), gallery.count(), gallery.said(request)
    is_long = count >= (LONG if long is None else long)
    times = gallery.times + (f"?{urlencode(said)}" if said else "")
    return {
        "event": gallery.event,
        "page": page,
        "days": tiles.days(
            page.photos,
            gallery.event,
            gallery=kind,
            page=gallery.photo,
            with_hours=is_long,
            is_last=page.following is None,
        ),
        "photo_count": count,
        "times_url": times if is_long else "",
        **looks(request),
    }


def gallery_page(
    request: HttpRequest, gallery: Gallery, template: str, **context: object
) -> HttpResponseBase:
    """A gallery whose page is made anew for each request."""
    return order.remember(request, render(request, template, shown(request, gallery) | context))


def times_page(
    request: HttpRequest, gallery: Gallery, *, tab: str, **context: object
) -> HttpResponse:
    """The days and hours of a gallery, to jump to; a page, or a part of the gallery's. At most one
    query."""
    context |= {
        "event": gallery.event,
        "tab": tab,
        "address": gallery.address,
        "days": timeline.days(
            gallery.photos,
            gallery.event,
            version=gallery.version,
            key=gallery.key,
            query=gallery.said(request),
        ),
    }
    is_fragment = getattr(request, "htmx", False)
    template = "photos/gallery/_times.html" if is_fragment else "photos/gallery/times.html"
    return render(request, template, context)


def looks(request: HttpRequest) -> dict[str, object]:
    """What templates of galleries need to know of how their guest likes to look."""
    is_oldest = order.order_of(request) == order.OLDEST
    shown, other = (order.OLDEST, order.NEWEST) if is_oldest else (order.NEWEST, order.OLDEST)
    return {"order": shown, "other_order": other, "density": order.density_of(request)}
