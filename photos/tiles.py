"""A gallery's photos as its grid shows them: by day and hour, everything said in advance.

A page has 100 of them and more, so a tile is computed once and only printed by the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
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
from photos.renditions import MEDIUM_SIDE, THUMBNAIL_SIDE

# The page of one photo in each gallery.
PHOTO_PAGES = {"general": "photo", "mine": "my_photo"}
# Tiles have the photo's shape, between a narrow portrait and a panorama, in steps that the style
# sheet knows: what a step cuts off is 2 % at most.
NARROWEST, WIDEST, SHAPE_STEP = 50, 250, 5

# Heights of rows on wide screens, by gallery, as grid.css has them: the least in rem, and the most,
# which is reached where the screen is 100 rem wide. Filling its line, a row grows by an eighth.
ROWS = {"general": (10, 14), "mine": (13, 20)}
GROWTH = 1.125
# On narrow screens rows are about 8 rem, and two thirds are stated: phones have three pixels for
# one, and nobody sees the third, but it would double what comes over a mobile network.
NARROW_ROW = 8 * 2 / 3

# About what a phone shows before it is scrolled: these do not wait for their turn.
EAGER = 6


# Here and not in a template, where a page of 100 takes five times as long: 30 variables' worth of
# looking up, localizing and escaping for each tile.
LINK = (
    '<a href="{address}" data-preview="{preview}"{medium}{download}>'
    '<img src="{thumbnail}"{srcset} width="{width}" height="{height}" loading="{loading}"'
    ' decoding="async" data-blurhash="{blurhash}" alt="{label}"></a>'
)
SRCSET = ' srcset="{thumbnail} {thumbnail_width}w, {medium} {medium_width}w" sizes="{sizes}"'


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
    maker = _Maker(Pictures(event), page, gallery)
    moments = ((timezone.localtime(photo.taken_at), photo) for photo in photos)
    return [
        Day(
            label=day_label(day, event),
            tiles=list(maker.tiles(of_day, with_hours=with_hours)),
        )
        for day, of_day in groupby(moments, key=lambda pair: pair[0].date())
    ]


class _Maker:
    """Makes the tiles of one page."""

    def __init__(self, pictures: Pictures, page: addresses.Pattern, gallery: str) -> None:
        self.pictures = pictures
        self.page = page
        self.gallery = gallery
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
        thumbnail = escape(self.pictures.shown_url(photo, "thumbnail"))
        larger = photo.has_medium and max(photo.width, photo.height) > THUMBNAIL_SIDE
        # For the viewer, which may ask when a signed address has expired.
        medium = escape(self.pictures.url(photo, "medium")) if larger else ""
        link = LINK.format(
            address=self.page.of(photo.pk),
            preview=escape(self.pictures.url(photo, "preview")),
            medium=f' data-medium="{medium}"' if larger else "",
            download=f' data-download="{escape(download)}"' if download else "",
            thumbnail=thumbnail,
            srcset=self._srcset(photo, thumbnail) if larger else "",
            width=photo.width,
            height=photo.height,
            loading="eager" if self.made <= EAGER else "lazy",
            blurhash=escape(photo.blurhash),
            label=escape(_photo_at(self.language, moment.hour, moment.minute)),
        )
        return SafeString(link)  # every value above is a number, ours, or escaped

    def _srcset(self, photo: Photo, thumbnail: str) -> str:
        return SRCSET.format(
            thumbnail=thumbnail,
            thumbnail_width=_width(photo, THUMBNAIL_SIDE),
            medium=escape(self.pictures.shown_url(photo, "medium")),
            medium_width=_width(photo, MEDIUM_SIDE),
            sizes=_sizes(self.gallery, max(NARROWEST, _percent(photo))),
        )


@lru_cache(maxsize=4096)
def _photo_at(language: str, hour: int, minute: int) -> str:
    """What a picture is called, in the active language, which is named for the cache."""
    return gettext("Photo, %(time)s") % {"time": time_format(time(hour, minute), "TIME_FORMAT")}


def shape(photo: Photo) -> str:
    """Width per height in percent, rounded to a step: the name of a class in grid.css."""
    return f"r{min(WIDEST, max(NARROWEST, _percent(photo)))}"


def _percent(photo: Photo) -> int:
    return round(100 * photo.width / photo.height / SHAPE_STEP) * SHAPE_STEP


def _width(photo: Photo, side: int) -> int:
    """Of the copy with that longest side."""
    return max(1, round(photo.width * min(1, side / max(photo.width, photo.height))))


@lru_cache(maxsize=1024)
def _sizes(gallery: str, percent: int) -> str:
    """How wide a picture of that shape is shown, for browsers to choose by before there is layout.

    Without `clamp`, which not every browser reads here: they would take the picture for as wide as
    the screen. What is wider than its tile is cut off by it, and so its full width counts.
    """
    least, most = ROWS[gallery]
    ratio = percent / 100
    wide, least_wide = (f"{row * GROWTH * ratio:.1f}" for row in (most, least))
    return (
        f"(min-width:100rem) {wide}rem,(min-width:{100 * least / most:.0f}rem) {wide}vw,"
        f"(min-width:48rem) {least_wide}rem,{NARROW_ROW * ratio:.1f}rem"
    )


def day_label(day: date, event: Event) -> str:
    """A day in words, and its year where that is not the event's: of a camera set wrong, say."""
    is_usual = event.starts_on.year <= day.year <= event.ends_on.year
    return date_format(day, gettext("l, F j") if is_usual else gettext("l, F j, Y"))


def hour_label(moment: datetime) -> str:
    """The hour that a moment is in, as the language writes it: "2 p.m.", "14:00"."""
    return date_format(moment.replace(minute=0, second=0, microsecond=0), "TIME_FORMAT")
