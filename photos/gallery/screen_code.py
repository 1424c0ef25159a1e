"""The QR code on a slideshow: who sees the screen can join, while anybody can."""

from __future__ import annotations

import hashlib

from django.utils import timezone
from django.utils.http import quote_etag

from events.entrance import qr
from events.models import Event
from photos import audience
from photos.gallery.versions import Version


def address(event: Event) -> str:
    """Where pages find the picture; empty where there is none to be shown."""
    return qr.data_address(event) if _is_shown(event) else ""


def etag(event: Event, version: Version) -> str:
    """Of a slideshow's list. A screen is open all day: its code follows the event's, and its photos
    who sees what."""
    shown = event.join_code if _is_shown(event) else ""
    shown += audience.of_everybody(event).key
    digest = hashlib.sha256(shown.encode()).hexdigest()[:12]
    return quote_etag(f"{version.everybody}-{digest}")


def _is_shown(event: Event) -> bool:
    return event.slideshow_qr and event.can_be_joined(timezone.now())
