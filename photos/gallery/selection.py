"""The photos that a guest selected in a gallery, whichever it was."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST

from events.access import member_required
from events.models import Event
from photos import audience
from photos.delivery.download_views import all_photos
from photos.models import Photo
from photos.querysets import PhotoQuerySet

MOST_SELECTED = 10_000


@require_POST
@member_required
def download(request: HttpRequest, event: Event) -> HttpResponseBase:
    return all_photos(request, event, selected(request, event), name=event.slug)


def selected(request: HttpRequest, event: Event) -> PhotoQuerySet:
    """Those of the selected photos that this guest may see; others are not said to be missing."""
    viewer = audience.of(request, event)
    return Photo.objects.in_event(event).visible_to(viewer).filter(pk__in=_ids(request))


def _ids(request: HttpRequest) -> list[int]:
    """Ids of `photo` fields, or in one field `photos` with commas: scripts send thousands.

    What is no id counts as none: it was written by hand.
    """
    texts = [*request.POST.getlist("photo"), *request.POST.get("photos", "").split(",")]
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19)
    return list(dict.fromkeys(numbers))[:MOST_SELECTED]
