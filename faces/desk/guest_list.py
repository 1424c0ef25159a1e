"""The list of an event's people as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from django.utils import translation
from django.utils.translation import gettext as _

from events.models import Event, Membership
from faces.desk import guests
from faces.desk.guests import Guest

# Read and sent at once.
PIECE = 500
# Spreadsheets take a cell that begins so for a formula; people choose their names.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Without it spreadsheets misread accents.
BYTE_ORDER_MARK = "\ufeff"


def as_csv(event: Event, *, language: str) -> Iterator[str]:
    """The whole list, in the order of joining, in pieces. A query for each 500 people.

    The language is named, since a piece is made long after the view has returned.
    """
    with translation.override(language):
        heading = [_("Name"), _("E-mail address"), _("Joined"), _("Selfie in use")]
        yield BYTE_ORDER_MARK + _lines([[*heading, _("Photos found"), _("Role")]])
    zone, after = event.zone, 0
    while rows := _after(event, after):
        with translation.override(language):
            yield _lines([_cells(guests.guest(row), zone) for row in rows])
        after = rows[-1].pk


def cell(text: str) -> str:
    """A text that no spreadsheet reckons with."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _after(event: Event, membership_id: int) -> list[Membership]:
    rows = guests.members(event).filter(pk__gt=membership_id)
    return list(rows.order_by("pk")[:PIECE])


def _cells(guest: Guest, zone: tzinfo) -> list[str | int]:
    """An address only where it was proven: else somebody typed it, perhaps somebody else's."""
    return [
        cell(guest.name),
        cell(guest.email) if guest.is_proven else "",
        guest.joined_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        _("yes") if guest.has_selfie else _("no"),
        guest.photo_count,
        guest.membership.get_role_display(),
    ]


def _lines(rows: Iterable[Sequence[str | int]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
