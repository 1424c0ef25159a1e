"""Which photo stands for an event: the chosen one while guests may see it, else the newest."""

from __future__ import annotations

from events import audit
from events.audit import Person
from events.models import Event
from photos.models import Cover, Photo


def cover_of(event: Event) -> Photo | None:
    """None where nothing is visible yet. One query, two where no visible photo was chosen."""
    visible = Photo.objects.in_event(event).visible()
    return visible.filter(covers__event=event).first() or visible.newest_first().first()


def choose(photo: Photo, *, by: Person) -> None:
    Cover.objects.update_or_create(event=photo.event, defaults={"photo": photo})
    audit.record(photo.event, "cover_chosen", by=by)


def forget(event: Event, *, by: Person) -> None:
    if Cover.objects.filter(event=event).delete()[0]:
        audit.record(event, "cover_removed", by=by)
