"""The pages of an event's desk that need no photos and no faces."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from events import audit
from events.desk import naming, organizing, registry, retention
from events.desk.forms import TypedNameForm
from events.entrance import qr, second_factor
from events.models import Event

logger = logging.getLogger(__name__)

LOG_LINES = 50
POSTER_SIZES = ["a4", "a5"]
QR_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def event_address(event: Event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


def state(event: Event) -> tuple[str, str]:
    """A stable word, and what the desk calls it."""
    if event.will_be_deleted:
        return "ending", _("deleted soon")
    if event.is_open(timezone.now()):
        return "open", _("open")
    return "closed", _("closed")


@registry.page("poster", "poster/", label=gettext_lazy("Poster"), position=30)
@require_safe
def poster(request: HttpRequest, event: Event) -> HttpResponseBase:
    """A page to print: A4 or A5, in the language of the guests rather than the organizer's."""
    asked = request.GET.get("size", "")
    size = asked if asked in POSTER_SIZES else POSTER_SIZES[0]
    language = request.GET.get("language", "")
    chosen = language if language in dict(_languages()) else translation.get_language()
    with translation.override(chosen):
        context = {
            "event": event,
            "size": size,
            "sizes": POSTER_SIZES,
            "language": chosen,
            "languages": _languages(),
            "site": qr.link(event).split("://", 1)[-1].split("/", 1)[0],
        }
        return render(request, "events/desk/poster.html", context)


@registry.page("qr_code", "qr.<str:kind>")
@require_safe
def qr_code(request: HttpRequest, event: Event, kind: str) -> HttpResponseBase:
    if kind not in QR_TYPES:
        raise Http404
    response = HttpResponse(qr.image(event, kind), content_type=QR_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{event.slug}-qr.{kind}"'
    return response


@registry.page("rotate_code", "code/")
@require_POST
def rotate_code(request: HttpRequest, event: Event) -> HttpResponseBase:
    organizing.rotate_code(event, by=request.user)
    messages.success(
        request, _("The join code is new. Print your posters again: the old link no longer works.")
    )
    return redirect(event_address(event))


@registry.page("rotate_live_code", "live-code/")
@require_POST
def rotate_live_code(request: HttpRequest, event: Event) -> HttpResponseBase:
    organizing.rotate_live_code(event, by=request.user)
    messages.success(request, _("The slideshow’s link is new: open it again on your screens."))
    return redirect(event_address(event))


@registry.page("close", "close/")
@require_POST
def close(request: HttpRequest, event: Event) -> HttpResponseBase:
    organizing.close(event, by=request.user)
    messages.success(
        request, _("The event is closed. Nobody can join any more; guests keep their photos.")
    )
    return redirect(event_address(event))


@registry.page("reopen", "reopen/")
@require_POST
def reopen(request: HttpRequest, event: Event) -> HttpResponseBase:
    organizing.reopen(event, by=request.user)
    messages.success(request, _("The event is open again."))
    return redirect(event_address(event))


def delete(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Ask who is there, if that was long ago, and for the event's name; then it is in the bin, or
    where there is none, gone at once, and a job clears up behind it."""
    if asked := second_factor.ask_again(request, request.path):
        return asked
    form = TypedNameForm(event, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _deleted(request, event)
    status = 422 if form.is_bound else 200
    if form.is_bound:
        logger.info("event_deletion_refused code=wrong_name event=%s", event.pk)
    context = {
        "title": _("Delete event"),
        "form": form,
        "panels": registry.panels(),
        "bin_days": retention.days_in_bin(event),
        "bin_end": retention.leaves_bin_on(event),
    }
    return registry.show(
        request, event, "admin/events/event/delete_confirmation.html", context, status=status
    )


def _deleted(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Where it was in the bin when the question was asked, somebody may have restored it since.
    One that the bin would not keep for a day goes at once, as the question said."""
    is_binned = event.binned_at is not None
    if retention.days_in_bin(event) and not is_binned:
        organizing.put_in_bin(event, by=request.user)
        messages.success(request, _in_bin_words(event))
        return redirect("admin:events_bin")
    if organizing.start_deletion(event, by=request.user, binned_only=is_binned):
        text = _("“%(event)s” is gone. Its photos and faces are being removed now.")
        messages.success(request, text % {"event": event.name})
    else:
        messages.warning(request, _("Nothing was deleted: somebody has restored the event."))
    return redirect("admin:events_event_changelist")


def _in_bin_words(event: Event) -> str:
    days = retention.days_in_bin(event)
    text = ngettext(
        "“%(event)s” is in the bin for %(days)d day. You can restore it until %(day)s.",
        "“%(event)s” is in the bin for %(days)d days. You can restore it until %(day)s.",
        days,
    )
    day = date_format(retention.leaves_bin_on(event))
    return text % {"event": naming.named(event), "days": days, "day": day}


@require_safe
def log(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Who did what, newest first. Three queries, whatever the number of lines."""
    page = Paginator(audit.entries(event), LOG_LINES).get_page(request.GET.get("page"))
    lines = audit.lines(page.object_list, reader=request.user)
    context = {"title": _("Log"), "page": page, "lines": lines}
    return registry.show(request, event, "events/desk/log.html", context)


def _languages() -> list[tuple[str, str]]:
    """Each by its own name, as guests would look for it."""
    return [
        (code, str(translation.get_language_info(code)["name_local"]).capitalize())
        for code, _name in settings.LANGUAGES
    ]
