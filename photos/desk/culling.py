"""Going through the photos of the desk's list one by one, large, with a key for each decision.

The page works without its script (static/photos/desk/culling/), by links and buttons. With it,
nothing is loaded anew: the script knows the ids of the whole list, asks for a few photos at a time,
and sends each decision, whose answer says how the photo stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.access import is_organizer
from events.audit import Person
from events.desk import gone
from events.models import Event
from findme.http import refusal_page, wants_json
from photos import sections
from photos.desk import curating, photo_list, publishing
from photos.gallery import alternatives
from photos.models import Photo, Section
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

# So many photos are told of at once. The script asks for them ahead.
PHOTOS_TOLD = 40
# More ids would be a page of megabytes; who has more narrows the list.
MOST_IDS = 20_000
Deed = Callable[[PhotoQuerySet, Person], object]

DEEDS: dict[str, Deed] = {
    "hide": lambda photos, by: curating.set_hidden(photos, hidden=True, by=by),
    "show": lambda photos, by: curating.set_hidden(photos, hidden=False, by=by),
    "approve": lambda photos, by: curating.moderate(photos, approved=True, by=by),
    "reject": lambda photos, by: curating.moderate(photos, approved=False, by=by),
    "highlight": lambda photos, by: publishing.set_highlight(photos, True, by),
    "plain": lambda photos, by: publishing.set_highlight(photos, False, by),
}


@dataclass(frozen=True)
class Place:
    """Where a photo is in the list, from 1, and which are beside it; 0: it is not in it."""

    number: int
    count: int
    previous: int | None
    following: int | None


def page(model_admin: Any, request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """One photo, large, for the organizers of its event. POST decides on it."""
    visible = model_admin.get_queryset(request).select_related("event", "section")
    photo = visible.filter(pk=photo_id).first()
    if photo is None and wants_json(request):
        logger.info("decision_refused code=photo_gone photo=%s", photo_id)
        return refusal_page(request, "photo_gone", status=404)
    if photo is None:
        photo_list.refuse_strangers(model_admin, request, photo_id)
        return gone.lead_back(request, _list(request))
    if not is_organizer(request.user, photo.event):
        raise PermissionDenied
    with timezone.override(photo.event.zone):
        if request.method == "POST":
            return _decide(request, photo)
        ids = _ids(model_admin, request)
        if wants_json(request):
            return JsonResponse({"photos": _told(photo, ids)})
        return _show(model_admin, request, photo, ids)


def _show(model_admin: Any, request: HttpRequest, photo: Photo, ids: list[int]) -> HttpResponseBase:
    place = _place(ids, photo.pk)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Go through the photos"),
        "opts": model_admin.opts,
        "event": photo.event,
        "photo": photo,
        "said": state(photo),
        "sections": list(sections.of(photo.event)),
        "place": place,
        "previous_url": _address(place.previous, query),
        "following_url": _address(place.following, query),
        "ids": ids if place.number else [photo.pk],
        "told": _told(photo, ids),
        "addresses": {
            "photo": _address(0, query),
            "picture": reverse("admin:photos_photo_picture", args=[0, "preview"]),
            "details": reverse("admin:photos_photo_change", args=[0]),
            "remove": reverse("admin:photos_photo_delete", args=[0]),
        },
        "back": _list(request),
    }
    return render(request, "photos/desk/culling.html", context)


def _decide(request: HttpRequest, photo: Photo) -> HttpResponseBase:
    """A decision that is not known, or a section that is gone, is refused in words."""
    deed = request.POST.get("deed", "")
    do = DEEDS.get(deed) or _into(photo.event, deed)
    if do is None:
        logger.info("decision_refused code=section_gone event=%s", photo.event_id)
        return refusal_page(request, "section_gone", status=422)
    do(Photo.objects.filter(pk=photo.pk), request.user)
    if not wants_json(request):
        return redirect(request.get_full_path())
    now = Photo.objects.select_related("section").get(pk=photo.pk)
    return JsonResponse(state(now))


def _into(event: Event, deed: str) -> Deed | None:
    """What puts a photo into the section that is named by "section-" and its id, 0 for none."""
    name, _dash, pk = deed.partition("-")
    if name != "section" or not pk.isdecimal() or len(pk) > 18:
        return None
    section: Section | None = sections.of(event).filter(pk=int(pk)).first()
    if section is None and int(pk):
        return None
    return lambda photos, by: sections.assign(photos, section, by=by)


def state(photo: Photo) -> dict[str, Any]:
    """How a photo stands, as script and template know it. In the active time zone."""
    return {
        "id": photo.pk,
        "name": photo.name,
        "taken": capfirst(alternatives.when(photo)),
        "ready": photo.status == Photo.Status.READY,
        "hidden": photo.hidden,
        "waits": photo.moderation == Photo.Moderation.PENDING,
        "highlight": photo.highlight,
        "section": photo.section_id or 0,
    }


def _told(photo: Photo, ids: list[int]) -> list[dict[str, Any]]:
    """The photo and those around it. One query."""
    at = ids.index(photo.pk) if photo.pk in ids else 0
    around = ids[max(0, at - PHOTOS_TOLD // 4) : at + PHOTOS_TOLD]
    found = Photo.objects.in_event(photo.event).filter(pk__in=[*around, photo.pk])
    return [state(one) for one in found]


def _ids(model_admin: Any, request: HttpRequest) -> list[int]:
    """All of the list that the page was opened from, in its order. One query, and what the list's
    filters ask."""
    try:
        changelist = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return []
    return list(changelist.queryset.values_list("pk", flat=True)[:MOST_IDS])


def _place(ids: Sequence[int], pk: int) -> Place:
    if pk not in ids:
        return Place(0, len(ids), None, ids[0] if ids else None)
    at = ids.index(pk)
    previous = ids[at - 1] if at else None
    return Place(at + 1, len(ids), previous, ids[at + 1] if at + 1 < len(ids) else None)


def _list(request: HttpRequest) -> str:
    """What the page was opened from, as it was narrowed."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return f"{reverse('admin:photos_photo_changelist')}{query}"


def _address(pk: int | None, query: str) -> str:
    return "" if pk is None else f"{reverse('admin:photos_photo_cull', args=[pk])}{query}"
