"""A gallery's photos as its grid shows them: by day and hour, everything said in advance.

A page has 100 of them and more, so a tile is computed once and only printed by the template.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from html import escape  # Django's looks for lazy strings first, at three times the cost
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from events.models import Event
from findme.language import current_language
from photos.delivery import addresses
from photos.delivery.addresses import Pattern, Pictures
from photos.gallery import alternatives
from photos.imaging.renditions import MEDIUM_SIDE, THUMBNAIL_SIDE
from photos.models import Photo
from photos.querysets import Shown
from photos.store.contract import S3

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

# A phone shows about so many before it is scrolled: these do not wait for their turn.
EAGER = 6


# Written here and not in a template, where a page of 100 takes five times as long: 30 variables'
# worth of looking up, localizing and escaping for each tile.
TILE = (
    '{hour}<li class="tile {shape}" id="photo-{id}"><a href="{page}" data-preview="{preview}"'
    '{medium}{download}>{before}<img src="{thumbnail}"{srcset} width="{width}" height="{height}"'
    ' loading="{loading}" decoding="async" data-blurhash="{blurhash}" alt="'
)
# A bucket sends the same to every browser: those without WebP take the picture from us.
IN_BUCKET = '<picture><source type="image/webp"{srcset}>'


class Tile(NamedTuple):
    """A photo's list item: what comes before its picture's alternative text and after it, and its
    moment in words, of which that text is made: whom a photo shows differs from guest to guest."""

    id: int
    html: str
    when: str
    end: str


class Shape(NamedTuple):
    """What follows from a photo's size alone. Widths are those of the two renditions, in pixels."""

    name: str
    thumbnail_width: int
    medium_width: int
    sizes: str


@dataclass(frozen=True)
class Day:
    """One day's photos of a page, with the day in words."""

    label: str
    tiles: list[Tile] = field(default_factory=list)


def days(
    photos: Iterable[Photo | Shown], event: Event, *, gallery: str, with_hours: bool = False
) -> list[Day]:
    """The photos of a page in their order, in the active time zone. No queries."""
    page = addresses.pattern(PHOTO_PAGES[gallery], event.slug)
    maker = _Maker(Pictures(event), page, gallery)
    zone = timezone.get_current_timezone()
    moments = ((photo.taken_at.astimezone(zone), photo) for photo in photos)
    return [
        Day(label=label, tiles=list(maker.tiles(of_day, label, with_hours=with_hours)))
        for day, of_day in groupby(moments, key=lambda pair: pair[0].date())
        for label in [day_label(day, event)]
    ]


def printed(
    tiles: Iterable[Tile],
    mine: Container[int] | None,
    *,
    people: Mapping[int, int] | None = None,
    child: str = "",
) -> SafeString:
    """The list items; the guest's own photos, by id, are marked as such, or those of the child whom
    the guest looks for. Where `mine` is None all are, and no mark is needed. `people` are counts by
    the photo's id, for those that are counted."""
    badge = f'<span class="you-badge" aria-hidden="true">{escape(child or gettext("You"))}</span>'
    sentence, counts = alternatives.sentences(child), people or {}

    def item(tile: Tile) -> str:
        is_mine = mine is None or tile.id in mine
        before, after = sentence(is_mine, counts.get(tile.id, 0))
        mark = badge if is_mine and mine is not None else ""
        return f"{tile.html}{before}{tile.when}{after}{tile.end}{mark}</li>"

    return SafeString("\n".join(map(item, tiles)))


class _Maker:
    """Makes the tiles of one page."""

    def __init__(self, pictures: Pictures, page: Pattern, gallery: str) -> None:
        self.pictures = pictures
        self.gallery = gallery
        self.language = current_language()
        self.made = 0
        self.page = page.escaped()
        self.ours = {kind: made.escaped() for kind, made in pictures.patterns.items()}
        self.download = pictures.download and pictures.download.escaped()

    def tiles(
        self, photos: Iterable[tuple[datetime, Photo | Shown]], day: str, *, with_hours: bool
    ) -> Iterator[Tile]:
        hour = -1
        for moment, photo in photos:
            begins = with_hours and moment.hour != hour
            hour = moment.hour
            label = escape(hour_label(moment)) if begins else ""
            heading = f'<li class="hour"><h3>{label}</h3></li>' if begins else ""
            when = escape(alternatives.moment(self.language, day, moment.hour, moment.minute))
            before = self._in_bucket(photo) if photo.store == S3 else ""
            end = '"></picture></a>' if before else '"></a>'
            yield Tile(photo.id, self._tile(photo, heading, before), when, end)

    def _tile(self, photo: Photo | Shown, heading: str, before: str) -> str:
        self.made += 1
        number, ours = photo.id, self.ours
        form = shape(self.gallery, photo.width, photo.height)
        thumbnail = ours["thumbnail"].of(number)
        # The viewer takes ours, which may ask when a signed address has expired.
        medium = download = srcset = ""
        if form.medium_width > form.thumbnail_width:
            medium = f' data-medium="{ours["medium"].of(number)}"'
            srcset = _srcset(thumbnail, ours["medium"].of(number), form)
        if self.download:
            download = f' data-download="{self.download.of(number)}"'
        return TILE.format(
            hour=heading,
            shape=form.name,
            id=number,
            page=self.page.of(number),
            preview=ours["preview"].of(number),
            medium=medium,
            download=download,
            before=before,
            thumbnail=thumbnail,
            srcset=srcset,
            width=photo.width,
            height=photo.height,
            loading="eager" if self.made <= EAGER else "lazy",
            blurhash=escape(photo.blurhash),
        )

    def _in_bucket(self, photo: Photo | Shown) -> str:
        """What comes before the image, so that its bytes come from where they are, without a
        detour; nothing where no address can be signed."""
        form = shape(self.gallery, photo.width, photo.height)
        thumbnail, medium = (addresses.bucket_url(photo, kind) for kind in ("thumbnail", "medium"))
        if not thumbnail or not medium:
            return ""
        if form.medium_width > form.thumbnail_width:
            return IN_BUCKET.format(srcset=_srcset(escape(thumbnail), escape(medium), form))
        return IN_BUCKET.format(srcset=f' srcset="{escape(thumbnail)}"')


def _srcset(thumbnail: str, medium: str, form: Shape) -> str:
    """The two pictures to choose from, by addresses that are escaped."""
    return (
        f' srcset="{thumbnail} {form.thumbnail_width}w, {medium} {form.medium_width}w"'
        f' sizes="{form.sizes}"'
    )


@lru_cache(maxsize=4096)
def shape(gallery: str, width: int, height: int) -> Shape:
    """How a photo of that size is shown. Its name is that of a class in shapes.css."""
    percent = round(100 * width / height / SHAPE_STEP) * SHAPE_STEP
    return Shape(
        name=f"r{min(WIDEST, max(NARROWEST, percent))}",
        thumbnail_width=_width(width, height, THUMBNAIL_SIDE),
        medium_width=_width(width, height, MEDIUM_SIDE),
        sizes=_sizes(gallery, max(NARROWEST, percent)),
    )


def _width(width: int, height: int, side: int) -> int:
    """The width of the copy with that longest side."""
    return max(1, round(width * min(1, side / max(width, height))))


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
    return date_format(day, "DAY_FORMAT" if is_usual else "DAY_AND_YEAR_FORMAT")


def hour_label(moment: datetime) -> str:
    """The hour that a moment is in, as the language writes it: "14:00"."""
    return date_format(moment.replace(minute=0, second=0, microsecond=0), "TIME_FORMAT")
