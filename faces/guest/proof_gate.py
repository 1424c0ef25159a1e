"""What stands before the selfie at events that look only for guests who have proven their address.

The doors behind it refuse as well (`faces.finding.enrolling`).
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from events.access import EventView, user_of
from events.models import Event
from findme.http import refusal_response


def page(view: EventView) -> EventView:
    """Say so with a button that sends the code, and come back to the selfie."""

    @wraps(view)
    def guarded(request: HttpRequest, event: Event, **kwargs: Any) -> HttpResponseBase:
        if not stands(request, event):
            return view(request, event, **kwargs)
        is_read = request.method in ("GET", "HEAD")
        status = HTTPStatus.OK if is_read else HTTPStatus.FORBIDDEN
        context = {"event": event, "next": reverse("selfie", args=[event.slug])}
        return render(request, "faces/guest/prove_first.html", context, status=status)

    return guarded


def script(view: EventView) -> EventView:
    """Tell a script."""

    @wraps(view)
    def guarded(request: HttpRequest, event: Event, **kwargs: Any) -> HttpResponseBase:
        if stands(request, event):
            return refusal_response("prove_first", status=HTTPStatus.FORBIDDEN)
        return view(request, event, **kwargs)

    return guarded


def stands(request: HttpRequest, event: Event) -> bool:
    return event.proof_first and user_of(request).unproven_in is not None
