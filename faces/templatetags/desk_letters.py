"""What became of the letters to an event's guests, for the desk's panels."""

from __future__ import annotations

from django import template

from events.models import Event
from faces.notices import ready
from faces.notices.ready import Told

register = template.Library()


@register.simple_tag
def ready_told(event: Event) -> Told | None:
    return ready.told(event)
