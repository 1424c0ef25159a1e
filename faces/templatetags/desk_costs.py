"""What recognition and storage cost, for the event's page of the desk."""

from __future__ import annotations

from typing import Any

from django import template

from events.models import Event
from faces.desk import cost_page, storage
from faces.desk.storage import Storage
from faces.index.indexes import index_of

register = template.Library()


@register.simple_tag
def recognition_cost(event: Event) -> dict[str, Any] | None:
    """Forecast and figures; None where recognition runs on the site's own machines."""
    index = index_of(event)
    if not index.is_remote:
        return None
    figures = cost_page.figures(event, photos=cost_page.PHOTOS, guests=cost_page.GUESTS)
    return figures | {"service": index.service}


@register.simple_tag
def event_storage(event: Event) -> Storage:
    return storage.of_event(event)
