"""The page of an event's desk with its sections: made, named, put in order, deleted, and filled by
the time at which photos were taken."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from events.desk import gone, registry
from events.desk.moments import MomentField, RowMomentInput
from events.models import Event
from photos import sections
from photos.desk import sorting
from photos.models import Section
from photos.sections import SectionRefused

logger = logging.getLogger(__name__)


class SectionGone(Exception):
    """Somebody has deleted it meanwhile."""


Answer = HttpResponseBase | None


class SpanForm(forms.Form):
    """From when to when, by the clocks of the event's place, and into which section."""

    start = MomentField(label=gettext_lazy("From"), widget=RowMomentInput)
    end = MomentField(label=gettext_lazy("to"), widget=RowMomentInput)
    section = forms.ModelChoiceField(
        Section.objects.none(),
        label=gettext_lazy("Section"),
        empty_label=gettext_lazy("Choose a section"),
        error_messages={"invalid_choice": gettext_lazy("That is not there any more.")},
        widget=forms.Select({"class": "desk-input"}),
    )

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="span-%s")
        cast("forms.ModelChoiceField[Section]", self.fields["section"]).queryset = sections.of(
            event
        )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        start, end = found.get("start"), found.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end is before the beginning."))
        return found


@registry.page("sections", "sections/", label=gettext_lazy("Sections"), position=24)
@require_http_methods(["GET", "HEAD", "POST"])
def event_sections(request: HttpRequest, event: Event) -> HttpResponseBase:
    """All sections with their photos' number. A span of time in the address is counted first."""
    if request.method == "POST":
        for name, deed in DEEDS.items():
            if name in request.POST:
                try:
                    return deed(request, event) or redirect(request.path)
                except SectionGone:
                    return gone.lead_back(request, request.path)
        return HttpResponse(status=400)
    if "start_0" not in request.GET:
        return _page(request, event)
    if not sections.of(event).exists():
        return gone.lead_back(request, request.path)
    return _page(request, event, span=SpanForm(event, request.GET))


def _page(
    request: HttpRequest,
    event: Event,
    *,
    span: SpanForm | None = None,
    refused: SectionRefused | None = None,
    about: int = 0,
) -> HttpResponseBase:
    """`refused` is said at the name of the section `about`, 0: of the new one."""
    form = span or SpanForm(event)
    is_valid = form.is_bound and form.is_valid()
    if form.is_bound and not is_valid:
        logger.info("span_refused code=bad_request event=%s", event.pk)
    context = {
        "title": _("Sections"),
        "sections": list(sections.counted(event)),
        "typed": request.POST.get("name", ""),
        "name_error": refused.words if refused else "",
        "about": about,
        "most": sections.NAME_LENGTH,
        "span": form,
        "span_count": _taken(event, form).count() if is_valid else None,
        "span_section": form.cleaned_data["section"] if is_valid else None,
    }
    status = 422 if refused or (form.is_bound and not is_valid) else 200
    return registry.show(request, event, "photos/desk/sections.html", context, status=status)


def _make(request: HttpRequest, event: Event) -> Answer:
    try:
        sections.make(event, request.POST.get("name", ""), by=request.user)
    except SectionRefused as refused:
        return _refuse(request, event, refused)
    return None


def _rename(request: HttpRequest, event: Event) -> Answer:
    section = _section(request, event, "rename")
    try:
        sections.rename(section, request.POST.get("name", ""), by=request.user)
    except SectionRefused as refused:
        return _refuse(request, event, refused, about=section.pk)
    return None


def _refuse(
    request: HttpRequest, event: Event, refused: SectionRefused, about: int = 0
) -> HttpResponseBase:
    logger.info("section_refused code=%s event=%s", refused.code, event.pk)
    return _page(request, event, refused=refused, about=about)


def _remove(request: HttpRequest, event: Event) -> Answer:
    sorting.remove_section(request, _section(request, event, "remove"))
    return None


def _up(request: HttpRequest, event: Event) -> Answer:
    return _move(event, _section(request, event, "up"), -1, request)


def _down(request: HttpRequest, event: Event) -> Answer:
    return _move(event, _section(request, event, "down"), 1, request)


def _move(event: Event, section: Section, by: int, request: HttpRequest) -> Answer:
    ids = list(sections.of(event).values_list("pk", flat=True))
    at = ids.index(section.pk)
    ids.insert(max(0, at + by), ids.pop(at))
    sections.put_in_order(event, ids, by=request.user)
    return None


def _order(request: HttpRequest, event: Event) -> Answer:
    ids = registry.ids(request.POST["order"].split(","))
    sections.put_in_order(event, ids, by=request.user)
    return None


def _assign(request: HttpRequest, event: Event) -> Answer:
    """With no section left there is no form of a span at which anything could be said."""
    form = SpanForm(event, request.POST)
    if not form.is_valid():
        if not sections.of(event).exists():
            raise SectionGone
        return _page(request, event, span=form)
    sorting.put_in(request, _taken(event, form), form.cleaned_data["section"])
    return None


def _taken(event: Event, form: SpanForm) -> Any:
    return sections.taken_between(event, form.cleaned_data["start"], form.cleaned_data["end"])


def _section(request: HttpRequest, event: Event, name: str) -> Section:
    """404 for one of another event. Raises `SectionGone`."""
    wanted = registry.ids([request.POST[name]])
    section: Section | None = sections.of(event).filter(pk__in=wanted).first()
    if section is not None:
        return section
    if Section.objects.filter(pk__in=wanted).exists():
        raise Http404
    raise SectionGone


DEEDS: dict[str, Callable[[HttpRequest, Event], Answer]] = {
    "make": _make,
    "rename": _rename,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "order": _order,
    "assign": _assign,
}
