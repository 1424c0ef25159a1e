"""Putting photos in order, as the desk says it: sections and highlights, each with a way back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.audit import Person
from photos import sections
from photos.desk import hiding, photo_list, publishing
from photos.models import Photo, Section
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

Action = Callable[[Any, HttpRequest, QuerySet[Photo]], None]


def highlight(request: HttpRequest, photos: PhotoQuerySet, *, on: bool) -> None:
    ids = publishing.set_highlight(photos, on, request.user)
    if on:
        text = ngettext(
            "%(count)d photo is a highlight now.", "%(count)d photos are highlights now.", len(ids)
        )
    else:
        text = ngettext(
            "%(count)d photo is no highlight any more.",
            "%(count)d photos are no highlights any more.",
            len(ids),
        )
    hiding.say(request, text, [("highlight", not on, ids)])


def put_in(request: HttpRequest, photos: PhotoQuerySet, section: Section | None) -> None:
    """Photos that the user may change, into a section or into none."""
    before = sections.assign(photos, section, by=request.user)
    count = sum(len(ids) for _was, ids in before)
    if section:
        text = ngettext(
            "%(count)d photo is in “%(section)s” now.",
            "%(count)d photos are in “%(section)s” now.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d photo is in no section now.",
            "%(count)d photos are in no section now.",
            count,
        )
    name = section.name if section else ""
    hiding.say(request, text, [("section", was, ids) for was, ids in before], section=name)


def remove_section(request: HttpRequest, section: Section) -> None:
    """Its photos stay. Taken back, there is a section of that name again, in its place and with
    them."""
    name, ids = section.name, list(section.photos.order_by("pk").values_list("pk", flat=True))
    following = sections.of(section.event).filter(position__gt=section.position)
    was = [name, list(following.values_list("pk", flat=True))]
    sections.remove(section, by=request.user)
    text = _("The section “%(section)s” is deleted. Its photos are still there.")
    if ids:
        hiding.offer_undo(request, text % {"section": name}, [("section_name", was, ids)])
    else:
        messages.success(request, text % {"section": name})


def actions(request: HttpRequest) -> dict[str, tuple[Action, str, Any]]:
    """Of the desk's list: one for each section of its event."""
    into = {
        f"section_{one.pk}": (_put_in(one), _("Put in “%(section)s”") % {"section": one.name})
        for one in photo_list.sections_shown(request)
    }
    if into:
        into["section_none"] = (_put_in(None), _("Put in no section"))
    return {name: (action, name, words) for name, (action, words) in into.items()}


@admin.action(description=gettext_lazy("Mark as highlights"), permissions=["change"])
def add_highlight(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    highlight(request, model_admin.own(request, photos), on=True)


@admin.action(description=gettext_lazy("No longer highlights"), permissions=["change"])
def remove_highlight(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    highlight(request, model_admin.own(request, photos), on=False)


def _put_in(section: Section | None) -> Action:
    def act(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        put_in(request, model_admin.own(request, photos), section)

    return act


def _into(photos: PhotoQuerySet, was: int | None, by: Person) -> object:
    """Into the section of that id, where it is still there."""
    section = Section.objects.filter(pk=was).first() if was else None
    return sections.assign(photos, section, by=by) if section or was is None else None


def _into_named(photos: PhotoQuerySet, was: tuple[str, list[int]], by: Person) -> object:
    """Into a section of that name, before those that followed it, what is in no other meanwhile."""
    name, following = was
    photo = photos.select_related("event").first()
    section = sections.named(photo.event, name, by=by) if photo else None
    if section is None:
        return None
    before = sections.of(section.event).exclude(pk__in=[section.pk, *following])
    ids = [*before.values_list("pk", flat=True), section.pk, *following]
    sections.put_in_order(section.event, ids, by=by)
    return sections.assign(photos.filter(section=None), section, by=by)


ACTIONS = [add_highlight, remove_highlight]

hiding.restores("section", _into)
hiding.restores("section_name", _into_named)
