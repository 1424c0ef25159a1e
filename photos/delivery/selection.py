"""The photos that a guest chose in a form, and the page to go back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from events.models import Event

MOST_CHOSEN = 10_000


def chosen_ids(request: HttpRequest) -> list[int]:
    """Ids of `photo` fields, or in one field `photos` with commas: scripts send thousands.

    What is no id counts as none: it was written by hand.
    """
    texts = [*request.POST.getlist("photo"), *request.POST.get("photos", "").split(",")]
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19)
    return list(dict.fromkeys(numbers))[:MOST_CHOSEN]


def back(request: HttpRequest, event: Event) -> HttpResponseRedirect:
    """Lead to the page of ours that a form was on, or else to General."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(address, {request.get_host()}):
            return HttpResponseRedirect(address)
    return HttpResponseRedirect(event.get_absolute_url())
