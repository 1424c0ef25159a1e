"""The form of one photo, which asks when it was taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from events.desk import merging
from events.models import Event
from photos.models import Photo

FIELD = "taken_at"


class PhotoForm(forms.ModelForm):  # type: ignore[type-arg]
    """It carries what it shows: saved by a page that was open while a colleague shifted the
    camera's clock, it must not bring the wrong time back.

    `kept`: what others have changed meanwhile, and whoever saves now has not.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Photo
        fields: ClassVar[list[str]] = []  # the admin says which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: merging.Values = {}
        self.fields["seen"].initial = merging.seen({FIELD: self.instance.taken_at})
        if FIELD in self.fields and not self.instance.has_capture_time:
            self.fields[FIELD].help_text = _(
                "The file does not say when it was taken; this is when it arrived."
            )
        if self.is_bound:
            merging.read_moments(self)

    def clean(self) -> dict[str, Any]:
        """The event is held, as by whoever shifts a clock, to the end of the admin's transaction,
        in which the photo is saved."""
        data = super().clean() or {}
        if FIELD not in self.fields:  # who only looks has none
            return data
        Event.objects.select_for_update(no_key=True).get(pk=self.instance.event_id)
        now = {FIELD: Photo.objects.values_list(FIELD, flat=True).get(pk=self.instance.pk)}
        merged = merging.merged(self["seen"].value() or "", data, now, refused=self.errors)
        self.kept = merged.theirs
        zone = merging.shown_in(self)
        if merged.theirs or merged.both:
            self.data = merging.shown_again(self, merged, now, zone)
        if merged.both:
            with timezone.override(zone):
                self.add_error(FIELD, _changed_meanwhile(now[FIELD]))
        return data | dict(merged.theirs)

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in {"seen", *self.kept}]


def _changed_meanwhile(moment: datetime) -> str:
    """To the second, by which two cameras differ."""
    local = timezone.localtime(moment)
    now = f"{date_format(local, 'SHORT_DATE_FORMAT')} {date_format(local, 'H:i:s')}"
    message = _("Somebody else changed this while your page was open. It is now: %(now)s.")
    return message % {"now": now} + " " + _("To have yours, save again.")
