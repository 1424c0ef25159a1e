"""The question before photos are deleted: into the bin, or where there is none, for good."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from photos.models import Photo

PHOTOS_SHOWN = 12


def ask(
    model_admin: Any, request: HttpRequest, photos: QuerySet[Photo], *, back: str
) -> TemplateResponse:
    """The ids go in one field: a field each would be too many for one request."""
    chosen = model_admin.own(request, photos).order_by("-pk")
    ids = list(chosen.values_list("pk", flat=True))
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Delete photos"),
        "opts": model_admin.opts,
        "ids": ",".join(map(str, ids)),
        "count": len(ids),
        "some": chosen[:PHOTOS_SHOWN],
        "more": max(0, len(ids) - PHOTOS_SHOWN),
        "bin_days": settings.BIN_DAYS,
        "back": back,
    }
    return TemplateResponse(request, "photos/desk/remove.html", context)
