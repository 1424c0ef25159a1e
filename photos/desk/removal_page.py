"""The question before photos are deleted: into the bin, or where there is none, for good."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from photos import binning
from photos.models import Photo
from photos.querysets import PhotoQuerySet

PHOTOS_SHOWN = 12


def ask(
    model_admin: Any, request: HttpRequest, photos: QuerySet[Photo], *, back: str
) -> HttpResponse:
    """Where somebody has put them in the bin meanwhile, there is nothing to ask.

    The ids go in one field: a field each would be too many for one request.
    """
    chosen = model_admin.own(request, photos).order_by("-pk")
    ids = list(chosen.values_list("pk", flat=True))
    if not ids:
        messages.info(request, _("Nothing changed."))
        return redirect(back)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Delete photos"),
        "opts": model_admin.opts,
        "ids": ",".join(map(str, ids)),
        "count": len(ids),
        "some": chosen[:PHOTOS_SHOWN],
        "more": max(0, len(ids) - PHOTOS_SHOWN),
        "bin_days": _bin_days(chosen),
        "back": back,
    }
    return TemplateResponse(request, "photos/desk/remove.html", context)


def _bin_days(photos: PhotoQuerySet) -> int:
    """How long all of the photos can be restored; 0 where there is no bin. Even on the last day of
    an event there is the rest of it."""
    if not binning.is_used():
        return 0
    firsts = photos.order_by("event_id", "pk").distinct("event_id").select_related("event")
    return max(1, min((binning.days_left(photo) for photo in firsts), default=1))
