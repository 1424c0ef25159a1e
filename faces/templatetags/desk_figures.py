"""Figures of an event for the desk's pages and panels."""

from __future__ import annotations

from django import template

from events.models import Event
from faces.desk import figures
from faces.desk.figures import Total

register = template.Library()


@register.simple_tag
def event_totals(event: Event) -> list[Total]:
    return figures.totals(event)
