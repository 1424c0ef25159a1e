"""What requests ask for."""

from __future__ import annotations

from django.http import HttpRequest


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which stays on its page."""
    return request.accepts("application/json") and not request.accepts("text/html")
