"""Two organizers who change one event at once: what each of them changed is kept, unless it is the
same field; then whoever saves later is told what it is now, and loses nothing that was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.http import QueryDict

from events.models import Event

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """By field: what others changed and stays, and what both changed."""

    theirs: Values
    both: Values


def values(event: Event, names: Iterable[str]) -> Values:
    return model_to_dict(event, list(names))


def seen(of: Values) -> str:
    """What a form shows of each field, in so few characters that it can say so when it is sent."""
    return json.dumps({name: _digest(value) for name, value in of.items()})


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


def _read(sent: str) -> dict[str, str]:
    """Whatever it is that was sent."""
    try:
        found = json.loads(sent or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
