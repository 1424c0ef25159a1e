"""The page of an event's desk with the photos that somebody does not want shown."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from events.desk import registry
from events.models import Event
from photos.desk import curating, hide_requests
from photos.models import HideRequest, Photo

REQUESTS_A_PAGE = 30

registry.add_panel("photos/desk/_requests_panel.html", position=-10)


@registry.page(
    "requests",
    "requests/",
    label=gettext_lazy("Requests"),
    position=12,
    count=hide_requests.waiting_count,
)
@require_http_methods(["GET", "HEAD", "POST"])
def event_requests(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Those that wait, the oldest first. Three queries, and a picture for each."""
    if request.method == "POST":
        return _decide(request, event)
    waiting = HideRequest.objects.in_event(event).to_answer().with_photos().select_related("user")
    page = Paginator(waiting.order_by("asked_at", "pk"), REQUESTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"title": _("Requests"), "page": page}
    return registry.show(request, event, "photos/desk/requests.html", context)


def _decide(request: HttpRequest, event: Event) -> HttpResponseBase:
    deed = next((name for name in ("hide", "show") if name in request.POST), None)
    if deed is None:
        return HttpResponse(status=400)
    ids = registry.ids([request.POST[deed]])
    in_sight = HideRequest.objects.in_event(event).filter(photo__binned_at=None)
    asked = get_object_or_404(in_sight, pk__in=ids)
    photos = Photo.objects.in_event(event).filter(pk=asked.photo_id)
    curating.set_hidden(photos, hidden=deed == "hide", by=request.user)
    decided = _("The photo is hidden.") if deed == "hide" else _("The photo stays visible.")
    told = _(
        "Whoever asked sees that under “My privacy”, and gets an e-mail if their address is "
        "confirmed."
    )
    messages.success(request, f"{decided} {told}")
    return redirect(request.path)
