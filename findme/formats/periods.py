"""Days from one to another as people write them, with nothing said twice."""

from __future__ import annotations

from datetime import date

from babel.dates import format_interval, format_skeleton
from django.utils.formats import date_format, get_format

# With the month's name cut short: Babel knows no other way to write several days.
SHORT = "yMMMd"


def in_full(first: date, last: date) -> str:
    """For the page of one event: a single day with the month's whole name."""
    return date_format(first) if first == last else short(first, last)


def short(first: date, last: date) -> str:
    """For lists, where single days stand beside several."""
    locale = get_format("PERIOD_LOCALE")
    if first == last:
        return str(format_skeleton(SHORT, first, locale=locale))
    return str(format_interval(first, last, SHORT, locale=locale))
