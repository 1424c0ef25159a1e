"""The slideshow of an event for a screen at the venue.

Whoever has its link sees it: no account is asked for, and none is shown where one is signed in.
So it shows what every guest may see, and nothing that is only some guests'.
The link opens the slideshow and nothing else.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from events.models import Event, Membership
from findme.http import unless_known
from photos import audience
from photos.delivery import serving
from photos.gallery import screen_code, versions
from photos.models import Photo
from photos.querysets import PhotoQuerySet

# So many of the newest photos take turns, which lasts five minutes.
SLIDES = 50


@require_safe
def screen(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The page that fills the screen. It shows the newest photo without JavaScript too."""
    event = _event(slug, code)
    with timezone.override(event.zone):
        slides = _slides(event)
        first = slides[0] if slides else None
        context = {"event": event, "first": first, "qr": screen_code.address(event)}
        response = render(request, "photos/gallery/slideshow.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def slides(request: HttpRequest, slug: str, code: str) -> HttpResponseBase:
    """The newest visible photos, and the code to join with; 304 while nothing changed.

    Asked every two seconds.
    """
    event = _event(slug, code)
    etag = screen_code.etag(event, versions.version(event))
    response = unless_known(request, etag, lambda: _list(event))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def picture(request: HttpRequest, slug: str, code: str, photo_id: int) -> HttpResponseBase:
    """A visible photo, large. Asked for again each time it is shown, so that hiding it counts."""
    event = _event(slug, code)
    photo = get_object_or_404(_shown(event), pk=photo_id)
    response = serving.response(photo, "preview", request)
    response["Cache-Control"] = "private, no-cache"
    return response


def _event(slug: str, code: str) -> Event:
    return get_object_or_404(Event.objects.kept(), slug=slug, live_code=code)


def _list(event: Event) -> JsonResponse:
    return JsonResponse({"slides": _slides(event), "qr": screen_code.address(event)})


def _slides(event: Event) -> list[dict[str, str | int]]:
    """Two queries."""
    newest = _shown(event).newest_first()[:SLIDES]
    names = _photographers(event)
    return [
        {
            "id": photo.pk,
            "url": reverse("live_picture", args=[event.slug, event.live_code, photo.pk]),
            "by": names.get(photo.uploader_id, ""),
        }
        for photo in newest
    ]


def _shown(event: Event) -> PhotoQuerySet:
    return Photo.objects.in_event(event).in_general(audience.of_everybody(event))


def _photographers(event: Event) -> dict[int | None, str]:
    """Names of those who are there to take pictures. Guests' uploads name nobody."""
    roles = [Membership.Role.ORGANIZER, Membership.Role.PHOTOGRAPHER]
    members = event.memberships.filter(role__in=roles)
    return dict(members.values_list("user_id", "user__name"))
