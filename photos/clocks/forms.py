"""How far a clock was off: said outright, or by the right time of one photo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.desk.moments import MomentField, RowMomentInput
from findme.formats import amounts
from findme.refusals import WORDS, words_of
from photos.clocks.shifting import ShiftRefused, Span
from photos.querysets import PhotoQuerySet

HIGHEST = 999_999
BEHIND, AHEAD = "behind", "ahead"
UNITS = {
    "days": amounts.DAY,
    "hours": amounts.HOUR,
    "minutes": amounts.MINUTE,
    "seconds": 1,
}


def _number(label: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "desk-input", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=0, max_value=HIGHEST, required=False, widget=widget
    )


class ShiftForm(forms.Form):
    """`shift`: by how many seconds the photos were taken later than their clock said. `refused`:
    the code of why not."""

    shift = 0
    refused = ""
    blamed = ""

    def __init__(self, *args: Any, span: Span, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.span = span

    def take(self, seconds: int) -> None:
        """Keep it, or say at the field to blame why it cannot be."""
        try:
            self.span.shifted(seconds)
        except ShiftRefused as error:
            self.refuse(self.blamed, error.code)
        self.shift = seconds

    def refuse(self, field: str, code: str) -> None:
        self.refused = code
        self.add_error(field, words_of(code))


class AmountForm(ShiftForm):
    days = _number(_("Days"))
    hours = _number(_("Hours"))
    minutes = _number(_("Minutes"))
    seconds = _number(_("Seconds"))
    direction = forms.ChoiceField(
        label=_("The clock was"),
        choices=[
            (BEHIND, _("behind: photos were taken later")),
            (AHEAD, _("ahead: photos were taken earlier")),
        ],
        widget=forms.Select(attrs={"class": "desk-input"}),
    )
    blamed = "hours"

    @classmethod
    def initial_of(cls, seconds: int) -> dict[str, Any]:
        """The fields of a shift that was suggested."""
        units = dict(zip(UNITS, amounts.parts(seconds), strict=True))
        given = {name: value or None for name, value in units.items()}
        return {**given, "direction": BEHIND if seconds >= 0 else AHEAD}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        total = sum((data[name] or 0) * unit for name, unit in UNITS.items())
        if not total:
            self.refuse("hours", "no_amount")
        else:
            self.take(total if data["direction"] == BEHIND else -total)
        return data


class MomentForm(ShiftForm):
    """One of the photos and when it was really taken, in the time zone of the moment."""

    photo = forms.IntegerField(
        error_messages={
            "required": WORDS["no_photo_chosen"],
            "invalid": WORDS["no_photo_chosen"],
        }
    )
    # With `step`, browsers offer seconds too.
    moment = MomentField(label=_("It was really taken at"), widget=RowMomentInput({"step": "1"}))
    blamed = "moment"

    def __init__(self, *args: Any, photos: PhotoQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photos = photos

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        taken_at = self._taken_at(data["photo"])
        if taken_at is None:
            self.refuse("photo", "no_photo_chosen")
            return data
        # Whole seconds: the form has no smaller ones, cameras do.
        # Two moments of one zone are subtracted by the clock on the wall, which jumps twice a year.
        moment, taken_at = data["moment"].astimezone(UTC), taken_at.astimezone(UTC)
        seconds = (moment - taken_at.replace(microsecond=0)) // timedelta(seconds=1)
        if seconds:
            self.take(seconds)
        else:
            self.refuse("moment", "same_time")
        return data

    def _taken_at(self, photo_id: int) -> datetime | None:
        if not 0 < photo_id < 2**63:
            return None
        found = self.photos.filter(pk=photo_id).values_list("taken_at", flat=True).first()
        return timezone.localtime(found) if found else None
