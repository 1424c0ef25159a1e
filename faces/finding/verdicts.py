"""What a guest says of a photo: "this is me", "not me". It is used at once and kept for ever.

What it teaches the machine is bounded by `faces.finding.recognition`: nobody can find the photos of
another person by claiming that person's face (decisions 12 and 17).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db.models import QuerySet

from events.access import still_theirs
from events.models import User
from faces.finding import matching, searching
from faces.index.indexes import active_name
from faces.models import Consent, Face, FaceMatch
from photos.models import Photo

logger = logging.getLogger(__name__)

Verdict = FaceMatch.Verdict
# Two boxes are the same face where what they share is at least this part of what they cover.
SAME_FACE_OVERLAP = 0.3


@dataclass(frozen=True)
class Appearance:
    """Whether a guest is in a photo or has denied it; `face_id` is the face taken for theirs."""

    is_in: bool
    has_denied: bool
    face_id: int | None


def faces_in(photo: Photo) -> QuerySet[Face]:
    """The faces that the current index found, from left to right."""
    found = Face.objects.filter(photo=photo, index_name=active_name(photo.event))
    return found.order_by("left", "top", "pk").defer("template")


def appearance(user: User, photo: Photo) -> Appearance:
    match = FaceMatch.objects.of(user).filter(photo=photo).first()
    if match is None:
        return Appearance(is_in=False, has_denied=False, face_id=None)
    is_in = match.verdict == Verdict.ME or (
        match.verdict == Verdict.NONE and match.band == FaceMatch.Band.SURE
    )
    return Appearance(is_in, match.verdict == Verdict.NOT_ME, match.face_id if is_in else None)


def say(*, user: User, photo: Photo, verdict: str, face_id: int | None = None) -> bool:
    """Record a guest's word; `Verdict.NONE` takes it back. False where there is no consent.

    Alone with the event's matches: a scan that publishes at this moment replaces the photo's faces,
    and a withdrawal removes what is said. Whether another guest claims the same face makes no
    difference, and is not told.
    """
    with still_theirs(user), matching.matching(photo.event_id, with_others=False):
        if not Consent.objects.of(user).in_event(photo.event).in_force().exists():
            return False
        own = FaceMatch.objects.of(user).filter(photo=photo)
        if verdict == Verdict.ME:
            _confirm(user, photo, faces_in(photo).filter(pk=face_id or 0).first())
        elif verdict == Verdict.NOT_ME:
            own.update(verdict=Verdict.NOT_ME)
        else:
            own.filter(similarity=0).delete()  # nobody but the guest has ever seen it
            own.update(verdict=Verdict.NONE)
        searching.heard(photo.event, user)
        matching.match_guest(photo.event, user.pk)
        matching.forget_strangers(photo.event, photo.event.faces.all())
    logger.info("verdict photo=%s verdict=%s", photo.pk, verdict or "taken_back")
    return True


def _confirm(user: User, photo: Photo, face: Face | None) -> None:
    """Without a face where none was found: turned away, far off, half hidden."""
    FaceMatch.objects.update_or_create(
        user=user,
        photo=photo,
        defaults={"verdict": Verdict.ME} | ({"face": face} if face else {}),
        create_defaults={
            "event_id": photo.event_id,
            "taken_at": photo.taken_at,
            "face": face,
            "similarity": 0,
            "band": FaceMatch.Band.ASKED,
            "verdict": Verdict.ME,
        },
    )


def given_for(photo: Photo) -> list[FaceMatch]:
    """Matches of a photo on which somebody has spoken, with their faces: before a new scan."""
    said = FaceMatch.objects.said().filter(photo=photo, face__isnull=False)
    return list(said.select_related("face").defer("face__template"))


def restore(photo: Photo, said: list[FaceMatch]) -> None:
    """Tie verdicts to the faces that a new scan found where the old ones were."""
    if not said:
        return
    found = list(faces_in(photo))
    for match in said:
        same = max(found, key=lambda face: _overlap(face, match.face), default=None)
        if same and _overlap(same, match.face) >= SAME_FACE_OVERLAP:
            FaceMatch.objects.filter(pk=match.pk).update(face=same)


def _overlap(one: Face, other: Face | None) -> float:
    """Shared area per covered area, 0 to 1."""
    if other is None:
        return 0
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)
