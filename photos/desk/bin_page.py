"""The page of an event's desk with its photos in the bin: to take out again, or delete for good."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from events.desk import registry
from events.models import Event
from photos import binning
from photos.desk.removal_page import PHOTOS_SHOWN
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

PHOTOS_A_PAGE = 60


@registry.page(
    "bin",
    "bin/",
    label=gettext_lazy("Bin"),
    position=95,
    count=binning.count,
    hides_empty=True,
)
@require_http_methods(["GET", "HEAD", "POST"])
def event_bin(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The last that were put in come first. Three queries, and a picture for each."""
    if request.method != "POST":
        return _show(request, event)
    for name, act in ACTS.items():
        if name in request.POST:
            return act(request, event)
    return HttpResponse(status=400)


def _show(request: HttpRequest, event: Event, *, error: str = "") -> HttpResponseBase:
    photos = _binned(event).select_related("event").order_by("-binned_at", "-pk")
    page = Paginator(photos, PHOTOS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Bin"),
        "page": page,
        "rows": [(photo, binning.days_left(photo)) for photo in page],
        "count": page.paginator.count,
        "error": error,
    }
    status = 422 if error else 200
    return registry.show(request, event, "photos/desk/bin.html", context, status=status)


def _restore_chosen(request: HttpRequest, event: Event) -> HttpResponseBase:
    chosen = _chosen(request, event)
    return _restore(request, chosen) if chosen.exists() else _none_chosen(request, event)


def _restore_all(request: HttpRequest, event: Event) -> HttpResponseBase:
    return _restore(request, _binned(event))


def _restore(request: HttpRequest, photos: PhotoQuerySet) -> HttpResponseBase:
    restored = len(binning.restore(photos, by=request.user))
    text = ngettext(
        "%(count)d photo is back, as it was.",
        "%(count)d photos are back, as they were.",
        restored,
    )
    messages.success(request, text % {"count": restored})
    return redirect(request.path)


def _ask_of_chosen(request: HttpRequest, event: Event) -> HttpResponseBase:
    return _ask(request, event, _chosen(request, event))


def _ask_of_all(request: HttpRequest, event: Event) -> HttpResponseBase:
    return _ask(request, event, _binned(event))


def _ask(request: HttpRequest, event: Event, photos: PhotoQuerySet) -> HttpResponseBase:
    """The ids go in one field: a field each would be too many for one request."""
    ids = list(photos.order_by("-binned_at", "-pk").values_list("pk", flat=True))
    if not ids:
        return _none_chosen(request, event)
    context = {
        "title": _("Delete for good"),
        "ids": ",".join(map(str, ids)),
        "count": len(ids),
        "some": photos.order_by("-binned_at", "-pk")[:PHOTOS_SHOWN],
        "more": max(0, len(ids) - PHOTOS_SHOWN),
    }
    return registry.show(request, event, "photos/desk/bin_empty.html", context)


def _delete(request: HttpRequest, event: Event) -> HttpResponseBase:
    ids = registry.ids(request.POST["delete"].split(","))
    removed = binning.empty(_binned(event).filter(pk__in=ids), by=request.user)
    text = ngettext(
        "%(count)d photo is deleted for good.", "%(count)d photos are deleted for good.", removed
    )
    if removed:
        messages.success(request, text % {"count": removed})
    else:  # somebody else was faster
        messages.info(request, _("Nothing changed."))
    return redirect(request.path)


def _none_chosen(request: HttpRequest, event: Event) -> HttpResponseBase:
    logger.info("bin_refused code=none_chosen event=%s", event.pk)
    return _show(request, event, error=_("Choose photos first."))


# The keys are the names of the buttons in the templates.
ACTS: dict[str, Callable[[HttpRequest, Event], HttpResponseBase]] = {
    "restore": _restore_chosen,
    "restore_all": _restore_all,
    "ask": _ask_of_chosen,
    "ask_all": _ask_of_all,
    "delete": _delete,
}


def _binned(event: Event) -> PhotoQuerySet:
    return Photo.objects.in_event(event).binned()


def _chosen(request: HttpRequest, event: Event) -> PhotoQuerySet:
    return _binned(event).filter(pk__in=registry.ids(request.POST.getlist("photo")))
