"""Changing the times of photos that are chosen in the desk's list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import Event
from photos.desk import clocks, clocks_page
from photos.models import Photo


@admin.action(description=_("Change the time…"), permissions=["change"])
def change_time(
    model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]
) -> HttpResponseBase | None:
    """Ask by how much, of photos of one event: its times are those of its place."""
    own = model_admin.own(request, photos)
    events = list(Event.objects.filter(photos__in=own).distinct()[:2])
    span = clocks.span_of(own)
    if len(events) != 1 or span is None:
        messages.warning(request, gettext("Please choose photos of one event only."))
        return None
    with timezone.override(events[0].zone):
        return clocks_page.ask(request, events[0], clocks_page.selection(own), span)
