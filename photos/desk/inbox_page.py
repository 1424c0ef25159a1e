"""The page of an event's desk with the guests' photos that wait for approval."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from events.access import user_of
from events.desk import registry
from events.models import Event
from photos.desk import moderation
from photos.models import Photo

logger = logging.getLogger(__name__)

PHOTOS_A_PAGE = 60
DEEDS = {"approve": True, "reject": False}

registry.add_panel("photos/desk/_inbox_panel.html", position=-9)


@registry.page(
    "inbox",
    "approve/",
    label=gettext_lazy("To approve"),
    position=10,
    count=moderation.waiting_count,
    hides_empty=True,
)
@require_http_methods(["GET", "HEAD", "POST"])
def event_inbox(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Those that wait, the first that came first. Four queries, and a picture for each."""
    if request.method == "POST":
        return _answer(request, event)
    return _page(request, event)


def _page(request: HttpRequest, event: Event, *, error: str = "") -> HttpResponseBase:
    waiting = moderation.waiting(event).select_related("uploader")
    context = {
        "title": _("To approve"),
        "page": Paginator(waiting, PHOTOS_A_PAGE).get_page(request.GET.get("page")),
        "membership": user_of(request).memberships.filter(event=event).first(),
        "error": error,
    }
    status = 422 if error else 200
    return registry.show(request, event, "photos/desk/inbox.html", context, status=status)


def _answer(request: HttpRequest, event: Event) -> HttpResponseBase:
    if "mails" in request.POST:
        return _set_mails(request, event, wanted=request.POST["mails"] == "on")
    deed = next((name for name in DEEDS if name in request.POST), None)
    if deed is None:
        return HttpResponse(status=400)
    # A card's button names its photo; the others are about what is ticked.
    one = request.POST[deed]
    ids = registry.ids([one] if one else request.POST.getlist("photo"))
    if not ids:
        logger.info("moderation_refused code=nothing_chosen event=%s", event.pk)
        return _page(request, event, error=_("Tick some photos first."))
    photos = Photo.objects.in_event(event).filter(pk__in=ids)
    moderation.decide(request, photos, approved=DEEDS[deed])
    return redirect(request.get_full_path())


def _set_mails(request: HttpRequest, event: Event, *, wanted: bool) -> HttpResponseBase:
    """Each organizer's own wish. Nobody else's is changed, and it is not of the event's log."""
    user_of(request).memberships.filter(event=event).update(approval_mails=wanted)
    if wanted:
        messages.success(request, _("FindMe writes to you when photos wait."))
    else:
        messages.success(request, _("FindMe no longer writes to you about photos that wait."))
    return redirect(request.get_full_path())
