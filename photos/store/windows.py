"""The time windows within which a picture's signed address stays the same."""

from __future__ import annotations

import time

from django.conf import settings

# An address is valid for its own window and the next, so that it has at least one left.
VALID_WINDOWS = 2


def length_seconds() -> int:
    return int(settings.MEDIA_URL_SECONDS)


def lifetime_seconds() -> int:
    """How long an address of a window is valid, from the window's start."""
    return VALID_WINDOWS * length_seconds()


def start(now: float | None = None) -> int:
    """When the current window began, in seconds since 1970."""
    moment = int(time.time() if now is None else now)
    return moment - moment % length_seconds()


def seconds_left() -> int:
    """How long an address of the current window stays the address."""
    return start() + length_seconds() - int(time.time())
