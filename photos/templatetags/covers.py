"""What pages of other rooms show of photos."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.db.models import OuterRef, Subquery

from events.models import Event
from photos.models import Photo

register = template.Library()


@register.simple_tag
def covers(events: Iterable[Event]) -> dict[int, Photo]:
    """The newest visible photo of each event, by id of event. Two queries for all of them.

    One look into the gallery's index per event; DISTINCT ON would read all photos of all events.
    """
    newest = Photo.objects.visible().filter(event=OuterRef("pk")).order_by("-taken_at", "-id")
    found = Event.objects.filter(pk__in=[event.pk for event in events])
    ids = found.annotate(cover=Subquery(newest.values("pk")[:1])).values_list("cover", flat=True)
    shown = Photo.objects.filter(pk__in=[pk for pk in ids if pk is not None])
    return {photo.event_id: photo for photo in shown}
