"""An event in figures: totals, and what happened when.

A further series is one more entry of `SERIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Max, Min, QuerySet, Sum
from django.db.models.functions import Trunc
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext

from events.models import Event, Membership
from faces.index.indexes import active_name
from faces.models import Enrollment, Face, FaceMatch
from photos.models import Download, Photo

# The finest unit that keeps a chart below about a hundred bars.
UNITS = [
    ("hour", timedelta(days=3)),
    ("day", timedelta(days=92)),
    ("week", timedelta(days=700)),
    ("month", timedelta.max),
]
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass(frozen=True)
class Series:
    """Rows of an event that happened at a moment; `amount` says how much each counts."""

    name: str
    label: str | Promise
    rows: Callable[[Event], QuerySet[Any]]
    moment: str
    amount: Aggregate


def _guests(event: Event) -> QuerySet[Membership]:
    """Whoever came as a guest, children too: not who helps."""
    return event.memberships.guests()


def _enrollments(event: Event) -> QuerySet[Enrollment]:
    return Enrollment.objects.in_event(event, active_name(event))


def _photos(event: Event) -> QuerySet[Photo]:
    return Photo.objects.in_event(event).kept()


def _downloads(event: Event) -> QuerySet[Download]:
    return Download.objects.filter(event=event)


def _binned(event: Event) -> QuerySet[Photo]:
    """Named as those that are left out: they are few, and in an index of their own."""
    return Photo.objects.in_event(event).binned()


def _matches(event: Event) -> QuerySet[FaceMatch]:
    return FaceMatch.objects.in_event(event).counting().exclude(photo__in=_binned(event))


SERIES = [
    Series("guests", _("Guests"), _guests, "joined_at", Count("pk")),
    Series("selfies", _("Selfies"), _enrollments, "created_at", Count("pk")),
    Series("photos", _("Photos"), _photos, "uploaded_at", Count("pk")),
    Series("matches", _("Matches"), _matches, "found_at", Count("pk")),
    Series("downloads", _("Downloaded photos"), _downloads, "created_at", Sum("photos")),
]


# What is counted, in the grammar of its number.
TOTALS: dict[str, Callable[[int], str]] = {
    "photos": lambda n: npgettext("total", "photo", "photos", n),
    "guests": lambda n: npgettext("total", "guest", "guests", n),
    "selfies": lambda n: npgettext("total", "selfie in use", "selfies in use", n),
    "faces": lambda n: npgettext("total", "face in photos", "faces in photos", n),
    "matches": lambda n: npgettext("total", "match", "matches", n),
}


@dataclass(frozen=True)
class Total:
    name: str
    label: str
    count: int


@dataclass(frozen=True)
class History:
    """Each series' amounts by time: `values[i]` belongs to `moments[i]`, the start of a `unit`.

    Days and longer begin at the event's midnight. Hours are in UTC, in which none comes twice.
    """

    unit: str
    moments: list[datetime]
    values: dict[str, list[int]]


def totals(event: Event) -> list[Total]:
    """What belongs to an event. Five counts, each by an index."""
    faces = Face.objects.filter(event=event, index_name=active_name(event))
    faces = faces.exclude(photo__in=_binned(event))
    return [
        _total("photos", _photos(event)),
        _total("guests", _guests(event)),
        _total("selfies", _enrollments(event)),
        _total("faces", faces),
        _total("matches", _matches(event)),
    ]


def _total(name: str, rows: QuerySet[Any]) -> Total:
    count = rows.count()
    return Total(name, TOTALS[name](count), count)


def history(event: Event) -> History:
    """All series over the time in which anything happened."""
    span = [moment for series in SERIES for moment in _ends(series, event) if moment]
    if not span:
        return History("day", [], {series.name: [] for series in SERIES})
    first, last = min(span), max(span)
    unit = next(unit for unit, longest in UNITS if last - first <= longest)
    amounts = {series.name: _amounts(series, event, unit) for series in SERIES}
    moments = _moments(amounts, unit)
    return History(
        unit,
        moments,
        {name: [found.get(moment, 0) for moment in moments] for name, found in amounts.items()},
    )


def _ends(series: Series, event: Event) -> tuple[datetime | None, datetime | None]:
    ends = series.rows(event).aggregate(first=Min(series.moment), last=Max(series.moment))
    return ends["first"], ends["last"]


def _amounts(series: Series, event: Event, unit: str) -> dict[datetime, int]:
    start = Trunc(series.moment, unit, tzinfo=UTC if unit == "hour" else event.zone)
    rows = series.rows(event).order_by().annotate(start=start).values("start")
    return dict(rows.annotate(amount=series.amount).values_list("start", "amount"))


def _moments(amounts: dict[str, dict[datetime, int]], unit: str) -> list[datetime]:
    """Every unit from the first to the last with anything in it, the empty ones too."""
    known = sorted({moment for found in amounts.values() for moment in found})
    moments = known[:1]
    while moments[-1] < known[-1]:
        moments.append(_next(moments[-1], unit))
    return moments


def _next(moment: datetime, unit: str) -> datetime:
    """By the clock on the wall, whose days may have 23 or 25 hours."""
    if unit == "month":
        return (moment + timedelta(days=32)).replace(day=1)
    return moment + STEPS[unit]
