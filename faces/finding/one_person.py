"""All selfies of a guest are of one person: a new one is compared with those in use.

Who would be looked for with somebody else's face removes their own selfies first, which a session
that has proven the address may do, and organizers see (`FaceChange`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from events.models import Event, User
from faces.errors import UnusableSelfie
from faces.index.models import EventIndex
from faces.models import Consent, Enrollment, FaceChange, Selfie
from faces.vision import engine, selfie_check
from faces.vision.boxes import Box
from faces.vision.detection import Detection
from photos.imaging import images
from photos.imaging.images import DecodedImage, UnusableImage
from photos.store import reading

logger = logging.getLogger(__name__)

# The best cosine to any of the selfies in use must be this. Measured on 55 public portraits of 22
# people, and on 404 copies of them that the check of a selfie accepts (masks and tinted lenses
# painted on, dim, overexposed, blurred, shrunk to 90 px, turned by 20 degrees), each compared with
# the portraits: of one person (955 pairs) the least is 0.322, of strangers (22,418 pairs) 2.0 % are
# at 0.20 or above. So low because real coverings and half profiles are worse than painted ones, and
# nobody is to be told that they are somebody else. With weak ones (below) 97.4 % of strangers are
# refused where one selfie is in use, 95.6 % where five are; a brother and a sister (0.27 to 0.43)
# are not told apart.
LIKE = 0.20
# Of faces whose answer is weak (`selfie_check.WEAK_NORM`), one portrait in a hundred, half of a
# person's own pairs are below 0.20, and 12 % below this (41 pairs, 39 of one child in pictures of
# 120 pixels); of strangers 11 % are at or above.
WEAK_LIKE = 0.10


@dataclass(frozen=True, eq=False)
class Face:
    """A template of unit length, and whether it says little."""

    template: NDArray[np.float32]
    is_weak: bool

    def is_like(self, other: Face) -> bool:
        limit = WEAK_LIKE if self.is_weak or other.is_weak else LIKE
        return float(self.template @ other.template) >= limit


class NewSelfie:
    """The face of a picture that its guest would have looked for, with their consent."""

    def __init__(self, user: User, image: DecodedImage, face: Detection) -> None:
        self._user = user
        self._image = image
        self._detection = face
        self._described: Face | None = None
        # By the ids of selfies in use.
        self._likeness: dict[int, bool] = {}

    def demand(self, *, may_change: bool) -> bool:
        """Whether it is the first after all earlier ones were removed, which only who `may_change`
        can give. Raises `UnusableSelfie`.

        A first selfie is compared with nothing: no template is made. To be asked again where the
        user's row is held: then only selfies that came meanwhile cost something.
        """
        in_use = list(Selfie.objects.of(self._user).accepted())
        if in_use:
            if not self._is_like_any(in_use):
                raise UnusableSelfie("another_person")
            return False
        is_change = FaceChange.objects.of(self._user).removals().exists()
        if is_change and not may_change:
            raise UnusableSelfie("prove_first_to_change")
        return is_change

    def _is_like_any(self, in_use: list[Selfie]) -> bool:
        if new := [selfie for selfie in in_use if selfie.pk not in self._likeness]:
            known = _stored(new)
            # The others, which have to be looked at, only where none of these is like it.
            for selfie in sorted(new, key=lambda each: each.pk not in known):
                face = known.get(selfie.pk) or _looked_at(selfie)
                self._likeness[selfie.pk] = face is not None and self._face.is_like(face)
                if self._likeness[selfie.pk]:
                    break
        return any(self._likeness.get(selfie.pk) for selfie in in_use)

    @property
    def _face(self) -> Face:
        self._described = self._described or _describe(self._image, self._detection)
        return self._described


def is_change(user: User) -> bool:
    """Whether the user's next selfie is the first after all earlier ones were removed."""
    removed = FaceChange.objects.of(user).removals().exists()
    return removed and not Selfie.objects.of(user).accepted().exists()


def note_change(user: User, event: Event | None) -> None:
    """For the organizers of the event, and of those that look for the new face."""
    events = set(Consent.objects.of(user).in_force().events())
    for each in events | ({event} if event else set()):
        FaceChange.objects.create(user=user, event=each, what=FaceChange.What.CHANGED)
    logger.info("face_changed user=%s events=%s", user.pk, len(events))


def note_refusal(user: User, event: Event) -> None:
    FaceChange.objects.create(user=user, event=event, what=FaceChange.What.REFUSED)
    logger.info("another_face_refused user=%s event=%s", user.pk, event.pk)


def _stored(selfies: list[Selfie]) -> dict[int, Face]:
    """What a local index of today's model has of them, where that is known not to be weak: of
    those that got another advice it is not."""
    local = EventIndex.objects.filter(kind="local", model_version=engine.MODEL_NAME)
    own = local.filter(event=OuterRef("event"), name=OuterRef("index_name"))
    clear = [selfie.pk for selfie in selfies if not selfie.advice]
    rows = Enrollment.objects.filter(Exists(own), selfie__in=clear, template__isnull=False)
    return {
        row.selfie_id: Face(np.asarray(row.template, np.float32), is_weak=False)
        for row in rows.only("selfie", "template")
    }


def _looked_at(selfie: Selfie) -> Face | None:
    """The kept picture's face: that it was usable is known. None where the picture is lost."""
    try:
        image = images.decode(reading.read_of(selfie, "selfie") or b"", min_side=None)
        faces = selfie_check.faces_in(image)
        if selfie.face_box:
            return _describe(image, selfie_check.chosen(image, faces, Box(*selfie.face_box)))
    except (UnusableImage, UnusableSelfie):
        return None
    return _describe(image, faces[0]) if faces else None


def _describe(image: DecodedImage, face: Detection) -> Face:
    described = engine.engine().describe(image, [face])
    return Face(described.templates[0], bool(described.norms[0] < selfie_check.WEAK_NORM))
