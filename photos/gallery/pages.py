"""What guests' pages around the galleries share: who asks, what was chosen, where to go back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from events.models import Event
from photos.gallery import paging, tiles
from photos.querysets import PhotoQuerySet

MOST_CHOSEN = 10_000


def chosen_ids(request: HttpRequest) -> list[int]:
    """Ids of `photo` fields, or in one field `photos` with commas: scripts send thousands.

    What is no id counts as none: it was written by hand.
    """
    texts = [*request.POST.getlist("photo"), *request.POST.get("photos", "").split(",")]
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19)
    return list(dict.fromkeys(numbers))[:MOST_CHOSEN]


def back(request: HttpRequest, event: Event) -> HttpResponseRedirect:
    """To the page of ours that a form was on, or else to General."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(address, {request.get_host()}):
            return HttpResponseRedirect(address)
    return HttpResponseRedirect(event.get_absolute_url())


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
