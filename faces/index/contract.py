"""What a face index can be asked, and what it answers, whatever recognizes the faces behind it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from django.core.checks import Error
from numpy.typing import NDArray

from events.models import Event
from faces.index.models import EventIndex
from faces.vision.boxes import Box
from photos.imaging.images import DecodedImage

# Similarities of a remote index: a guest is asked about faces so far below the event's threshold.
ASKED_BELOW = 15.0
# Where only guests are looked for, a remote index keeps no answer about a face less like them all:
# what they are asked about at the usual threshold of 85. At a higher one it stays so, so that going
# back looks at no photo again.
KEPT_FLOOR = 70.0

# What a remote index answered about the faces of a photo: for the key of each one's box, from the
# pools of guests' selfies to similarities (0..100).
Answers = dict[str, dict[str, float]]


@dataclass(frozen=True)
class EnrolledFace:
    """A selfie's face: its template (unit length), or its id in a remote collection.

    `advice`: a code, where another selfie would find more.
    """

    template: NDArray[np.float32] | None = None
    remote_face_id: str = ""
    advice: str = ""


@dataclass(frozen=True)
class FoundFace:
    """A face in a photo. Box in parts (0..1) of the upright photo; score and quality 0..1.

    A face too poor to match has neither template nor remote id, and so has one that a remote
    index was only asked about: then `similar` is the answer, from the pools of guests' selfies to
    similarities (0..100).
    """

    left: float
    top: float
    width: float
    height: float
    detection_score: float
    quality: float
    template: NDArray[np.float32] | None = None
    remote_face_id: str = ""
    similar: dict[str, float] = field(default_factory=dict)

    def with_similar(self, similar: dict[str, float]) -> FoundFace:
        return replace(self, similar=similar)

    @property
    def box_key(self) -> str:
        """Where it is in its photo, as a key of `Answers`."""
        return f"{self.left:.4f} {self.top:.4f} {self.width:.4f} {self.height:.4f}"


@dataclass(frozen=True)
class Templates:
    """Faces of an event with their templates: ids (n,) and vectors (n, d) of unit length."""

    face_ids: NDArray[np.int64]
    photo_ids: NDArray[np.int64]
    vectors: NDArray[np.float64]

    @classmethod
    def none(cls, dimension: int) -> Templates:
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, np.zeros((0, dimension)))

    def __len__(self) -> int:
        return len(self.face_ids)

    def narrowed(self, places: NDArray[Any]) -> Templates:
        """Those at some places, in their order; or those where a mask is true."""
        return Templates(self.face_ids[places], self.photo_ids[places], self.vectors[places])

    def united(self, other: Templates) -> Templates:
        """Each face once."""
        ids, photos = (
            np.concatenate([self.face_ids, other.face_ids]),
            np.concatenate([self.photo_ids, other.photo_ids]),
        )
        both = Templates(ids, photos, np.vstack([self.vectors, other.vectors]))
        return both.narrowed(np.unique(ids, return_index=True)[1])


@dataclass(frozen=True)
class RemoteFace:
    """A face in a remote collection: its id, and of which selfie or photo it is."""

    face_id: str
    source: str


@dataclass(frozen=True)
class SimilarFaces:
    """Remote ids of the faces like one face, with similarities (0..100); perhaps not all."""

    similar: dict[str, float]
    truncated: bool


class FaceIndex(Protocol):
    """The index of one event. A class that fulfils this is one kind of index."""

    # Whether the templates are at a service: then it is a `RemoteIndex`.
    is_remote: ClassVar[bool]
    # Whose service that is, as guests and organizers know it; empty where there is none.
    service: ClassVar[str]
    # Stored with each scan, face and enrollment: only those of one name are comparable.
    name: str
    row: EventIndex

    def __init__(self, row: EventIndex) -> None:
        """The index that a row names. Asks nobody."""

    @staticmethod
    def row_fields(event: Event) -> dict[str, str]:
        """The name of a new index of the event, and its model's version where that is known."""

    @staticmethod
    def setting_errors() -> list[Error]:
        """What is wrong with the settings that this kind of index reads. Asks nobody."""

    def enroll(self, selfie_id: int, selfie: DecodedImage, box: Box | None = None) -> EnrolledFace:
        """Take a selfie's face into the index, of several the one in the box; again is the same as
        once.

        Raises `UnusableSelfie`, `IndexUnavailable`, `IndexRefused`.
        """

    def scan(
        self, photo_id: int, photo: DecodedImage, known: Answers | None = None
    ) -> list[FoundFace]:
        """The faces of a photo. Raises `UnusableImage`, `IndexUnavailable`, `IndexRefused`.

        `known` are the answers of a `ScanPutOff` before: they are not asked for again.
        """

    def is_outdated(self) -> bool:
        """Whether a new index would be made with another model. May ask a service."""


class FacesInMemory(Protocol):
    """All faces of an event, for questions of many guests at once."""

    def refresh(self) -> None:
        """Take in what came and went since the last time, and at the first time everything."""

    def near(self, vectors: NDArray[np.float64], at_least: Sequence[float]) -> list[Templates]:
        """`TemplateIndex.near` for each of some unit vectors, (n, d)."""


class TemplateIndex(FaceIndex, Protocol):
    """An index whose templates are in the database, to be compared here."""

    def near(self, vector: NDArray[np.float64], at_least: float) -> Templates:
        """The event's faces whose cosine with a unit vector is at least this; some a little below
        it may be among them. One look at all faces, in the database."""

    def in_memory(self) -> FacesInMemory:
        """All faces of the event that have a template; nothing is read before it is asked to."""


class RemoteIndex(FaceIndex, Protocol):
    """An index whose templates are at a service, where each question costs time and money."""

    def make(self) -> None:
        """Create the collection where there is none. Raises `IndexUnavailable`, `IndexRefused`."""

    def find_similar(self, remote_face_id: str, *, at_least: float) -> SimilarFaces:
        """Ask which faces of the collection are like one of them. Raises `FaceMissing` too."""

    def fill_pool(self, pool: str, remote_face_ids: list[str]) -> set[str]:
        """Have a guest's selfies known as one when photos are scanned; again is the same as once.

        Returns those that are in the pool: whose face is unlike the others' is left out. Raises
        `IndexUnavailable` until the pool can be searched.
        """

    def faces(self) -> list[RemoteFace]:
        """All that the collection holds."""

    def pools(self) -> list[str]:
        """All pools that the collection holds."""

    def forget(self, remote_face_ids: Sequence[str], pools: Sequence[str] = ()) -> None:
        """Remove pools and faces from the collection; those not there are no error."""

    def drop(self) -> None:
        """Remove the collection; one that is not there is no error."""

    def exclusion(self) -> AbstractContextManager[object]:
        """While it is held, nobody else makes the collection, or removes it with its row."""
