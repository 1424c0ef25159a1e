"""A page that is a gallery of some of an event's photos: favourites, or those of two guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from events.models import Event
from photos.gallery import paging, tiles
from photos.gallery.paging import Page
from photos.layout import order
from photos.querysets import GalleryQuerySet, PhotoQuerySet


def gallery_page(
    request: HttpRequest, event: Event, photos: PhotoQuerySet, template: str, **context: object
) -> HttpResponseBase:
    """A gallery of some of the event's photos, in pages like General's."""
    page = page_of(request, photos)
    context |= {
        "event": event,
        "page": page,
        "days": tiles.days(page.photos, event, gallery="general", is_last=page.following is None),
        "photo_count": photos.count(),
        **looks(request),
    }
    return order.remember(request, render(request, template, context))


def page_of(
    request: HttpRequest,
    photos: GalleryQuerySet[Any],
    query: Mapping[str, str] = paging.NO_QUERY,
) -> Page:
    """The page that an address asks for, in the order that it or the browser says. One query.
    `query`: what the gallery's addresses say besides."""
    return paging.page(
        photos,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        query={**query, **order.query_of(request)},
        order=order.order_of(request),
    )


def looks(request: HttpRequest) -> dict[str, object]:
    """What templates of galleries need to know of how their guest likes to look."""
    shown = order.order_of(request)
    other = order.NEWEST if shown == order.OLDEST else order.OLDEST
    return {"order": shown, "other_order": other, "density": order.density_of(request)}
