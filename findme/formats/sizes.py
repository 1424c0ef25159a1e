"""Sizes of files in words, in the language of whoever reads."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

UNITS = [
    (10**12, _("%(number)s\N{NO-BREAK SPACE}TB")),
    (10**9, _("%(number)s\N{NO-BREAK SPACE}GB")),
    (10**6, _("%(number)s\N{NO-BREAK SPACE}MB")),
    (10**3, _("%(number)s\N{NO-BREAK SPACE}kB")),
]


def byte_size(count: int) -> str:
    """Such as "1.2 GB": by thousands, as disks are sold and archives are offered, and not by 1,024
    as Django's `filesizeformat` has it."""
    for unit, words in UNITS:
        if count >= unit:
            value = count / unit
            number = number_format(value, decimal_pos=0 if value >= 100 else 1)
            return str(words) % {"number": number}
    return ngettext(
        "%(count)d\N{NO-BREAK SPACE}byte", "%(count)d\N{NO-BREAK SPACE}bytes", count
    ) % {"count": count}
