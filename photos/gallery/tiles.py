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
from django.utils.text import capfirst
from django.utils.translation import gettext

from events.models import Event
from findme.language import current_language
from photos.delivery import addresses
from photos.delivery.addresses import Pattern, Pictures
from photos.gallery import alternatives
from photos.imaging.renditions import MEDIUM_SIDE, THUMBNAIL_SIDE
from photos.layout import rows as rows_of
from photos.models import Photo
from photos.querysets import Shown
from photos.store.contract import S3

# Tiles have the photo's shape, between a screen shot of a phone and a panorama, in steps that the
# style sheet knows: what a step cuts off is 2.5 % at most.
NARROWEST, WIDEST = 40, 300
# Below the square in percent of the height, above it in twentieths.
FINE_STEP, SHAPE_STEP = 1, 5

# Which rows (`rows.FILLS`) grid.css chooses, by gallery: for each width of the screen in rem from
# which on it does. A row's photos may be an eighth larger than their share.
FILLS = {
    "general": {0: "c", 35: "d", 64: "e", 120: "f"},
    "mine": {0: "b", 35: "c", 64: "d", 120: "e"},
}
GROWTH = 1.125
# On phones half of it is stated: they have three pixels for one, and nobody sees the third, but it
# would double what comes over a mobile network.
PHONE_SHARE = 0.5

# A phone shows about so many before it is scrolled: these do not wait for their turn.
EAGER = 6


# Written here and not in a template, where a page of 100 takes five times as long: 30 variables'
# worth of looking up, localizing and escaping for each tile.
TILE = (
    '{row}<li class="tile {shape}" id="photo-{id}"{hour}><a href="{page}" data-preview="{preview}"'
    '{medium}{download}>{before}<img src="{thumbnail}"{srcset} width="{width}" height="{height}"'
    ' loading="{loading}" decoding="async" data-blurhash="{blurhash}" alt="'
)
# A bucket sends the same to every browser: those without WebP take the picture from us.
IN_BUCKET = '<picture><source type="image/webp"{srcset}>'
# Ends a row, in those layouts in which it does.
ROW = '<li class="row {letters}" aria-hidden="true"></li>'


class Tile(NamedTuple):
    """A photo's list item: what comes before its picture's alternative text and after it, and its
    moment in words, of which that text is made: whom a photo shows differs from guest to guest."""

    id: int
    html: str
    when: str
    end: str


class Shape(NamedTuple):
    """What follows from a photo's size alone. Widths are those of the two renditions, in pixels."""

    percent: int
    name: str
    thumbnail_width: int
    medium_width: int
    sizes: str


@dataclass(frozen=True)
class Day:
    """One day's photos of a page, with the day in words, as a heading has it."""

    label: str
    tiles: list[Tile] = field(default_factory=list)


