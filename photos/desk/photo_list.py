"""The desk's list of photos: of which event it is, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from events.access import is_organizer
from events.desk import naming, registry
from events.models import Event
from events.querysets import EventQuerySet
from photos import sections
from photos.desk import moderation
from photos.models import Photo, Section

# The menu of the upload button has so many; other events are reached from their own pages.
EVENTS_OFFERED = 20
EVENT_FILTER = "event__id__exact"
T = TypeVar("T")


def address_of(event: Event) -> str:
    """The list, narrowed to the photos of one event."""
    return f"{reverse('admin:photos_photo_changelist')}?{EVENT_FILTER}={event.pk}"


def refuse_strangers(model_admin: Any, request: HttpRequest, photo_id: int) -> Event:
    """404, unless the photo is in the bin of an event that the user organizes: which event. One
    that was deleted for good has left nothing to tell whose it was."""
    binned = model_admin.own(request, Photo.objects.binned()).select_related("event")
    photo: Photo = get_object_or_404(binned, pk=photo_id)
    return photo.event


def context(request: HttpRequest) -> dict[str, Any]:
    """The variables of the list's head: whose upload page it offers, and what may be done."""
    event = event_shown(request)
    return {
        "upload_events": _events(request),
        "event": event,
        "subtitle": naming.told_apart(event) if event else None,
        "organizes": event is not None and is_organizer(request.user, event),
        "to_approve": moderation.waiting_count(event) if event else 0,
    }


def event_shown(request: HttpRequest) -> Event | None:
    """The event whose photos the list is narrowed to; the only one, where there is but one."""
    return _once(request, "event_shown", lambda: _event_shown(request))


def sections_shown(request: HttpRequest) -> list[Section]:
    """Those of that event."""
    event = event_shown(request)
    return _once(request, "sections_shown", lambda: list(sections.of(event)) if event else [])


def organizes_any(request: HttpRequest) -> bool:
    mine = Event.objects.organized_by(request.user)
    return _once(request, "organizes_any_event", mine.exists)


def _once(request: HttpRequest, name: str, ask: Callable[[], T]) -> T:
    """Asked many times for one page, of the database once."""
    if not hasattr(request, name):
        setattr(request, name, ask())
    known: T = getattr(request, name)
    return known


def _own(request: HttpRequest) -> EventQuerySet:
    return Event.objects.uploadable_by(request.user).with_namesakes(request.user)


def _events(request: HttpRequest) -> list[Event]:
    return _once(request, "events_offered", lambda: list(_own(request)[:EVENTS_OFFERED]))


def _event_shown(request: HttpRequest) -> Event | None:
    if chosen := registry.ids(request.GET.getlist(EVENT_FILTER)):
        return _own(request).filter(pk__in=chosen).first()
    events = _events(request)
    return events[0] if len(events) == 1 and EVENT_FILTER not in request.GET else None
