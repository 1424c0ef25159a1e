"""The face index: one narrow contract, whatever recognizes the faces behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from events.models import Event
from photos.images import DecodedImage

IMPLEMENTATIONS = {"local": "faces.index.local.LocalIndex"}


@dataclass(frozen=True)
class EnrolledFace:
    """A selfie's face: its template (unit length), or its id in a remote collection."""

    template: NDArray[np.float32] | None = None
    remote_face_id: str = ""


@dataclass(frozen=True)
class FoundFace:
    """A face in a photo. Box in parts (0..1) of the upright photo; score and quality 0..1.

    A face too poor to match has neither template nor remote id.
    """

    left: float
    top: float
    width: float
    height: float
    detection_score: float
    quality: float
    template: NDArray[np.float32] | None = None
    remote_face_id: str = ""


@dataclass(frozen=True)
class Hit:
    """A guest's best face in a photo. Similarity 0..100."""

    user_id: int
    photo_id: int
    face_id: int
    taken_at: datetime
    similarity: float


class FaceIndex(Protocol):
    # Changes when templates stop being comparable: it is stored with each of them.
    name: str

    def enroll(self, event: Event, selfie: DecodedImage) -> EnrolledFace:
        """Take a selfie's face into the index. Raises `UnusableSelfie`, `IndexUnavailable`."""

    def scan(self, event: Event, photo: DecodedImage) -> list[FoundFace]:
        """The faces of a photo. Raises `UnusableImage`, `IndexUnavailable`."""

    def search(
        self,
        event: Event,
        *,
        at_least: float,
        user_id: int | None = None,
        photo_id: int | None = None,
    ) -> list[Hit]:
        """Stored faces like stored enrollments, the best of each guest and photo.

        Narrowed to one guest or one photo where given; ordered by guest and photo.
        """

    def forget(self, event: Event, remote_face_ids: list[str]) -> None:
        """Remove faces from the event's remote collection. Rows are the caller's."""

    def drop(self, event: Event) -> None:
        """Remove all that is kept for the event outside the database."""


@cache
def face_index() -> FaceIndex:
    """The index that `FACE_INDEX` names: `local`, or a dotted path."""
    path = IMPLEMENTATIONS.get(settings.FACE_INDEX, settings.FACE_INDEX)
    index: FaceIndex = import_string(path)()
    return index
