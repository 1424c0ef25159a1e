"""The page of an event's desk where its originals are taken home, and the archives it links to."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from events.access import user_of
from events.desk import registry
from events.models import Event
from findme.http import back
from photos.delivery import ranges, serving
from photos.delivery.outgoing import Busy
from photos.export import choice, originals, recording, sending, table
from photos.export.choice import ExportForm
from photos.export.originals import Original
from photos.export.zips import Archive
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

FILES_A_PAGE = 100


@dataclass(frozen=True)
class Part:
    number: int
    photos: int
    byte_size: int
    address: str


@registry.page("export", "export/", label=gettext_lazy("Export"), position=45)
@require_safe
def event_export(request: HttpRequest, event: Event) -> HttpResponseBase:
    """What is wanted; once it is said, links to its parts, or to each file. Four queries more."""
    is_said = "photos" in request.GET
    initial = {"selection": request.GET.get("selection", "")}
    form = ExportForm(event, user_of(request), request.GET if is_said else None, initial=initial)
    if is_said and not form.is_valid():
        logger.info("export_refused code=bad_choice event=%s", event.pk)
        return _show(request, event, form, status=422)
    return _show(request, event, form)


def _show(
    request: HttpRequest, event: Event, form: ExportForm, *, refused: str = "", status: int = 200
) -> HttpResponseBase:
    """The page, and why something was `refused`."""
    context = {"title": _("Export originals"), "form": form, "refused": refused}
    if form.is_bound and form.is_valid():
        found = form.originals()
        context |= {
            "found": found,
            "bytes": originals.bytes_of(found),
            "table": f"{reverse('admin:events_event_export_table', args=[event.pk])}"
            f"?{_said(request)}",
        }
        if form.most_bytes is None:
            context["page"] = Paginator(found, FILES_A_PAGE).get_page(request.GET.get("page"))
            context["said"] = _said(request)
        else:
            parts = originals.parts(found, form.most_bytes)
            context["parts"] = [_part(request, event, parts, at) for at in range(len(parts))]
    return registry.show(request, event, "photos/export/page.html", context, status=status)


@registry.page("export_part", "export/originals.zip")
@require_safe
def export_part(request: HttpRequest, event: Event) -> HttpResponseBase:
    """One archive, whole or from anywhere on. The same address gives the same bytes for as long as
    its photos stay as they are."""
    form = ExportForm(event, user_of(request), request.GET)
    found = form.originals() if form.is_valid() else []
    first, last, number = _numbers(request, "first", "last", "part")
    held = originals.between(found, first, last)
    if not held:  # the page says what is wrong with the choice, or has new links
        return redirect(_page(event, _said(request)))
    archive = Archive(held, table.of(held), f"photos-{number}.csv" if number else "photos.csv")
    etag = quote_etag(archive.digest)
    try:
        part = ranges.asked_for(request, archive.length, etag)
    except ranges.Unsatisfiable:
        return ranges.unsatisfiable(archive.length)
    try:
        answer = sending.answer(request, archive, part)
    except Busy as busy:  # said where the links are: the browser shows what is no download
        answer = _show(request, event, form, refused=busy.words, status=busy.status)
        answer["Retry-After"] = str(busy.seconds)
        add_never_cache_headers(answer)
        return answer
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-cache"
    name = f"{event.slug}-originals{f'-{number}' if number else ''}.zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    what, count = archive.digest, len(held)
    recording.download(request, answer, event, "originals_exported", what=what, count=count)
    return answer


@registry.page("export_file", "export/<int:photo_id>/original")
@require_safe
def export_file(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One original of a choice, under the name that the page and the table say."""
    form = ExportForm(event, user_of(request), request.GET)
    found = form.originals() if form.is_valid() else []
    one = next((one for one in found if one.photo_id == photo_id), None)
    photo = Photo.objects.in_event(event).kept().filter(pk=photo_id).first()
    if one is None or photo is None:
        return redirect(_page(event, _said(request)))
    answer = serving.response(photo, "original", request, save_as=one.path)
    answer["Cache-Control"] = "private, no-cache"  # its name is of the choice
    recording.single_file(request, answer, event)
    return answer


@registry.page("export_table", "export/photos.csv")
@require_safe
def export_table(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The table of all that was chosen."""
    form = ExportForm(event, user_of(request), request.GET)
    if not form.is_valid():
        return redirect(_page(event, _said(request)))
    found = form.originals()
    rows = table.of(found)
    answer = HttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = f"{event.slug}-photos.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    what, count = hashlib.sha256(rows).hexdigest(), len(found)
    recording.download(request, answer, event, "photo_table_exported", what=what, count=count)
    return answer


def export_selection(request: HttpRequest, photos: PhotoQuerySet) -> HttpResponseBase:
    """Lead from the list of photos to the page, with these photos chosen already."""
    rows = photos.order_by().values_list("event_id", "pk")
    events, ids = {row[0] for row in rows}, [row[1] for row in rows]
    word = choice.selection_of(ids)
    if len(events) != 1 or len(word) > choice.LONGEST_SELECTION:
        why = _("Please choose photos of one event.") if len(events) != 1 else _(
            "These are too many to choose one by one. Please export all photos, or a section."
        )  # fmt: skip
        messages.error(request, why)
        return back(request, otherwise=reverse("admin:photos_photo_changelist"))
    page = reverse("admin:events_event_export", args=[events.pop()])
    return redirect(f"{page}?{urlencode({'selection': word})}")


def _numbers(request: HttpRequest, *names: str) -> tuple[int, ...]:
    """Numbers of the address; 0 where there is none."""
    return tuple(next(iter(registry.ids([request.GET.get(name, "")])), 0) for name in names)


def _page(event: Event, query: str) -> str:
    return f"{reverse('admin:events_event_export', args=[event.pk])}?{query}"


def _part(request: HttpRequest, event: Event, parts: Sequence[Sequence[Original]], at: int) -> Part:
    held, number = parts[at], at + 1 if len(parts) > 1 else 0
    limits = {"first": held[0].photo_id, "last": held[-1].photo_id, "part": number}
    address = reverse("admin:events_event_export_part", args=[event.pk])
    query = f"{_said(request)}&{urlencode(limits)}"
    return Part(at + 1, len(held), originals.bytes_of(held), f"{address}?{query}")


def _said(request: HttpRequest) -> str:
    """What the form says, for a link."""
    names = ("photos", "hidden", "size", "selection")
    return urlencode({name: request.GET[name] for name in names if request.GET.get(name)})
