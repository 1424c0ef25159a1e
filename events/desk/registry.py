"""What an event's desk consists of: pages and panels, which each room adds for what it knows.

This room may not import those above it, yet the event's page shows what they know. So they come to
it: modules that a room's `ready()` imports register pages (views of an event, below the address of
its admin page) and panels (templates, included in the event's admin page with `event`; they load
what they show by template tags of their room). See decision 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Concatenate

from django.contrib import admin
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from events.desk import naming
from events.models import Event

DeskView = Callable[Concatenate[HttpRequest, Event, ...], HttpResponseBase]


@dataclass(frozen=True)
class Page:
    """`label` is its name in the event's navigation, where one is given; lower positions first.
    `count` says how much waits on it; a page that `hides_empty` is named only where something does.
    """

    name: str
    path: str
    view: DeskView
    label: str | Promise = ""
    position: int = 0
    count: Callable[[Event], int] | None = None
    hides_empty: bool = False

    @property
    def url_name(self) -> str:
        return f"events_event_{self.name}"

    def address(self, event: Event) -> str:
        return reverse(f"admin:{self.url_name}", args=[event.pk])


# Sent when an organizer saves an event with another match threshold, in the same transaction, with
# `event`, and `before`: the one that it had.
threshold_changed = Signal()

# Sent when an event is made like another one, in the same transaction, with `event`, the new one,
# and `source`.
event_copied = Signal()

LONGEST_ID = 18  # digits: what the database's numbers hold for certain

_pages: dict[str, Page] = {}
_panels: dict[str, int] = {}


def page(
    name: str,
    path: str,
    *,
    label: str | Promise = "",
    position: int = 0,
    count: Callable[[Event], int] | None = None,
    hides_empty: bool = False,
) -> Callable[[DeskView], DeskView]:
    """Register a view of an event, reached by its organizers and by superusers only.

    Its address is `admin:events_event_<name>`, with the event's id first.
    """

    def register(view: DeskView) -> DeskView:
        _pages[name] = Page(name, path, view, label, position, count, hides_empty)
        return view

    return register


def add_panel(template: str, *, position: int = 0) -> None:
    """Have a template included in the event's admin page, above its form."""
    _panels[template] = position


def pages() -> list[Page]:
    return sorted(_pages.values(), key=lambda page: page.position)


def panels() -> list[str]:
    return sorted(_panels, key=lambda template: _panels[template])


def ids(texts: Iterable[str]) -> list[int]:
    """Those of some texts from outside that may be the id of a row."""
    return [int(text) for text in texts if text.isdecimal() and len(text) <= LONGEST_ID]


def show(
    request: HttpRequest,
    event: Event,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponseBase:
    """A page of an event's desk, in the frame of the admin."""
    frame = {
        **admin.site.each_context(request),
        "subtitle": naming.told_apart(event),
        "event": event,
        "original": event,  # for the theme's breadcrumbs
        "opts": Event._meta,
        **context,
    }
    return render(request, template, frame, status=status)
