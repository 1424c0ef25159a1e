"""A gallery's pages: by capture time, in either order, by key instead of by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from photos.layout.order import NEWEST, OLDEST, Order
from photos.models import Photo
from photos.querysets import GalleryQuerySet, Shown

PAGE_SIZE = 100
# A part of the page's size by which a page may be longer or shorter, so that it ends with a day,
# and does not leave a few photos of one to the next: they could not fill rows.
SLACK = 8
NO_QUERY: Mapping[str, str] = {}

# After all photos.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Position = tuple[datetime, int]
LAST: Position = (NEVER, 0)
# How many photos those are; the text says which of the gallery's, for who keeps the number.
Count = Callable[[GalleryQuerySet[Any], str], int]


@dataclass(frozen=True)
class Page:
    """`newer` and `older` are query strings of the neighbouring pages, or None at the ends;
    `preceding` is how many photos the gallery has above these."""

    photos: list[Shown]
    newer: str | None
    older: str | None
    order: Order = NEWEST
    preceding: int = 0

    @property
    def previous(self) -> str | None:
        """Of the page above this one."""
        return self.older if self.order == OLDEST else self.newer

    @property
    def following(self) -> str | None:
        """Of the page below this one."""
        return self.newer if self.order == OLDEST else self.older


def counted(photos: GalleryQuerySet[Any], which: str) -> int:
    return photos.count()


def page(
    photos: GalleryQuerySet[Any],
    *,
    before: str = "",
    after: str = "",
    size: int | None = None,
    query: Mapping[str, str] = NO_QUERY,
    order: Order = NEWEST,
    count: Count = counted,
) -> Page:
    """One page of visible photos: where the order begins, or next to a position. One query, and
    where others stand above, one that counts them.

    `query` is what the neighbours' addresses say beside their position.

    A position that cannot be read counts as none: it comes from an address a person may edit.
    """
    size = size or PAGE_SIZE
    newer_than, older_than = read_position(after), read_position(before)
    begins = older_than is newer_than is None
    if is_upwards := newer_than is not None or (begins and order == OLDEST):
        found = (photos.after(*newer_than) if newer_than else photos).oldest_first()
    else:
        found = (photos.before(*older_than) if older_than else photos).newest_first()
    rows, has_more = _cut(found[: size + size // SLACK + 1].shown(), size)
    is_end = older_than is not None and older_than[0] >= NEVER
    has_others = not begins and not is_end and bool(rows)
    is_onward = is_upwards is (order == OLDEST)
    which = f"{'after' if newer_than else 'before'}-{position(*(newer_than or older_than or LAST))}"
    preceding = 0
    if is_onward and has_others:
        preceding = count(_others(photos, newer_than, older_than or LAST), f"not-{which}")
        has_others = preceding > 0
    elif not is_onward and has_more:
        preceding = count(found, which) - len(rows)
    return _page(
        rows if is_onward else rows[::-1],
        query,
        order,
        preceding,
        has_newer=has_more if is_upwards else has_others,
        has_older=has_others if is_upwards else has_more,
    )


def _others(
    photos: GalleryQuerySet[Any], newer_than: Position | None, older_than: Position
) -> GalleryQuerySet[Any]:
    """On the other side of a position than the photos that are newer, or older: one that is there
    is among them."""
    if newer_than:
        return photos.before(newer_than[0], newer_than[1] + 1)
    return photos.after(older_than[0], older_than[1] - 1)


def _cut(found: list[Shown], size: int) -> tuple[list[Shown], bool]:
    """A page of what was found, and whether there is more: it ends with a day where one ends
    nearby."""
    slack = size // SLACK
    if len(found) <= size + slack:
        return found, False
    days = [timezone.localtime(photo.taken_at).date() for photo in found[size - slack - 1 :]]
    ends = [n for n in range(1, len(days)) if days[n] != days[n - 1]]
    # Rather longer than shorter: what is left of the day could be as little.
    longer = next((n for n in ends if n > slack), 0)
    end = size - slack - 1 + (longer or next(iter(ends), slack + 1))
    return found[:end], True


def neighbours(photos: GalleryQuerySet[Any], photo: Photo) -> tuple[int | None, int | None]:
    """Ids of the next newer and the next older photo of a gallery. Two queries."""
    newer = photos.after(photo.taken_at, photo.pk).oldest_first()
    older = photos.before(photo.taken_at, photo.pk).newest_first()
    return (
        newer.values_list(photos.photo_id, flat=True).first(),
        older.values_list(photos.photo_id, flat=True).first(),
    )


def place(photos: GalleryQuerySet[Any], photo: Photo, order: Order) -> tuple[int, int]:
    """Which of how many photos of a gallery it is, in its order. Two queries."""
    before = photos.before if order == OLDEST else photos.after
    return before(photo.taken_at, photo.pk).count() + 1, photos.count()


def position_of(photo: Photo | Shown) -> str:
    """A photo's place in its gallery, as written in addresses."""
    return position(photo.taken_at, photo.pk)


def position(moment: datetime, photo_id: int) -> str:
    """A place in a gallery: seconds, microseconds and id."""
    return f"{floor(moment.timestamp())}.{moment.microsecond:06d}~{photo_id}"


def page_from(photo: Photo | Shown, query: Mapping[str, str] = NO_QUERY) -> str:
    """The query of the page that begins with a photo. `query`: as of `page`, with its order."""
    is_oldest = query.get("order") == OLDEST
    side, photo_id = ("after", photo.pk - 1) if is_oldest else ("before", photo.pk + 1)
    return "?" + urlencode({**query, side: position(photo.taken_at, photo_id)})


def newest(query: Mapping[str, str] = NO_QUERY) -> str:
    """The query of the page that has the newest photos, whatever the order."""
    return "?" + urlencode({**query, "before": position(*LAST)})


def read_position(text: str) -> Position | None:
    seconds, _, photo_id = text.partition("~")
    whole, _, fraction = seconds.partition(".")
    try:
        moment = datetime.fromtimestamp(int(whole), UTC).replace(microsecond=int(fraction))
        return moment, _row_id(photo_id)
    except (ValueError, OverflowError, OSError):
        return None


def _row_id(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63 - 1:
        raise ValueError(text)
    return number


def _page(
    rows: list[Shown],
    query: Mapping[str, str],
    order: Order,
    preceding: int,
    *,
    has_newer: bool,
    has_older: bool,
) -> Page:
    def beside(side: str, photo: Shown) -> str:
        return "?" + urlencode({**query, side: position_of(photo)})

    first, last = (-1, 0) if order == OLDEST else (0, -1)
    return Page(
        photos=rows,
        newer=beside("after", rows[first]) if has_newer else None,
        older=beside("before", rows[last]) if has_older else None,
        order=order,
        preceding=preceding,
    )
