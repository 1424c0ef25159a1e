"""The desk's page of an event in figures, as charts and as a table."""

from __future__ import annotations

import csv
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from events.desk import registry
from events.models import Event
from faces.desk import charts, figures, question_figures, refused_selfies
from faces.desk.charts import Chart
from faces.desk.figures import History

registry.add_panel("faces/desk/_overview.html", position=0)

# How a bar's time is written, by the unit of its chart.
FORMATS = {
    "hour": "HOUR_POINT_FORMAT",
    "day": "SHORT_DATE_FORMAT",
    "week": "SHORT_DATE_FORMAT",
    "month": "YEAR_MONTH_FORMAT",
}


@registry.page("figures", "figures/", label=gettext_lazy("Figures"), position=50)
@require_safe
def event_figures(request: HttpRequest, event: Event) -> HttpResponseBase:
    history = figures.history(event)
    context = {
        "title": _("Figures"),
        "totals": figures.totals(event),
        "questions": question_figures.of_event(event),
        "charts": _charts(history),
        "selfies": refused_selfies.of_event(event),
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
    named = [
        _("%(label)s: %(value)s") % {"label": title, "value": value}
        for title, value in zip(titles, values, strict=True)
    ]
    return Chart(name, label, total, highest, charts.bars(values, named), summary)


def _moment(history: History, index: int) -> str:
    return date_format(timezone.localtime(history.moments[index]), FORMATS[history.unit])


def _local(event: Event, moment: datetime) -> str:
    return moment.astimezone(event.zone).strftime("%Y-%m-%d %H:%M")
