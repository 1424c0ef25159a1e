"""The pages of an event's desk that show guests, figures, and what a threshold finds."""

from __future__ import annotations

import csv
import logging
from datetime import datetime
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.access import is_organizer
from events.desk import registry, roles
from events.desk.forms import InvitationForm
from events.models import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, Event, Membership
from faces.desk import charts, figures, guests, threshold
from faces.desk.charts import Chart
from faces.desk.figures import History
from faces.finding import face_pictures
from faces.models import Face

logger = logging.getLogger(__name__)

GUESTS_A_PAGE = 50

registry.add_panel("events/desk/_overview.html", position=0)

# How a bar's time is written, by the unit of its chart.
FORMATS = {"hour": "j N H:i", "day": "j N Y", "week": "j N Y", "month": "F Y"}
LAST_ORGANIZER = gettext_lazy(
    "An event keeps at least one organizer. Make somebody else organizer first."
)


@registry.page("guests", "guests/", label=gettext_lazy("Guests"), position=20)
@require_http_methods(["GET", "HEAD", "POST"])
def event_guests(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Who joined; a POST invites somebody. Queries: count, page."""
    form = InvitationForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        return _invite(request, event, form)
    search, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    rows = guests.members(event, search=search, role=role)
    page = Paginator(rows, GUESTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Guests"),
        "page": page,
        "guests": [guests.guest(row) for row in page],
        "roles": Membership.Role.choices,
        "search": search,
        "role": role,
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return registry.show(request, event, "faces/desk/guests.html", context, status=status)


@registry.page("guest_role", "guests/<int:membership_id>/role/")
@require_POST
def guest_role(request: HttpRequest, event: Event, membership_id: int) -> HttpResponseBase:
    membership = _membership(event, membership_id)
    role = request.POST.get("role", "")
    if role not in Membership.Role.values:
        logger.info("role_refused code=unknown_role event=%s", event.pk)
        messages.error(request, _("Choose one of the roles."))
        return _to_guests(request, event)
    try:
        roles.change_role(membership, role=role, by=request.user)
    except roles.LastOrganizer:
        logger.info("role_refused code=last_organizer event=%s", event.pk)
        messages.error(request, LAST_ORGANIZER)
    else:
        params = {"person": membership.user, "role": Membership.Role(role).label}
        messages.success(request, _("%(person)s is now %(role)s.") % params)
    return _to_guests(request, event)


@registry.page("guest_removal", "guests/<int:membership_id>/remove/")
@require_POST
def guest_removal(request: HttpRequest, event: Event, membership_id: int) -> HttpResponseBase:
    membership = _membership(event, membership_id)
    try:
        receipt = guests.remove(membership, by=request.user)
    except roles.LastOrganizer:
        logger.info("removal_refused code=last_organizer event=%s", event.pk)
        messages.error(request, LAST_ORGANIZER)
    else:
        params = ngettext(
            "%(person)s is removed, with the face’s data and %(count)d match.",
            "%(person)s is removed, with the face’s data and %(count)d matches.",
            receipt["matches"],
        )
        messages.success(request, params % {"person": membership.user, "count": receipt["matches"]})
    return _to_guests(request, event)


@registry.page("figures", "figures/", label=gettext_lazy("Figures"), position=40)
@require_safe
def event_figures(request: HttpRequest, event: Event) -> HttpResponseBase:
    history = figures.history(event)
    context = {
        "title": _("Figures"),
        "totals": figures.totals(event),
        "charts": _charts(history),
        "first": _moment(history, 0) if history.moments else "",
        "last": _moment(history, -1) if history.moments else "",
        "unit": history.unit,
        "box": f"0 0 {charts.WIDTH} {charts.HEIGHT}",
    }
    return registry.show(request, event, "faces/desk/figures.html", context)


@registry.page("figures_csv", "figures.csv")
@require_safe
def figures_csv(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The same figures as a table. With a byte order mark, or spreadsheets misread accents."""
    history = figures.history(event)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{event.slug}-figures.csv"'
    table = csv.writer(response)
    table.writerow([_("From"), *(str(series.label) for series in figures.SERIES)])
    for index, moment in enumerate(history.moments):
        amounts = [history.values[series.name][index] for series in figures.SERIES]
        table.writerow([_local(event, moment), *amounts])
    return response


class ThresholdForm(forms.Form):
    other = forms.FloatField(
        min_value=LOWEST_THRESHOLD,
        max_value=HIGHEST_THRESHOLD,
        error_messages={"invalid": gettext_lazy("Please give a number from 50 to 100.")},
    )


@registry.page("threshold", "threshold/", label=gettext_lazy("Threshold"), position=30)
@require_http_methods(["GET", "HEAD", "POST"])
def match_threshold(request: HttpRequest, event: Event) -> HttpResponseBase:
    """What another threshold would find; a POST chooses it."""
    given = request.POST if request.method == "POST" else request.GET
    suggested = max(event.match_threshold - 5, LOWEST_THRESHOLD)
    if not threshold.may_lower(event):
        suggested = min(event.match_threshold + 5, HIGHEST_THRESHOLD)
    form = ThresholdForm(given if "other" in given else {"other": suggested})
    other = form.cleaned_data["other"] if form.is_valid() else suggested
    if request.method == "POST" and form.is_valid():
        threshold.choose(event, other)
        messages.success(request, _("The guests are being matched with the new threshold."))
        return redirect(request.path)
    refused = not form.is_valid()
    if refused:
        logger.info("threshold_refused event=%s", event.pk)
    context = {
        "title": _("Threshold"),
        "form": form,
        "may_lower": threshold.may_lower(event),
        "preview": threshold.preview(event, other),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return registry.show(request, event, "faces/desk/threshold.html", context, status=status)


@registry.page("face_crop", "faces/<int:face_id>.jpg")
@require_safe
def face_crop(request: HttpRequest, event: Event, face_id: int) -> HttpResponseBase:
    """A face in one of the event's photos, for judging a threshold."""
    face = get_object_or_404(Face, pk=face_id, event=event)
    data = face_pictures.crop(face)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _invite(request: HttpRequest, event: Event, form: InvitationForm) -> HttpResponseBase:
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        roles.invite(event=event, email=email, role=role, by=request.user)
    except roles.LastOrganizer:
        messages.error(request, LAST_ORGANIZER)
    except OSError:  # the mail server; what was done before is rolled back
        logger.exception("invitation_failed event=%s", event.pk)
        messages.error(
            request, _("The e-mail could not be sent, so nobody was invited. Try again later.")
        )
    else:
        messages.success(request, _("Invited. An e-mail with the way in is on its way."))
    return _to_guests(request, event)


def _membership(event: Event, membership_id: int) -> Membership:
    rows = Membership.objects.filter(event=event).select_related("user", "event")
    return get_object_or_404(rows, pk=membership_id)


def _to_guests(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Back to the guests, unless the organizer has just stepped down."""
    if is_organizer(request.user, event):
        return redirect("admin:events_event_guests", event.pk)
    return redirect("admin:index")


def _charts(history: History) -> list[Chart]:
    titles = [_moment(history, index) for index in range(len(history.moments))]
    return [
        _chart(str(series.label), series.name, history.values[series.name], titles)
        for series in figures.SERIES
    ]


def _chart(label: str, name: str, values: list[int], titles: list[str]) -> Chart:
    total, highest = sum(values), max(values, default=0)
    params = {"label": label, "total": total, "highest": highest}
    summary = _("%(label)s: %(total)s in all, at most %(highest)s at a time") % params
    named = [f"{title}: {value}" for title, value in zip(titles, values, strict=True)]
    return Chart(name, label, total, highest, charts.bars(values, named), summary)


def _moment(history: History, index: int) -> str:
    return date_format(timezone.localtime(history.moments[index]), FORMATS[history.unit])


def _local(event: Event, moment: datetime) -> str:
    return moment.astimezone(event.zone).strftime("%Y-%m-%d %H:%M")
