"""A gallery's photos as its grid shows them: by day and hour, everything said in advance.

A page has 100 of them and more, so a tile is computed once and only printed by the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

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


@dataclass(frozen=True, slots=True)
class Tile:
    """`hour` is set on the first photo of each hour. Sizes in pixels, as text."""

    id: int
    address: str
    thumbnail: str
    preview: str
    download: str | None
    shape: str
    width: str
    height: str
    blurhash: str
    label: str
    loading: str
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
    """Makes tiles, remembering what several of them say alike."""

    def __init__(self, pictures: Pictures, page: addresses.Pattern) -> None:
        self.pictures = pictures
        self.page = page
        self.made = 0
        self.labels: dict[tuple[int, int], str] = {}

    def tiles(
        self, photos: Iterable[tuple[datetime, Photo]], *, with_hours: bool
    ) -> Iterator[Tile]:
        hour = -1
        for moment, photo in photos:
            begins = with_hours and moment.hour != hour
            hour = moment.hour
            yield self._tile(photo, moment, begins_hour=begins)

    def _tile(self, photo: Photo, moment: datetime, *, begins_hour: bool) -> Tile:
        url = self.pictures.url
        self.made += 1
        return Tile(
            id=photo.pk,
            address=self.page.of(photo.pk),
            thumbnail=url(photo, "thumbnail"),
            preview=url(photo, "preview"),
            download=self.pictures.download_url(photo),
            shape=shape(photo),
            width=str(photo.width),
            height=str(photo.height),
            blurhash=photo.blurhash,
            label=self._label(moment),
            loading="eager" if self.made <= EAGER else "lazy",
            hour=hour_label(moment) if begins_hour else "",
        )

    def _label(self, moment: datetime) -> str:
        minute = (moment.hour, moment.minute)
        if minute not in self.labels:
            words = gettext("Photo, %(time)s") % {"time": date_format(moment, "TIME_FORMAT")}
            self.labels[minute] = words
        return self.labels[minute]


def shape(photo: Photo) -> str:
    """Width per height in percent, rounded to a step: the name of a class in gallery.css."""
    percent = 100 * photo.width / photo.height
    step = round(percent / SHAPE_STEP) * SHAPE_STEP
    return f"r{min(WIDEST, max(NARROWEST, step))}"


def hour_label(moment: datetime) -> str:
    """The hour that a moment is in, as the language writes it: "2 p.m.", "14:00"."""
    return date_format(moment.replace(minute=0, second=0, microsecond=0), "TIME_FORMAT")
