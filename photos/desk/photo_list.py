"""The desk's list of photos: of which event it is, and for whom."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from events.access import is_organizer
from events.desk import registry
from events.models import Event

# The menu of the upload button has so many; other events are reached from their own pages.
EVENTS_OFFERED = 20
EVENT_FILTER = "event__id__exact"
ORGANIZES = "organizes_any_event"


def address_of(event: Event) -> str:
    """The list, narrowed to the photos of one event."""
    return f"{reverse('admin:photos_photo_changelist')}?{EVENT_FILTER}={event.pk}"


def context(request: HttpRequest) -> dict[str, Any]:
    """The variables of the list's head: whose upload page it offers, and what may be done."""
    events = list(Event.objects.uploadable_by(request.user).with_namesakes()[:EVENTS_OFFERED])
    event = _event_shown(request, events)
    return {
        "upload_events": events,
        "event": event,
        "organizes": event is not None and is_organizer(request.user, event),
    }


def organizes_any(request: HttpRequest) -> bool:
    """Asked many times for one page, of the database once."""
    if not hasattr(request, ORGANIZES):
        setattr(request, ORGANIZES, Event.objects.organized_by(request.user).exists())
    return bool(getattr(request, ORGANIZES))


def _event_shown(request: HttpRequest, events: list[Event]) -> Event | None:
    """The event whose photos the list is narrowed to; the only one, where there is but one."""
    if chosen := registry.ids(request.GET.getlist(EVENT_FILTER)):
        return Event.objects.uploadable_by(request.user).filter(pk__in=chosen).first()
    return events[0] if len(events) == 1 and EVENT_FILTER not in request.GET else None
