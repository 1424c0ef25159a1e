"""The time zones that the desk offers: one for each place, by its name in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from anyascii import anyascii
from babel.dates import get_timezone_location
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findme.language import current_language

Choice = tuple[str, str]
Group = tuple[str, list[Choice]]

# By the first part of a zone's name. One that the tz database adds is called as there.
REGIONS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic Ocean"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific Ocean"),
}


def choices(chosen: str) -> list[Choice | Group]:
    """The site's own, then by region and city, without the tz database's aliases, unless one is
    chosen already."""
    site = _("the site’s: %(zone)s") % {"zone": settings.TIME_ZONE}
    groups = _groups(current_language())
    known = {zone for _region, cities in groups for zone, _city in cities}
    other: list[Choice | Group] = [] if chosen in known | {""} else [(chosen, chosen)]
    return [("", site), *other, *groups]


def known(name: Any) -> ZoneInfo | None:
    """The zone of that name, if it is one: whatever was sent."""
    return ZoneInfo(name) if isinstance(name, str) and name in available_timezones() else None


@cache
def _groups(language: str) -> list[Group]:
    """Placed once a process: naming them takes a tenth of a second."""
    with translation.override(language):
        named = ((_region(name), _city(name, language), name) for name in _places())
        zones = sorted(named, key=lambda zone: tuple(map(_folded, zone)))
    return [
        (region, [(name, city) for _region, city, name in cities])
        for region, cities in groupby(zones, key=lambda zone: zone[0])
    ]


def _folded(name: str) -> str:
    """As people look it up: neither accents nor capitals make another letter."""
    return anyascii(name).casefold()


def _region(name: str) -> str:
    region = name.partition("/")[0]
    return str(REGIONS.get(region, region))


def _city(name: str, language: str) -> str:
    return str(get_timezone_location(ZoneInfo(name), locale=language, return_city=True))


def _places() -> list[str]:
    """Of the tz database's table of places, which has no aliases."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text()
    return [line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")]
