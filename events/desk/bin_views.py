"""Events in the bin: what organizers see of them, taking them out again, deleting them for good.

Their own desks are closed meanwhile: these pages are outside of them.
"""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events.desk import naming, organizing, views
from events.models import Event


@require_safe
def event_bin(request: HttpRequest) -> HttpResponseBase:
    """Those that the user organizes, the last one first. One query."""
    events = Event.objects.binned_of(request.user).with_namesakes_in_bin(request.user)
    context = admin.site.each_context(request) | {
        "title": _("Bin"),
        "opts": Event._meta,
        "events": events.order_by("-binned_at", "-pk"),
    }
    return render(request, "events/desk/bin.html", context)


@require_POST
def restore(request: HttpRequest, event_id: int) -> HttpResponseBase:
    event = _binned(request, event_id)
    if not organizing.take_out_of_bin(event, by=request.user):
        messages.warning(request, _("It is too late: the event is being deleted."))
        return redirect("admin:events_bin")
    text = _("“%(event)s” is back, as it was: guests find it under the same link.")
    messages.success(request, text % {"event": naming.named(event)})
    return redirect("admin:events_event_change", event.pk)


def delete(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """The same question as before it went to the bin."""
    event = _binned(request, event_id)
    with timezone.override(event.zone):
        return views.delete(request, event)


def _binned(request: HttpRequest, event_id: int) -> Event:
    events = Event.objects.binned_of(request.user).with_namesakes_in_bin(request.user)
    return get_object_or_404(events, pk=event_id)
