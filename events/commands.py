"""How commands find the events that are named to them, by address (slug)."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import CommandError

from events.models import Event


def event_named(slug: str) -> Event:
    """Raises `CommandError` where there is none, or it is being deleted."""
    (event,) = events_named([slug])
    return event


def event_of(slug: str | None) -> int | None:
    """The event's id; None where none is named."""
    return event_named(slug).pk if slug is not None else None


def events_named(slugs: Sequence[str]) -> list[Event]:
    """All of them, in the order they were made. Raises `CommandError` if any is missing."""
    found = list(Event.objects.kept().filter(slug__in=slugs).order_by("pk"))
    if unknown := sorted(set(slugs) - {event.slug for event in found}):
        names = ", ".join(f"“{slug}”" for slug in unknown)
        raise CommandError(f"There is no event with the address {names}.")
    return found
