"""When an event's photos were taken, and by whom: the way to a time, or to a photographer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypedDict, TypeVar
from urllib.parse import urlencode

from django.core.cache import caches
from django.db.models import Count, Exists, OuterRef, Value
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from events.models import Event, Membership, User
from photos.audience import Audience
from photos.gallery import alternatives, paging, tiles
from photos.layout.order import OLDEST
from photos.models import Photo, Section
from photos.querysets import GalleryQuerySet, PhotoQuerySet, Shown

T = TypeVar("T")
# A version never comes back, so what is kept under it cannot be wrong, only unused.
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Hour:
    """`query` leads to the gallery from this hour on, in its order; `key` is that of the hour's
    photos in the grid."""

    label: str
    key: str
    count: int
    query: str


@dataclass(frozen=True)
class DayOfHours:
    label: str
    count: int
    hours: list[Hour]


@dataclass(frozen=True)
class Photographer:
    """Somebody who is at the event to take pictures. Guests' uploads name nobody."""

    user: User
    name: str

    @property
    def key(self) -> str:
        return str(self.user.pk)


@dataclass(frozen=True)
class Chip:
    """A link to General, narrowed otherwise; without `query` it is to all of it."""

    label: str
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Narrowing:
    """To what General is narrowed: one photographer's photos, those of one section, or both."""

    photographer: Photographer | None
    section: Section | None

    @property
    def query(self) -> dict[str, str]:
        """What addresses say of it."""
        by = {"by": self.photographer.key} if self.photographer else {}
        return by | ({"section": str(self.section.pk)} if self.section else {})

    def of(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        if self.photographer:
            photos = photos.by(self.photographer.user)
        return photos.filter(section=self.section) if self.section else photos

    def chips(self, name: str, choices: Sequence[tuple[str, str]]) -> list[Chip]:
        """A chip for each choice of one of the two, after one for all; the other stays."""
        chosen = self.query.get(name, "")
        others = {key: value for key, value in self.query.items() if key != name}
        return [
            Chip(label, urlencode(others | ({name: key} if key else {})), key == chosen)
            for key, label in choices
        ]


class Captions(TypedDict):
    """Of a page's photos, for its script: a photographer's name is there once for all of theirs."""

    names: dict[str, str]
    photos: dict[str, tuple[str, str]]


def photographers(event: Event, audience: Audience) -> list[Photographer]:
    """Whose photos, added to the event as its organizer or photographer, General has for those who
    look. One query."""
    shown = Photo.objects.in_event(event).in_general(audience).by(OuterRef("user"))
    return [one for one, is_shown in _photographers(event, audience, Exists(shown)) if is_shown]


def _photographers(
    event: Event, audience: Audience, marked: Exists | Value
) -> list[tuple[Photographer, bool]]:
    """All of whom they see a photo, with what `marked` says of each. Who has no name has a number,
    the same wherever these people read it. One query."""
    roles = [Membership.Role.ORGANIZER, Membership.Role.PHOTOGRAPHER]
    seen = Photo.objects.in_event(event).visible_to(audience).by(OuterRef("user"))
    members = Membership.objects.filter(Exists(seen), event=event, role__in=roles)
    rows = members.annotate(marked=marked).select_related("user").order_by("user__name", "user_id")
    unnamed = gettext("Photographer %(number)d")
    return [
        (Photographer(row.user, row.user.name or unnamed % {"number": n}), row.marked)  # type: ignore[attr-defined]
        for n, row in enumerate(rows, 1)
    ]


def sections(event: Event, audience: Audience) -> list[Section]:
    """The event's sections in which they see something, in their order. One query."""
    shown = Photo.objects.in_event(event).in_general(audience).filter(section=OuterRef("pk"))
    return list(Section.objects.filter(Exists(shown), event=event))


def captions(event: Event, photos: Sequence[Photo | Shown], audience: Audience) -> Captions:
    """By photo: when, in few words, and whose. In the active time zone; one query."""
    names = {one.key: one.name for one, _ in _photographers(event, audience, Value(True))}
    said = {}
    used = {}
    for photo in photos:
        by = str(photo.uploader_id)
        if by in names:
            used[by] = names[by]
        said[str(photo.pk)] = (capfirst(alternatives.when(photo)), by if by in names else "")
    return {"names": used, "photos": said}


def photographer_of(event: Event, photo: Photo, audience: Audience) -> str:
    """Whose photo it is; empty where it is not said, as for guests'. One query."""
    found = _photographers(event, audience, Value(True))
    return next((one.name for one, _ in found if one.user.pk == photo.uploader_id), "")


def days(
    photos: GalleryQuerySet[Any],
    event: Event,
    *,
    version: str,
    key: str = "",
    query: Mapping[str, str] = paging.NO_QUERY,
) -> list[DayOfHours]:
    """All days and hours of a gallery in the active time zone, in its order. At most one query.

    `key` names which photos they are; `query` is what the gallery's addresses say, its order too.
    """
    zone = timezone.get_current_timezone()
    counts = remembered(version, f"hours:{key}:{zone}", lambda: _hours(photos))
    if query.get("order") == OLDEST:
        counts = counts[::-1]
    return [
        DayOfHours(
            label=capfirst(tiles.day_label(day, event)),
            count=sum(count for _, count in hours),
            hours=[_hour(moment, count, query) for moment, count in hours],
        )
        for day, hours in (
            (day, list(of_day)) for day, of_day in groupby(counts, key=lambda h: h[0].date())
        )
    ]


def count(photos: GalleryQuerySet[Any], *, version: str, key: str = "") -> int:
    """How many photos a gallery, or the part of it that `key` names, has. At most one query."""
    return remembered(version, f"count:{key}", photos.count)


def remembered(version: str, key: str, compute: Callable[[], T]) -> T:
    """What this process computed for this version of a gallery already, or computes now; without a
    version always now."""
    if not version:
        return compute()
    found: T | None = caches["galleries"].get_or_set(f"{key}:{version}", compute, KEPT_SECONDS)
    return compute() if found is None else found


def _hours(photos: GalleryQuerySet[Any]) -> list[tuple[datetime, int]]:
    hours = photos.order_by().annotate(hour=TruncHour("taken_at")).values("hour")
    found = hours.annotate(count=Count("pk")).order_by("-hour")
    return list(found.values_list("hour", "count"))


def _hour(moment: datetime, count: int, query: Mapping[str, str]) -> Hour:
    if query.get("order") == OLDEST:
        begin = {"after": paging.position(moment, 0)}
    else:
        begin = {"before": paging.position(moment + timedelta(hours=1), 0)}
    return Hour(
        label=tiles.hour_label(moment),
        key=f"{moment:%Y-%m-%dT%H}",
        count=count,
        query=urlencode({**query, **begin}),
    )
