"""A page that is a gallery of some of an event's photos: favourites, or those of two guests."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from events.models import Event
from photos.gallery import paging, tiles
from photos.querysets import PhotoQuerySet


def gallery_page(
    request: HttpRequest, event: Event, photos: PhotoQuerySet, template: str, **context: object
) -> HttpResponse:
    """A gallery of some of the event's photos, in pages like General's."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    page = paging.page(photos, before=before, after=after)
    context |= {
        "event": event,
        "page": page,
        "days": tiles.days(page.photos, event, gallery="general"),
        "photo_count": photos.count(),
    }
    return render(request, template, context)
