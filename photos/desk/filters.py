"""Filters of the desk's list of photos."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, F, QuerySet, When
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.desk import naming, registry
from events.models import Event
from photos.desk import photo_list
from photos.models import Photo

ORDER, UPLOADED = "order", "uploaded"
ORDERS = {
    UPLOADED: (gettext_lazy("Last uploaded first"), ["-id"]),
    "newest": (gettext_lazy("Newest first"), ["-taken_at", "-id"]),
    "oldest": (gettext_lazy("Oldest first"), ["taken_at", "id"]),
    "name": (gettext_lazy("By name"), ["name", "id"]),
}
NO_SECTION = NO_TIME = "none"
ONE_DAY = timedelta(days=1)
# A camera that does not know the day makes one more; a list of hundreds would help nobody.
DAYS_OFFERED = 60


def by(title: Any, *, nobody: Any = "") -> type[admin.RelatedOnlyFieldListFilter]:
    """A filter by what photos belong to, with a title that is translated; `nobody` names those that
    belong to none."""

    class By(admin.RelatedOnlyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title
            self.empty_value_display = nobody or self.empty_value_display

    return By


def by_event(title: Any) -> type[admin.RelatedOnlyFieldListFilter]:
    """The same by event, of which two may have one name."""

    class ByEvent(by(title)):  # type: ignore[misc]
        def field_choices(
            self, field: Any, request: HttpRequest, model_admin: Any
        ) -> list[tuple[Any, str]]:
            """One query, as Django's own."""
            held = model_admin.get_queryset(request).order_by().values("event")
            events = Event.objects.filter(pk__in=held).with_namesakes(request.user)
            return [(event.pk, naming.told_apart(event)) for event in events]

    return ByEvent


class Moderation(admin.ChoicesFieldListFilter):
    """Where guests' photos stand; of the others that there is nothing to decide, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        nothing = str(dict(Photo.Moderation.choices)[Photo.Moderation.NONE])
        for choice in super().choices(changelist):
            is_nothing = choice["display"] == nothing
            yield {**choice, "display": _("nothing to approve")} if is_nothing else choice


class Asked(admin.SimpleListFilter):
    """A filter whose choices are in the list's head, as well as in the theme's sheet. `every` names
    the choice of all; without one the first is meant."""

    every: Any = ""

    def shown(self) -> list[tuple[str, str, bool]]:
        """Value, name, and whether it is chosen."""
        return [(str(v), str(name), str(v) == self.value()) for v, name in self.lookup_choices]


class Order(Asked):
    """In which order the list is: it filters nothing (`ordering`)."""

    title = gettext_lazy("order")
    parameter_name = ORDER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, name) for key, (name, _fields) in ORDERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        return queryset


class Day(Asked):
    """Photos of one day, as it is at the event's place, or those of which nobody knows the day."""

    title = gettext_lazy("day")
    parameter_name = "day"
    every = gettext_lazy("All days")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        event = photo_list.event_shown(request)
        if event is None:
            return []
        day = Case(When(has_capture_time=True, then=TruncDate("taken_at", tzinfo=event.zone)))
        days = Photo.objects.in_event(event).order_by().annotate(day=day).values_list("day")
        found = days.annotate(count=Count("pk")).order_by(F("day").asc(nulls_first=True))
        counts = dict(found[: DAYS_OFFERED + 1])
        undated = {None: counts.pop(None)} if None in counts else {}
        return [
            (day.isoformat(), f"{date_format(day, 'SHORT_DATE_FORMAT')} ({count})")
            if day
            else (NO_TIME, f"{_('No capture time')} ({count})")
            for day, count in [*counts.items(), *undated.items()]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        event = photo_list.event_shown(request)
        if self.value() == NO_TIME:
            return queryset.filter(has_capture_time=False)
        try:
            day = date.fromisoformat(self.value() or "")
            start = datetime.combine(day, time(), event.zone if event else None)
            end = datetime.combine(day + ONE_DAY, time(), start.tzinfo)
        except (ValueError, OverflowError):
            return queryset
        of_day = {"taken_at__gte": start, "taken_at__lt": end, "has_capture_time": True}
        return queryset.filter(**of_day) if event else queryset


class InSection(Asked):
    """Photos of one section, or of none."""

    title = gettext_lazy("section")
    parameter_name = "section"
    every = gettext_lazy("All sections")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found = [(str(one.pk), one.name) for one in photo_list.sections_shown(request)]
        return [*found, (NO_SECTION, _("in no section"))] if found else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        if self.value() == NO_SECTION:
            return queryset.filter(section=None)
        chosen = registry.ids([self.value() or ""])
        return queryset.filter(section__in=chosen) if chosen else queryset


def ordering(request: HttpRequest) -> list[str]:
    _name, fields = ORDERS.get(request.GET.get(ORDER, ""), ORDERS[UPLOADED])
    return fields
