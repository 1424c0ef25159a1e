"""The page of an event's desk where another one like it is made."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from events import audit
from events.access import user_of
from events.desk import copying, moments, registry
from events.desk.forms import NAME_MISSING
from events.models import Event

logger = logging.getLogger(__name__)

registry.add_panel("events/desk/_copy_panel.html", position=90)


class CopyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and days; all else is the old event's."""

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = ["name", "starts_on", "ends_on"]
        widgets: ClassVar[dict[str, Any]] = {"name": UnfoldAdminTextInputWidget}
        field_classes: ClassVar[dict[str, Any]] = {
            "starts_on": moments.DayField,
            "ends_on": moments.DayField,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = NAME_MISSING
        self.fields["ends_on"].required = False
        self.fields["ends_on"].help_text = _("Empty: the same day.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = data.get("starts_on")
        data["ends_on"] = last = data.get("ends_on") or first
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first day."))
        return data


@registry.page("copy", "copy/")
@require_http_methods(["GET", "HEAD", "POST"])
def event_copy(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Asks for a name and days. For those who may make events."""
    user = user_of(request)
    if not user.is_staff:
        raise PermissionDenied
    suggested = {"name": _suggested_name(event)}
    form = CopyForm(request.POST or None, instance=Event(), initial=suggested, label_suffix="")
    if request.method == "POST" and form.is_valid():
        days = {day: form.cleaned_data[day] for day in ("starts_on", "ends_on")}
        new = copying.copy(event, name=form.instance.name, **days, organizer=user)
        messages.success(request, _("“%(event)s” is ready.") % {"event": new.name})
        return redirect("admin:events_event_change", new.pk)
    if form.is_bound:
        logger.info("event_copy_refused code=wrong_input event=%s", event.pk)
    context = {
        "title": _("New event like this one"),
        "form": form,
        "copied": [_in_words(event, name) for name in copying.COPIED],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return registry.show(request, event, "events/desk/copy.html", context, status=status)


def _in_words(event: Event, name: str) -> tuple[str, str]:
    """What a field is called, and what it says, as in the log."""
    return capfirst(audit.field_label(name)), audit.in_words(name, getattr(event, name))


def _suggested_name(event: Event) -> str:
    longest = Event._meta.get_field("name").max_length or 0
    copy = _("(copy)")
    return f"{event.name[: longest - len(copy) - 1]} {copy}"
