"""“Is this you?”: the faces of which the machine is not sure, and what the guest answers.

A question is a match that waits for a verdict. Why it does, because the face is only alike or
because it was given to somebody else, is not told: every question looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Window
from django.utils import timezone

from events.models import Event, User
from faces.finding import verdicts
from faces.guest import face_boxes
from faces.guest.face_boxes import Place
from faces.guest.questions_sitting import MOST, Given, Sitting
from faces.models import Face, FaceMatch
from faces.querysets import FaceMatchQuerySet
from photos.audience import Audience
from photos.models import Photo

A_PAGE = 12


YES, NO, UNSURE = "yes", "no", "unsure"
VERDICTS = {YES: verdicts.Verdict.ME, NO: verdicts.Verdict.NOT_ME}


@dataclass(frozen=True)
class Question:
    """A face that may be the guest's; `place` is where it is in its photo, which is shown with it
    where the guest may see it without being in it."""

    photo: Photo
    face_id: int
    place: Place
    shows_photo: bool


@dataclass(frozen=True)
class Card:
    """What stands above My Photos: the question, and the one whose face is fetched meanwhile.

    `count` is that of all open questions, those that were put off too.
    """

    question: Question | None
    following: Question | None
    number: int
    last_number: int
    count: int


@dataclass(frozen=True)
class Page:
    """Some of the open questions; `older` says where the next page begins, if there is one."""

    questions: list[Question]
    count: int
    older: str | None


def open_to(user: User, event: Event) -> FaceMatchQuerySet:
    return FaceMatch.objects.of(user).in_event(event).open_questions()


def card(user: User, event: Event, sitting: Sitting, audience: Audience) -> Card:
    """The likeliest question, unless this sitting had enough. One query, three with a question.

    What was put off is not asked here again.
    """
    rows = _rows(open_to(user, event), 2)
    fresh = [] if sitting.is_over else [row for row in rows if not row.is_put_off]
    shown = _questions(fresh, audience)
    count = rows[0].total if rows else 0
    return Card(
        question=shown[0] if shown else None,
        following=shown[1] if len(shown) > 1 else None,
        number=sitting.count + 1,
        last_number=min(MOST, sitting.count + count),
        count=count,
    )


def page(user: User, event: Event, after: str, audience: Audience) -> Page:
    """Open questions from a place on, which does not move when those before it are answered.

    Four queries. A place that cannot be read is the beginning.
    """
    found = open_to(user, event)
    count = found.count()
    if place := _read_place(after):
        found = found.after_question(*place)
    rows = _rows(found, A_PAGE + 1)
    has_more = len(rows) > A_PAGE
    shown = rows[:A_PAGE]
    return Page(_questions(shown, audience), count, _place(shown[-1]) if has_more else None)


def answer(*, user: User, event: Event, photo_id: int, face_id: int, said: str) -> Given | None:
    """Take an answer; None where this is no question to this guest, or not any more.

    A yes may bring further photos: how many is counted in My Photos, before and after.
    """
    asked = open_to(user, event).filter(photo_id=photo_id, face_id=face_id)
    photo = Photo.objects.in_event(event).filter(pk__in=asked.values("photo_id")).first()
    if photo is None:
        return None
    if said == UNSURE:
        asked.update(put_off_at=timezone.now())
        return Given(photo_id, face_id, said, 0)
    before = _photo_count(user, event)
    if not verdicts.say(user=user, photo=photo, verdict=VERDICTS[said], face_id=face_id):
        return None
    return Given(photo_id, face_id, said, max(0, _photo_count(user, event) - before))


def take_back(*, user: User, event: Event, given: Given) -> bool:
    """Ask again what was answered. False where something else was said of it meanwhile."""
    photo = Photo.objects.in_event(event).filter(pk=given.photo_id).first()
    own = FaceMatch.objects.of(user).in_event(event).filter(photo_id=given.photo_id)
    if photo is None:
        return False
    if given.answer == UNSURE:
        return bool(own.unsaid().update(put_off_at=None))
    if not own.filter(verdict=VERDICTS[given.answer]).exists():
        return False
    return verdicts.say(user=user, photo=photo, verdict=verdicts.Verdict.NONE)


def may_see_face(user: User, event: Event, face_id: int, sitting: Sitting) -> bool:
    """Whether a face is in a question that is open to this guest, or was just answered."""
    given = sitting.last
    if given is not None and given.face_id == face_id:
        own = FaceMatch.objects.of(user).in_event(event).visible().published()
        return own.filter(photo_id=given.photo_id, face_id=face_id).exists()
    return open_to(user, event).filter(face_id=face_id).exists()


@dataclass(frozen=True)
class _Row:
    photo_id: int
    face_id: int
    similarity: float
    is_put_off: bool
    total: int


def _rows(found: FaceMatchQuerySet, most: int) -> list[_Row]:
    counted = found.likeliest_first().annotate(total=Window(Count("pk")))
    columns = ("photo_id", "face_id", "similarity", "is_put_off", "total")
    return [_Row(*row) for row in counted.values_list(*columns)[:most]]


def _questions(rows: Iterable[_Row], audience: Audience) -> list[Question]:
    """At most two queries. A photo or face that goes at this moment is left out."""
    wanted = list(rows)
    photos = Photo.objects.in_bulk([row.photo_id for row in wanted])
    faces = Face.objects.defer("template").in_bulk([row.face_id for row in wanted])
    return [
        Question(
            photo,
            row.face_id,
            face_boxes.place(face, photo),
            shows_photo=audience.sees_general or photo.highlight,
        )
        for row in wanted
        if (photo := photos.get(row.photo_id)) and (face := faces.get(row.face_id))
    ]


def _photo_count(user: User, event: Event) -> int:
    return FaceMatch.objects.of(user).in_event(event).counting().visible().published().count()


def _place(row: _Row) -> str:
    return f"{int(row.is_put_off)}~{row.similarity!r}~{row.photo_id}"


def _read_place(text: str) -> tuple[bool, float, int] | None:
    try:
        put_off, similarity, photo_id = text.split("~")
        place = (int(put_off) > 0, float(similarity), int(photo_id))
    except ValueError:
        return None
    return place if 0 <= place[1] <= 100 and 0 <= place[2] < 2**63 else None
