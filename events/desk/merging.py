"""Two organizers who change one event at once: what each of them changed is kept, unless it is the
same field; then whoever saves later is told what it is now, and loses nothing that was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, cast

from django import forms
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone

from events.desk import time_zones
from events.desk.moments import MomentField
from events.models import Event

Values = Mapping[str, Any]
# Beside the fields, in what a form says it has shown: no field of an event is called so.
ZONE = "zone"


@dataclass(frozen=True)
class Merged:
    """By field: what others changed and stays, and what both changed."""

    theirs: Values
    both: Values


def values(event: Event, names: Iterable[str]) -> Values:
    return model_to_dict(event, list(names))


def seen(of: Values, zone: tzinfo | None = None) -> str:
    """What a form shows of each field, in so few characters that it can say so when it is sent, and
    the time zone in which it shows moments."""
    shown_in = str(zone or timezone.get_current_timezone())
    return json.dumps({name: _digest(value) for name, value in of.items()} | {ZONE: shown_in})


def shown_in(form: forms.BaseForm) -> tzinfo:
    """The time zone in which the page of a form was shown; where it does not say, that of now."""
    said = _read(form["seen"].value()).get(ZONE)
    return time_zones.known(said) or timezone.get_current_timezone()


def read_moments(form: forms.BaseForm) -> None:
    """Have each moment of a form that was sent read as it is meant: one that was left alone in the
    zone in which it was shown, one that was typed in the zone that stands beside it."""
    shown, zone = _read(form["seen"].value()), shown_in(form)
    typed_in = zone
    if "time_zone" in form.fields:
        typed = form["time_zone"].data
        typed_in = (
            timezone.get_default_timezone() if typed == "" else time_zones.known(typed) or zone
        )
    for name, field in form.fields.items():
        if isinstance(field, MomentField):
            field.shown_in, field.typed_in = zone, typed_in
            if name in shown:
                field.is_shown = partial(_is_of, shown[name])


def shown_again(form: forms.BaseForm, merged: Merged, now: Values, zone: tzinfo) -> QueryDict:
    """What a form that was sent shows next: what others changed, as if that had been typed. Where
    they changed the zone too, each moment is put in the words of the new one."""
    data = cast(QueryDict, form.data).copy()
    cleaned = form.cleaned_data if "time_zone" in merged.theirs else {}
    moments = {name: value for name, value in cleaned.items() if isinstance(value, datetime)}
    with timezone.override(zone):
        for name, value in {**moments, **merged.theirs}.items():
            fill(data, form[name], value)
    data[form.add_prefix("seen")] = seen(now, zone)
    return data


def merged(sent: str, typed: Values, now: Values, refused: Container[str] = ()) -> Merged:
    """What to do with what was typed into a form that has shown what `sent` says. `refused` are
    fields of which what was typed is no value: nobody types that for nothing.

    A form that does not say what it has shown has shown what there is now.
    """
    shown = _read(sent)
    changed = {
        name: value
        for name, value in now.items()
        if shown.get(name, _digest(value)) != _digest(value)
    }
    is_typed = {
        name
        for name, value in changed.items()
        if name in refused
        or (name in typed and _digest(typed[name]) not in (shown[name], _digest(value)))
    }
    return Merged(
        theirs={name: value for name, value in changed.items() if name not in is_typed},
        both={name: value for name, value in changed.items() if name in is_typed},
    )


def fill(data: QueryDict, bound: forms.BoundField, value: Any) -> None:
    """Have a form that was sent show a value in one of its fields, as if that had been typed."""
    widget, name = bound.field.widget, bound.html_name
    value = bound.field.prepare_value(value)
    data.pop(name, None)
    if isinstance(widget, forms.CheckboxInput):
        if value:
            data[name] = "on"
    elif isinstance(widget, forms.MultiWidget):
        for number, part in enumerate(widget.decompress(value) or []):
            shown = widget.widgets[number].format_value(part)
            data[f"{name}_{number}"] = shown or ""
    else:
        data[name] = widget.format_value(value) or ""


def _digest(value: Any) -> str:
    """Of what a form can tell: a moment has no fractions of a second, and is in some time zone."""
    if isinstance(value, datetime):
        value = int(value.timestamp())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = float(value)
    text = "" if value is None else str(value).replace("\r\n", "\n")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _is_of(digest: Any, value: Any) -> bool:
    return bool(_digest(value) == digest)


def _read(sent: str) -> dict[str, str]:
    """Whatever it is that was sent."""
    try:
        found = json.loads(sent or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
