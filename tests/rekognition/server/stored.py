"""What the test server stores: collections, their faces and users; and pages of them."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from faces.vision.detection import Floats
from faces.vision.similarity import cosine_of, similarity
from tests.rekognition.server.wire import Refused, Structure

MODEL_VERSION = "7.0"
DEFAULT_THRESHOLD = 80.0
AFTER = "after "


@dataclass(eq=False)
class StoredFace:
    """A face in a collection. `number` orders the faces of an account; box as on the wire."""

    number: int
    face_id: str
    image_id: str
    external_image_id: str
    box: dict[str, float]
    confidence: float
    template: Floats = field(repr=False)
    picture_hash: str = field(repr=False)
    findable_at: float
    # The pool it is in: a user, as the service says.
    user_id: str = ""

    def on_wire(self) -> Structure:
        face = {
            "FaceId": self.face_id,
            "BoundingBox": self.box,
            "ImageId": self.image_id,
            "Confidence": self.confidence,
            "IndexFacesModelVersion": MODEL_VERSION,
        }
        named = {"ExternalImageId": self.external_image_id} if self.external_image_id else {}
        return face | named | ({"UserId": self.user_id} if self.user_id else {})


@dataclass(eq=False)
class User:
    """Faces of a person that are found as one. Found with `template`, the mean of those that are
    worked in: at `updated_at` that of all `face_ids`, which is `coming`."""

    user_id: str
    number: int
    face_ids: list[str] = field(default_factory=list)
    template: Floats | None = None
    coming: Floats | None = None
    updated_at: float = 0.0

    @property
    def status(self) -> str:
        if time.monotonic() < self.updated_at:
            return "UPDATING"
        return "ACTIVE" if self.face_ids else "CREATED"

    @property
    def known_by(self) -> Floats | None:
        return self.template if self.status == "UPDATING" else self.coming

    def set_faces(self, faces: list[StoredFace], seconds: float) -> None:
        self.template = self.known_by
        self.face_ids = [face.face_id for face in faces]
        mean = np.sum([face.template for face in faces], axis=0) if faces else None
        self.coming = None if mean is None else mean / np.linalg.norm(mean)
        self.updated_at = time.monotonic() + seconds


@dataclass(eq=False)
class Collection:
    collection_id: str
    created_at: datetime
    faces: dict[str, StoredFace] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def findable(self) -> Iterator[StoredFace]:
        now = time.monotonic()
        return (face for face in self.faces.values() if face.findable_at <= now)

    def same_picture(self, picture_hash: str, external_image_id: str) -> list[StoredFace]:
        """What was stored of this picture under this name.

        Without a name nothing is the same: what the service does then is not documented, and
        storing it twice is what shows a client that depends on it.
        """
        wanted = (picture_hash, external_image_id)
        stored = (f for f in self.faces.values() if f.external_image_id)
        return [f for f in stored if (f.picture_hash, f.external_image_id) == wanted]

    def user(self, user_id: str) -> User:
        try:
            return self.users[user_id]
        except KeyError:
            raise Refused("ResourceNotFoundException", "The user id does not exist") from None


def similar_to(template: Floats, others: list[Floats], at_least: float) -> list[tuple[float, int]]:
    """Similarities that reach it, the highest first, with their places in the list."""
    cosines = np.array(others).reshape(-1, template.size) @ template
    # Rounding must lose nothing at the edge: the similarity itself decides.
    near = np.flatnonzero(cosines >= cosine_of(at_least) - 1e-6)
    scores = [(similarity(float(cosines[place])), int(place)) for place in near]
    return sorted((pair for pair in scores if pair[0] >= at_least), key=lambda pair: -pair[0])


def token_of(position: str) -> str:
    return base64.urlsafe_b64encode(f"{AFTER}{position}".encode()).decode()


def position_of(parameters: Structure) -> str:
    """Where the page before ended, by its token; empty for the first page."""
    if "NextToken" not in parameters:
        return ""
    try:
        token = base64.urlsafe_b64decode(parameters["NextToken"]).decode()
    except (binascii.Error, ValueError):
        token = ""
    if not token.startswith(AFTER):
        text = "Pagination token in the request is not valid."
        raise Refused("InvalidPaginationTokenException", text)
    return token.removeprefix(AFTER)
