"""How the desk names events, so that two of one name are told apart."""

from __future__ import annotations

from events.models import Event


def dated(event: Event) -> str:
    return f"{event.name} · {event.short_period}"


def told_apart(event: Event) -> str:
    """With its days; and with its address, where it comes with `has_namesake` and there is one."""
    if getattr(event, "has_namesake", False):
        return f"{dated(event)} · {event.slug}"
    return dated(event)


def named(event: Event) -> str:
    """In a sentence: with its address, where it comes with `has_namesake` and there is one."""
    return f"{event.name} · {event.slug}" if getattr(event, "has_namesake", False) else event.name
