"""Days and moments in the desk's forms: the browser's own calendar and clock, and whatever people
type or paste where there is none."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from unfold.widgets import DATETIME_CLASSES

from events.models import wrong_year

CLASSES = " ".join(DATETIME_CLASSES)
NO_DAY = _("Please give a date such as 15.11.2026.")
NO_TIME = _("Please give a time such as 19:30.")


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
    """In the time zone that is in force: the event's, on its pages."""

    widget = MomentInput
    default_error_messages = {"invalid_date": NO_DAY, "invalid_time": NO_TIME}

    def validate(self, value: datetime | None) -> None:
        super().validate(value)
        _demand_likely_year(value)


def _demand_likely_year(day: date | None) -> None:
    if day and (said := wrong_year(day)):
        raise forms.ValidationError(said, code="unlikely_year")


# For an admin's `formfield_overrides`.
FIELDS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.DateField: {"form_class": DayField, "widget": DayInput},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
}
