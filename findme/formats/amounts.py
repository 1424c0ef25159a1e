"""Amounts of time in words, in the language of whoever reads."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def parts(seconds: int) -> tuple[int, int, int, int]:
    """Days, hours, minutes, seconds of an amount, whatever its sign."""
    minutes, rest = divmod(abs(seconds), MINUTE)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return days, hours, minutes, rest


def amount(seconds: int) -> str:
    """Such as "1 day 2 h 5 min"."""
    days, hours, minutes, rest = parts(seconds)
    words = [ngettext("%(count)d day", "%(count)d days", days) % {"count": days}] if days else []
    units = (hours, "h"), (minutes, "min"), (rest, "s")
    words += [f"{count}\N{NO-BREAK SPACE}{unit}" for count, unit in units if count]
    return " ".join(words) or "0\N{NO-BREAK SPACE}s"


def later(seconds: int) -> str:
    """Such as "1 h later", of a negative amount "1 h earlier"."""
    text = _("%(amount)s later") if seconds >= 0 else _("%(amount)s earlier")
    return text % {"amount": amount(seconds)}
