"""Whom people turn to who have no account."""

from __future__ import annotations

from django import template
from django.conf import settings

from events.models import Event

register = template.Library()


@register.simple_tag
def contact_of(event: Event) -> str:
    """An address or number of who is responsible for the event, else of the installation's."""
    return event.controller_contact or str(getattr(settings, "CONTROLLER_CONTACT", ""))
