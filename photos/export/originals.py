"""Which originals leave, under which names, and in which parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.utils import timezone

from events.models import Event
from photos.export.naming import Names, fit
from photos.models import Photo, Section
from photos.querysets import PhotoQuerySet

# A part stays below what ZIP's 32-bit fields hold, so that the oldest programs open it too: none is
# longer than this, and none has more files.
MOST_BYTES = 4_000_000_000
MOST_FILES = 60_000
# What an archive adds to a file: two headers, with its path in each.
HEADERS_BYTES = 30 + 46
TABLE_ROW_BYTES = 512


class _Row(NamedTuple):
    photo_id: int
    name: str
    byte_size: int
    sha256: str
    crc32: int | None
    taken_at: datetime
    has_capture_time: bool
    uploader_id: int | None
    section_id: int | None
    width: int
    height: int
    hidden: bool
    published: bool
    highlight: bool


@dataclass(frozen=True, slots=True)
class Original:
    """An original as it leaves. `path` is its place in the archive or folder, `taken_at` a time of
    the event's place, None where nobody knows it, `crc32` None where nobody has learnt it yet."""

    photo_id: int
    path: str
    name: str
    byte_size: int
    sha256: str
    crc32: int | None
    taken_at: datetime | None
    photographer: str
    section: str
    width: int
    height: int
    hidden: bool
    published: bool
    highlight: bool

    @property
    def about(self) -> int:
        """Bytes that it takes of a part, its line of the table included, or a little more."""
        return self.byte_size + HEADERS_BYTES + 2 * len(self.path.encode()) + TABLE_ROW_BYTES


def exportable(event: Event, *, unseen: bool) -> PhotoQuerySet:
    """All but what is in the bin; where they are wanted, those too that guests do not see, since
    they are hidden or not published."""
    photos = Photo.objects.in_event(event).kept()
    return photos if unseen else photos.filter(hidden=False).published()


def of(event: Event, photos: PhotoQuerySet, *, in_folders: bool = True) -> list[Original]:
    """The originals of some of an event's photos, as they came in. Three queries, no bytes.

    Each section is a folder, unless all are to lie side by side, as browsers save them. In this
    order photos that come later change no name and no part but the last.
    """
    rows = photos.order_by("pk").values_list(
        "pk", "name", "byte_size", "sha256", "crc32", "taken_at", "has_capture_time",
        "uploader_id", "section_id", "width", "height", "hidden", "published", "highlight",
    )  # fmt: skip
    found = [_Row(*row) for row in rows]
    sections = dict(Section.objects.filter(event=event).values_list("pk", "name"))
    people = _names_of(event)
    folders = _folders(sections) if in_folders else {}
    names = Names(*folders.values())
    return [
        Original(
            photo_id=row.photo_id,
            path=names.one(folders.get(row.section_id or 0, ""), row.name),
            name=row.name,
            byte_size=row.byte_size,
            sha256=row.sha256,
            crc32=row.crc32,
            taken_at=timezone.localtime(row.taken_at, event.zone) if row.has_capture_time else None,
            photographer=people.get(row.uploader_id or 0, ""),
            section=sections.get(row.section_id or 0, ""),
            width=row.width,
            height=row.height,
            hidden=row.hidden,
            published=row.published,
            highlight=row.highlight,
        )
        for row in found
    ]


def parts(originals: Sequence[Original], most_bytes: int) -> list[Sequence[Original]]:
    """In as few archives as `most_bytes` allow, in order. One larger than that is alone."""
    most_bytes = min(most_bytes, MOST_BYTES)
    borders, room, begin = [0], most_bytes, 0
    for at, original in enumerate(originals):
        room -= original.about
        if at > begin and (room < 0 or at - begin >= MOST_FILES):
            borders.append(at)
            begin, room = at, most_bytes - original.about
    borders.append(len(originals))
    return [originals[a:b] for a, b in pairwise(borders) if a < b]


def _names_of(event: Event) -> dict[int, str]:
    """Who added photos to the event: their names, and never their addresses."""
    added = Photo.objects.in_event(event).exclude(uploader=None).order_by()
    return dict(added.values_list("uploader_id", "uploader__name").distinct())


def _folders(sections: dict[int, str]) -> dict[int, str]:
    """A folder for each section, none twice."""
    names = Names()
    return {pk: names.one("", fit(name)) for pk, name in sorted(sections.items())}


def bytes_of(originals: Sequence[Original]) -> int:
    return sum(original.byte_size for original in originals)


def between(originals: Sequence[Original], first: int, last: int) -> list[Original]:
    """Those whose ids are between two, both included."""
    return [one for one in originals if first <= one.photo_id <= last]
