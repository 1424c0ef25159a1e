"""Filters of the desk's list of photos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from events.desk import naming
from events.models import Event


def by(title: Any) -> type[admin.RelatedOnlyFieldListFilter]:
    """A filter by what photos belong to, with a title that is translated."""

    class By(admin.RelatedOnlyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return By


def by_event(title: Any) -> type[admin.RelatedOnlyFieldListFilter]:
    """The same by event, of which two may have one name."""

    class ByEvent(by(title)):  # type: ignore[misc]
        def field_choices(self, *args: Any) -> list[tuple[Any, str]]:
            ids = [pk for pk, _name in super().field_choices(*args)]
            events = Event.objects.with_namesakes().in_bulk(ids)
            return [(pk, naming.told_apart(events[pk])) for pk in ids if pk in events]

    return ByEvent
