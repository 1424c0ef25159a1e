"""Filters of the desk's list of photos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

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
        def field_choices(
            self, field: Any, request: HttpRequest, model_admin: Any
        ) -> list[tuple[Any, str]]:
            """One query, as Django's own."""
            held = model_admin.get_queryset(request).order_by().values("event")
            events = Event.objects.with_namesakes().filter(pk__in=held)
            return [(event.pk, naming.told_apart(event)) for event in events]

    return ByEvent