def days(
    photos: Iterable[Photo | Shown],
    event: Event,
    *,
    gallery: str,
    page: Pattern | None = None,
    with_hours: bool = False,
    is_last: bool = True,
) -> list[Day]:
    """The photos of a page in their order, in the active time zone. No queries.

    `gallery` says how large they are, `page` where each leads: without it, to that of General.
    `is_last`: no page follows, and so the last row need not be full.
    """
    page = page or addresses.pattern("photo", event.slug)
    maker = _Maker(Pictures(event), page, gallery)
    zone = timezone.get_current_timezone()
    moments = ((photo.taken_at.astimezone(zone), photo) for photo in photos)
    grouped = groupby(moments, key=lambda pair: pair[0].date())
    by_day = [(day, list(of_day)) for day, of_day in grouped]
    return [
        Day(
            label=capfirst(label),
            tiles=list(
                maker.tiles(
                    of_day, label, with_hours=with_hours, is_last=is_last and number == len(by_day)
                )
            ),
        )
        for number, (day, of_day) in enumerate(by_day, 1)
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
        self,
        photos: list[tuple[datetime, Photo | Shown]],
        day: str,
        *,
        with_hours: bool,
        is_last: bool,
    ) -> Iterator[Tile]:
        shapes = [shape(self.gallery, photo.width, photo.height) for _, photo in photos]
        found = rows_of.rows(tuple(one.percent for one in shapes), is_last=is_last)
        hour = -1
        for (moment, photo), form, begins, loose in zip(photos, shapes, *found, strict=True):
            is_first, hour = moment.hour != hour, moment.hour
            before = self._in_bucket(photo) if photo.store == S3 else ""
            html = self._tile(
                photo,
                form,
                before=before,
                row=ROW.format(letters=" ".join(begins)) if begins else "",
                loose="".join(f" loose-{letter}" for letter in loose),
                hour=f' data-hour="{moment:%Y-%m-%dT%H}"' if is_first else "",
            )
            when = alternatives.moment(
                self.language, day, moment.hour, moment.minute, is_known=photo.has_capture_time
            )
            end = '"></picture></a>' if before else '"></a>'
            heading = _heading(moment) if is_first and with_hours else ""
            yield Tile(photo.id, html, escape(when), end + heading)

    def _tile(self, photo: Photo | Shown, form: Shape, *, loose: str, **more: str) -> str:
        self.made += 1
        number, ours = photo.id, self.ours
        thumbnail = ours["thumbnail"].of(number)
        # The viewer takes ours, which may ask when a signed address has expired.
        medium = download = srcset = ""
        if form.medium_width > form.thumbnail_width:
            medium = f' data-medium="{ours["medium"].of(number)}"'
            srcset = _srcset(thumbnail, ours["medium"].of(number), form)
        if self.download:
            download = f' data-download="{self.download.of(number)}"'
        return TILE.format(
            shape=form.name + loose,
            id=number,
            page=self.page.of(number),
            preview=ours["preview"].of(number),
            medium=medium,
            download=download,
            thumbnail=thumbnail,
            srcset=srcset,
            width=photo.width,
            height=photo.height,
            loading="eager" if self.made <= EAGER else "lazy",
            blurhash=escape(photo.blurhash),
            **more,
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


def _heading(moment: datetime) -> str:
    return f'<h3 class="hour">{escape(hour_label(moment))}</h3>'


def _srcset(thumbnail: str, medium: str, form: Shape) -> str:
    """The two pictures to choose from, by addresses that are escaped."""
    return (
        f' srcset="{thumbnail} {form.thumbnail_width}w, {medium} {form.medium_width}w"'
        f' sizes="{form.sizes}"'
    )


@lru_cache(maxsize=4096)
def shape(gallery: str, width: int, height: int) -> Shape:
    """How a photo of that size is shown. Its name is that of a class in shapes.css."""
    percent = 100 * width / height
    step = SHAPE_STEP if percent > 100 else FINE_STEP
    stepped = min(WIDEST, max(NARROWEST, round(percent / step) * step))
    return Shape(
        percent=stepped,
        name=f"r{stepped}",
        thumbnail_width=_width(width, height, THUMBNAIL_SIDE),
        medium_width=_width(width, height, MEDIUM_SIDE),
        sizes=_sizes(gallery, max(NARROWEST, percent) / 100),
    )


def _width(width: int, height: int, side: int) -> int:
    """The width of the copy with that longest side."""
    return max(1, round(width * min(1, side / max(width, height))))


def _sizes(gallery: str, ratio: float) -> str:
    """How wide a picture of that shape is shown, for browsers to choose by before there is layout.

    Without `clamp`, which not every browser reads here: they would take the picture for as wide as
    the screen. What is wider than its tile is cut off by it, and so its full width counts.
    """
    return ",".join(
        f"(min-width:{rem}rem) {_share(fill) * ratio:.1f}vw"
        if rem
        else f"{_share(fill) * ratio * PHONE_SHARE:.1f}vw"
        for rem, fill in sorted(FILLS[gallery].items(), reverse=True)
    )


def _share(fill: str) -> float:
    """Of the screen's width, in percent, what a square photo takes in such rows."""
    return min(100, 100 * GROWTH / rows_of.FILLS[fill])


def day_label(day: date, event: Event) -> str:
    """A day in words, as in running text; with its year where that is not the event's: of a camera
    set wrong, say."""
    is_usual = event.starts_on.year <= day.year <= event.ends_on.year
    return date_format(day, "DAY_FORMAT" if is_usual else "DAY_AND_YEAR_FORMAT")


def hour_label(moment: datetime) -> str:
    """The hour that a moment is in, as the language writes it: "14:00"."""
    return date_format(moment.replace(minute=0, second=0, microsecond=0), "TIME_FORMAT")
