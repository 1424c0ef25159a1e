"""Addresses of pictures in pages."""

from __future__ import annotations

from django import template
from django.urls import reverse

from events.models import Event
from photos import media
from photos.models import Photo
from photos.store.faults import StoreUnavailable

register = template.Library()


@register.simple_tag
def picture_url(event: Event, photo: Photo, kind: str) -> str:
    """Where the browser fetches a picture: from the bucket itself where it is there.

    Asks no service and no database. Where signing fails, the address is ours, and says why.
    """
    try:
        signed = media.address(photo, kind)
    except StoreUnavailable:
        signed = None
    return signed or reverse(kind, args=[event.slug, photo.pk])
