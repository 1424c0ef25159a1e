"""The photo that stands for an event."""

from __future__ import annotations

from django import template

from events.models import Event
from photos import covers
from photos.models import Photo

register = template.Library()


@register.simple_tag
def cover_of(event: Event) -> Photo | None:
    return covers.cover_of(event)
