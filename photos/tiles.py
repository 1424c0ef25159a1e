"""A gallery's photos as its grid shows them: by day and hour, everything said in advance.

A page has 100 of them and more, so a tile is computed once and only printed by the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import lru_cache
from html import escape  # Django's looks for lazy strings first, at three times the cost
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from events.models import Event
from photos import addresses
from photos.addresses import Pictures
from photos.models import Photo

# The page of one photo in each gallery.
PHOTO_PAGES = {"general": "photo", "mine": "my_photo"}
# Tiles have the photo's shape, between a narrow portrait and a panorama, in steps that the style
# sheet knows: what a step cuts off is 2 % at most.
NARROWEST, WIDEST, SHAPE_STEP = 50, 250, 5

# About what a phone shows before it is scrolled: these do not wait for their turn.
EAGER = 6


# Here and not in a template, where a page of 100 takes five times as long: 30 variables' worth of
# looking up, localizing and escaping for each tile.
LINK = (
    '<a href="{address}" data-preview="{preview}"{download}>'
    '<img src="{thumbnail}" width="{width}" height="{height}" loading="{loading}"'
    ' decoding="async" data-blurhash="{blurhash}" alt="{label}"></a>'
)


@dataclass(slots=True)
class Tile:
    """`link` is the photo's link around its picture. `hour` is set on the first of each hour."""

    id: int
    anchor: SafeString
    shape: SafeString
    link: SafeString
    hour: str = ""


@dataclass(frozen=True)
class Day:
    """One day's photos of a page, with the day in words."""

    label: str
    tiles: list[Tile] = field(default_factory=list)


def days(
    photos: Iterable[Photo], event: Event, *, gallery: str, with_hours: bool = False
) -> list[Day]:
    """The photos of a page in their order, in the active time zone. No queries."""
    page = addresses.pattern(PHOTO_PAGES[gallery], event.slug)
    maker = _Maker(Pictures(event), page)
    moments = ((timezone.localtime(photo.taken_at), photo) for photo in photos)
    return [
        Day(
            label=date_format(day, gettext("l, F j")),
            tiles=list(maker.tiles(of_day, with_hours=with_hours)),
        )
        for day, of_day in groupby(moments, key=lambda pair: pair[0].date())
    ]


class _Maker:
    """Makes the tiles of one page."""

    def __init__(self, pictures: Pictures, page: addresses.Pattern) -> None:
        self.pictures = pictures
        self.page = page
        self.language = get_language() or ""
        self.made = 0

    def tiles(
        self, photos: Iterable[tuple[datetime, Photo]], *, with_hours: bool
    ) -> Iterator[Tile]:
        hour = -1
        for moment, photo in photos:
            begins = with_hours and moment.hour != hour
            hour = moment.hour
            label = hour_label(moment) if begins else ""
            anchor = SafeString(f"photo-{photo.pk}")
            link = self._link(photo, moment)
            yield Tile(photo.pk, anchor, SafeString(shape(photo)), link, label)

    def _link(self, photo: Photo, moment: datetime) -> SafeString:
        self.made += 1
        download = self.pictures.download_url(photo)
        link = LINK.format(
            address=self.page.of(photo.pk),
            preview=escape(self.pictures.url(photo, "preview")),
            download=f' data-download="{escape(download)}"' if download else "",
            thumbnail=escape(self.pictures.shown_url(photo, "thumbnail")),
            width=photo.width,
            height=photo.height,
            loading="eager" if self.made <= EAGER else "lazy",
            blurhash=escape(photo.blurhash),
            label=escape(_photo_at(self.language, moment.hour, moment.minute)),
        )
        return SafeString(link)  # every value above is a number, ours, or escaped


@lru_cache(maxsize=4096)
def _photo_at(language: str, hour: int, minute: int) -> str:
    """What a picture is called, in the active language, which is named for the cache."""
    return gettext("Photo, %(time)s") % {"time": time_format(time(hour, minute), "TIME_FORMAT")}


def shape(photo: Photo) -> str:
    """Width per height in percent, rounded to a step: the name of a class in gallery.css."""
    percent = 100 * photo.width / photo.height
    step = round(percent / SHAPE_STEP) * SHAPE_STEP
    return f"r{min(WIDEST, max(NARROWEST, step))}"


def hour_label(moment: datetime) -> str:
    """The hour that a moment is in, as the language writes it: "2 p.m.", "14:00"."""
    return date_format(moment.replace(minute=0, second=0, microsecond=0), "TIME_FORMAT")
