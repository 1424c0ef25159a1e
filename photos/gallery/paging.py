"""A gallery's pages: by capture time, newest first, by key instead of by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor
from typing import Any
from urllib.parse import urlencode

from photos.models import Photo
from photos.querysets import GalleryQuerySet, PhotoQuerySet, Shown

PAGE_SIZE = 100
NO_QUERY: Mapping[str, str] = {}

Position = tuple[datetime, int]


@dataclass(frozen=True)
class Page:
    """`newer` and `older` are query strings of the neighbouring pages, or None at the ends."""

    photos: list[Shown]
    newer: str | None
    older: str | None


def page(
    photos: GalleryQuerySet[Any],
    *,
    before: str = "",
    after: str = "",
    size: int | None = None,
    query: Mapping[str, str] = NO_QUERY,
) -> Page:
    """One page of visible photos: the newest, or those next to a position. One query.

    `query` is what the neighbours' addresses say beside their position.

    A position that cannot be read counts as none: it comes from an address a person may edit.
    """
    size = size or PAGE_SIZE
    if end := read_position(after):
        found = photos.after(*end).oldest_first()[: size + 1].shown()
        rows, has_more = found[:size][::-1], len(found) > size
        return _page(rows, query, has_newer=has_more, has_older=bool(rows))
    start = read_position(before)
    if start:
        photos = photos.before(*start)
    found = photos.newest_first()[: size + 1].shown()
    rows, has_more = found[:size], len(found) > size
    return _page(rows, query, has_newer=start is not None and bool(rows), has_older=has_more)


def neighbours(photos: PhotoQuerySet, photo: Photo) -> tuple[int | None, int | None]:
    """Ids of the next newer and the next older photo of a gallery. Two queries."""
    newer = photos.after(photo.taken_at, photo.pk).oldest_first()
    older = photos.before(photo.taken_at, photo.pk).newest_first()
    return (
        newer.values_list("pk", flat=True).first(),
        older.values_list("pk", flat=True).first(),
    )


def position_of(photo: Photo | Shown) -> str:
    """A photo's place in its gallery, as written in addresses."""
    return position(photo.taken_at, photo.pk)


def position(moment: datetime, photo_id: int) -> str:
    """A place in a gallery: seconds, microseconds and id."""
    return f"{floor(moment.timestamp())}.{moment.microsecond:06d}~{photo_id}"


def page_from(photo: Photo | Shown) -> str:
    """The query of the page that begins with a photo."""
    return "?" + urlencode({"before": position(photo.taken_at, photo.pk + 1)})


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
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _page(rows: list[Shown], query: Mapping[str, str], *, has_newer: bool, has_older: bool) -> Page:
    def beside(side: str, photo: Shown) -> str:
        return "?" + urlencode({**query, side: position_of(photo)})

    return Page(
        photos=rows,
        newer=beside("after", rows[0]) if has_newer else None,
        older=beside("before", rows[-1]) if has_older else None,
    )
