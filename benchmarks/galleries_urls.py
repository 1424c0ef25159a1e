"""The product's addresses, and those of the yardsticks of `galleries.py`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from galleries import PAGE

from events.access import member_required
from events.models import Event
from faces.models import FaceMatch
from findme.urls import urlpatterns as product
from photos.gallery import tiles
from photos.models import Photo


@member_required
def empty(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse("")


@member_required
def original(request: HttpRequest, event: Event) -> HttpResponse:
    """Every photo with its pictures and the match objects of all its guests."""
    photos = Photo.objects.defer(None).in_event(event).visible().prefetch_related("matches")
    return page(request, event, list(photos.newest_first()[:PAGE]))


@member_required
def original_mine(request: HttpRequest, event: Event) -> HttpResponse:
    matches = FaceMatch.objects.of(request.user).in_event(event).counting()
    photos = Photo.objects.defer(None).visible().filter(matches__in=matches)
    return page(request, event, list(photos.prefetch_related("matches").newest_first()[:PAGE]))


@member_required
def two_steps(request: HttpRequest, event: Event) -> HttpResponse:
    """The ids of the page first, then the photos, and the matches of all guests in them."""
    shown = Photo.objects.in_event(event).visible().newest_first()
    ids = list(shown.values_list("pk", flat=True)[:PAGE])
    photos = Photo.objects.filter(pk__in=ids).prefetch_related("matches")
    return page(request, event, list(photos.newest_first()))


@member_required
def two_steps_mine(request: HttpRequest, event: Event) -> HttpResponse:
    matches = FaceMatch.objects.of(request.user).in_event(event).counting()
    ids = list(matches.values_list("photo_id", flat=True))
    photos = Photo.objects.visible().filter(pk__in=ids)
    return page(request, event, list(photos.newest_first()[:PAGE]))


def page(request: HttpRequest, event: Event, photos: list[Photo]) -> HttpResponse:
    """The same tiles as the product's, so that only the reading differs."""
    context = {"event": event, "days": tiles.days(photos, event, gallery="general"), "mine": ()}
    return render(request, "photos/gallery/_grid.html", context | {"gallery": "general"})


urlpatterns = [
    *product,
    path("yardstick/<slug:slug>/empty/", empty),
    path("yardstick/<slug:slug>/original/", original),
    path("yardstick/<slug:slug>/original/mine/", original_mine),
    path("yardstick/<slug:slug>/two-steps/", two_steps),
    path("yardstick/<slug:slug>/two-steps/mine/", two_steps_mine),
]
