"""The reveal: once after a selfie, when the first photos are found, My Photos begins with how many
they are, and one of the best.

The session expects it from the selfie on until it was shown: a page that is loaded again, or
another device, begins with the gallery.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase

from events.models import Event, User
from faces.models import FaceMatch
from faces.querysets import FaceMatchQuerySet
from photos.gallery import tiles
from photos.imaging.renditions import PREVIEW_SIDE
from photos.models import Photo

KEY = "reveal"
# Of so many of the surest matches, those that are nearly as sure as the surest: among them the
# largest face is shown.
SUREST = 24
NEARLY_POINTS = 8


@dataclass(frozen=True)
class Reveal:
    """`shape` is the class of the photo's shape, as a tile's; widths are its renditions'."""

    photo: Photo
    shape: str
    medium_width: int
    preview_width: int


def will_be_news(event: Event, person: User) -> bool:
    """Before a selfie is given: what was found already is none. One query."""
    return not _own(event, person).exists()


def expect(session: SessionBase, event: Event, person: User) -> None:
    """A selfie was given, and kept: who signs in meanwhile ends the session of whoever gave it."""
    session[KEY] = session.get(KEY, {}) | {_place(event, person): True}


def is_expected(session: SessionBase, event: Event, person: User) -> bool:
    """A part of what My Photos is revalidated by. No query."""
    return _place(event, person) in session.get(KEY, {})


def take(session: SessionBase, event: Event, person: User) -> Reveal | None:
    """What is to be shown, this once. Two queries where it is expected, else none."""
    if not is_expected(session, event, person):
        return None
    best = _best(_own(event, person))
    photo = Photo.objects.in_event(event).visible().published().filter(pk__in=best).first()
    if photo is None:
        return None
    session[KEY] = {place: True for place in session[KEY] if place != _place(event, person)}
    form = tiles.shape("mine", photo.width, photo.height)
    scale = min(1, PREVIEW_SIDE / max(photo.width, photo.height))
    return Reveal(photo, form.name, form.medium_width, round(photo.width * scale))


def _best(matches: FaceMatchQuerySet) -> list[int]:
    """Its photo's id, where there is one."""
    columns = ("photo_id", "similarity", "face__width", "face__height")
    rows = list(matches.order_by("-similarity", "-photo_id").values_list(*columns)[:SUREST])
    sure = [row for row in rows if row[1] >= rows[0][1] - NEARLY_POINTS]
    largest_first = sorted(sure, key=lambda row: -(row[2] or 0) * (row[3] or 0))
    return [row[0] for row in largest_first[:1]]


def _own(event: Event, person: User) -> FaceMatchQuerySet:
    return FaceMatch.objects.of(person).in_event(event).counting().visible().published()


def _place(event: Event, person: User) -> str:
    return f"{event.pk}-{person.pk}"
