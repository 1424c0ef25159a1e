"""Days and moments in the desk's forms: the browser's own calendar and clock, and whatever people
type or paste where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import DATETIME_CLASSES

from events.models import wrong_year

CLASSES = " ".join(DATETIME_CLASSES)
NO_DAY = _("Please give a date such as 15.11.2026.")
NO_TIME = _("Please give a time such as 19:30.")
NO_HOUR = _("That hour does not exist on that night: clocks are put forward.")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": CLASSES, **(attrs or {})}, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """With seconds only where the time has some."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": CLASSES, **(attrs or {})}, format="%H:%M")

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, time | datetime) and value.second:
            return f"{value:%H:%M:%S}"
        return super().format_value(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        if isinstance(value, time | datetime) and value.second:
            attrs = {**(attrs or {}), "step": 1}
        return super().get_context(name, value, attrs)


class MomentInput(forms.SplitDateTimeWidget):
    template_name = "unfold/widgets/split_datetime.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets = [DayInput({"aria-label": _("Date")}), TimeInput({"aria-label": _("Time")})]
        forms.MultiWidget.__init__(self, widgets, attrs)


class RowMomentInput(MomentInput):
    """Day and time one after the other, as the desk's own forms have their fields."""

    template_name = forms.SplitDateTimeWidget.template_name

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "desk-input", **(attrs or {})})


class DayField(forms.DateField):
    widget = DayInput
    default_error_messages = {"invalid": NO_DAY}

    def validate(self, value: date | None) -> None:
        super().validate(value)
        _demand_likely_year(value)


class MomentField(forms.SplitDateTimeField):
    """In the time zone that is in force: the event's, on its pages. A form whose page may have been
    shown in another one says so.

    `shown_in`: the zone in which the page was shown. `typed_in`: the one in which what is typed
    anew is meant. `is_shown`: whether the page has shown that moment.
    """

    widget = MomentInput
    default_error_messages = {"invalid_date": NO_DAY, "invalid_time": NO_TIME}
    shown_in: tzinfo | None = None
    typed_in: tzinfo | None = None
    is_shown: Callable[[datetime], bool] | None = None
    _initial: Any = None

    def __init__(self, **kwargs: Any) -> None:
        """Compared with what is kept: the hidden field that Django puts beside one with a default
        would be of the zone in which the page was shown."""
        super().__init__(**kwargs | {"show_hidden_initial": False})

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Learn what the form has there: Django tells a field only when it asks for changes."""
        self._initial = form.get_initial_for_field(self, field_name)
        return super().get_bound_field(form, field_name)

    def compress(self, data_list: Any) -> datetime | None:
        """What was shown stays the same instant, whatever became of the zone. Else, of an hour that
        occurs twice, the first is meant: nobody can type which."""
        if not data_list or any(part in self.empty_values for part in data_list):
            return super().compress(data_list)
        local = datetime.combine(*data_list)
        # Before any zone is asked: outside of these years some have no answer.
        _demand_likely_year(local)
        zone = self.shown_in or timezone.get_current_timezone()
        for moment in (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)):
            if self.is_shown(moment) if self.is_shown else _same(moment, self._initial):
                # With its fractions of a second, which no page shows.
                return self._initial if _same(moment, self._initial) else moment
        moment = local.replace(tzinfo=self.typed_in or timezone.get_current_timezone())
        if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != local:
            raise forms.ValidationError(NO_HOUR, code="no_such_hour")
        return moment

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as instants: Django compares texts, as if the page were of this zone."""
        if self.disabled:
            return False
        try:
            typed = self.clean(data)
        except forms.ValidationError:
            return True
        return not (_same(typed, initial) or (typed is None and initial is None))


def _same(one: Any, other: Any) -> bool:
    """To the second. By timestamps: in the hour that occurs twice, Python's moments of two zones
    are never equal, and those of one zone always."""
    return (
        isinstance(one, datetime)
        and isinstance(other, datetime)
        and int(one.timestamp()) == int(other.timestamp())
    )


def _demand_likely_year(day: date | None) -> None:
    if day and (said := wrong_year(day)):
        raise forms.ValidationError(said, code="unlikely_year")


# For an admin's `formfield_overrides`.
FIELDS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.DateField: {"form_class": DayField, "widget": DayInput},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
}
