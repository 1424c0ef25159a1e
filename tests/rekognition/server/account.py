"""What Rekognition keeps for one account in one region, and the operations on it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from faces.vision.detection import Floats
from faces.vision.similarity import cosine_of, similarity
from tests.rekognition.server import quality
from tests.rekognition.server.eyes import Eyes, SeenFace
from tests.rekognition.server.faults import NOT_FOUND
from tests.rekognition.server.pictures import Objects, decode, picture_bytes
from tests.rekognition.server.wire import Refused, Structure, invalid

MODEL_VERSION = "7.0"
ACCOUNT_ID = "000000000000"
MAX_FACES = 100
MAX_PAGE = 4096
DEFAULT_MATCHES = 80
DEFAULT_THRESHOLD = 80.0
AFTER = "after "
NO_FACES = "There are no faces in the image. Should be at least 1."


@dataclass(frozen=True, eq=False)
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

    def on_wire(self) -> Structure:
        face = {
            "FaceId": self.face_id,
            "BoundingBox": self.box,
            "ImageId": self.image_id,
            "Confidence": self.confidence,
            "IndexFacesModelVersion": MODEL_VERSION,
        }
        named = {"ExternalImageId": self.external_image_id} if self.external_image_id else {}
        return face | named


@dataclass(eq=False)
class Collection:
    collection_id: str
    created_at: datetime
    faces: dict[str, StoredFace] = field(default_factory=dict)

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


class Account:
    """Operations are methods that take and return structures as on the wire. Safe in threads.

    Pictures are looked at outside the lock: that takes long. A face just indexed cannot be
    searched for, searched with or listed for `settling_seconds`; it can be deleted.
    """

    def __init__(self, eyes: Eyes, objects: Objects, region: str) -> None:
        self.collections: dict[str, Collection] = {}
        self.settling_seconds = 0.0
        self.lock = threading.RLock()
        self._eyes = eyes
        self._objects = objects
        self._region = region
        self._numbers = 0

    def create_collection(self, parameters: Structure) -> Structure:
        collection_id = parameters["CollectionId"]
        with self.lock:
            if collection_id in self.collections:
                text = f"The collection id: {collection_id} already exists"
                raise Refused("ResourceAlreadyExistsException", text)
            self.collections[collection_id] = Collection(collection_id, datetime.now(UTC))
        return {
            "StatusCode": 200,
            # Without "arn:", as the service answers here and only here.
            "CollectionArn": self._arn(collection_id).removeprefix("arn:"),
            "FaceModelVersion": MODEL_VERSION,
        }

    def delete_collection(self, parameters: Structure) -> Structure:
        with self.lock:
            del self.collections[self._collection(parameters).collection_id]
        return {"StatusCode": 200}

    def describe_collection(self, parameters: Structure) -> Structure:
        with self.lock:
            collection = self._collection(parameters)
            return {
                "FaceCount": len(collection.faces),
                "FaceModelVersion": MODEL_VERSION,
                "CollectionARN": self._arn(collection.collection_id),
                "CreationTimestamp": collection.created_at,
                "UserCount": 0,
            }

    def list_collections(self, parameters: Structure) -> Structure:
        after = _position(parameters)
        with self.lock:
            later = [name for name in sorted(self.collections) if name > after]
        page = later[: parameters.get("MaxResults") or MAX_PAGE]
        answer = {"CollectionIds": page, "FaceModelVersions": [MODEL_VERSION] * len(page)}
        more = {"NextToken": _token(page[-1])} if len(page) < len(later) else {}
        return answer | more

    def index_faces(self, parameters: Structure) -> Structure:
        self._collection(parameters)
        data = picture_bytes(parameters["Image"], self._objects)
        seen = self._look(data)
        bar = parameters.get("QualityFilter", "AUTO")
        kept, unindexed = quality.sort_out(seen, bar, parameters.get("MaxFaces", MAX_FACES))
        with self.lock:
            # Again: it may have been deleted while we looked.
            collection = self._collection(parameters)
            stored = self._store(collection, kept, data, parameters.get("ExternalImageId", ""))
        return {
            "FaceRecords": [
                {"Face": face.on_wire(), "FaceDetail": quality.detail(seen_face)}
                for face, seen_face in zip(stored, kept, strict=True)
            ],
            "FaceModelVersion": MODEL_VERSION,
            "UnindexedFaces": unindexed,
        }

    def search_faces(self, parameters: Structure) -> Structure:
        with self.lock:
            faces = {face.face_id: face for face in self._collection(parameters).findable()}
        searched = faces.pop(parameters["FaceId"], None)
        if searched is None:
            raise invalid(NOT_FOUND)
        return {
            "SearchedFaceId": searched.face_id,
            "FaceMatches": _matches(searched.template, [*faces.values()], parameters),
            "FaceModelVersion": MODEL_VERSION,
        }

    def search_faces_by_image(self, parameters: Structure) -> Structure:
        self._collection(parameters)
        largest = self._largest(parameters["Image"], parameters)
        with self.lock:
            faces = list(self._collection(parameters).findable())
        return {
            "SearchedFaceBoundingBox": quality.box(largest),
            "SearchedFaceConfidence": largest.confidence,
            "FaceMatches": _matches(largest.template, faces, parameters),
            "FaceModelVersion": MODEL_VERSION,
        }

    def list_faces(self, parameters: Structure) -> Structure:
        if "UserId" in parameters:
            raise Refused("ResourceNotFoundException", "The user id does not exist")
        after = int(_position(parameters) or 0)
        wanted = parameters.get("FaceIds")
        with self.lock:
            faces = list(self._collection(parameters).findable())
        later = [f for f in faces if f.number > after and (wanted is None or f.face_id in wanted)]
        page = later[: parameters.get("MaxResults") or MAX_PAGE]
        answer = {"Faces": [f.on_wire() for f in page], "FaceModelVersion": MODEL_VERSION}
        return answer | (
            {"NextToken": _token(str(page[-1].number))} if len(page) < len(later) else {}
        )

    def delete_faces(self, parameters: Structure) -> Structure:
        with self.lock:
            faces = self._collection(parameters).faces
            deleted = [i for i in dict.fromkeys(parameters["FaceIds"]) if faces.pop(i, None)]
        missing = [i for i in dict.fromkeys(parameters["FaceIds"]) if i not in deleted]
        answer: Structure = {
            "UnsuccessfulFaceDeletions": [
                {"FaceId": i, "Reasons": ["FACE_NOT_FOUND"]} for i in missing
            ]
        }
        # The model knows no empty list of deleted faces.
        return answer | ({"DeletedFaces": deleted} if deleted else {})

    def detect_faces(self, parameters: Structure) -> Structure:
        seen = self._look(picture_bytes(parameters["Image"], self._objects))
        return {"FaceDetails": [quality.detail(face) for face in seen]}

    def compare_faces(self, parameters: Structure) -> Structure:
        source = self._largest(parameters["SourceImage"], parameters, invalid())
        target = self._look(picture_bytes(parameters["TargetImage"], self._objects))
        faces, _ = quality.sort_out(target, parameters.get("QualityFilter", "NONE"), MAX_FACES)
        if not faces:
            raise invalid()
        threshold = parameters.get("SimilarityThreshold", DEFAULT_THRESHOLD)
        hits = _similar(source.template, [face.template for face in faces], threshold)
        matched = {place for _, place in hits}
        return {
            "SourceImageFace": {
                "BoundingBox": quality.box(source),
                "Confidence": source.confidence,
            },
            "FaceMatches": [
                {"Similarity": score, "Face": quality.detail(faces[place])} for score, place in hits
            ],
            "UnmatchedFaces": [
                quality.detail(face) for place, face in enumerate(faces) if place not in matched
            ],
        }

    def _arn(self, collection_id: str) -> str:
        return f"arn:aws:rekognition:{self._region}:{ACCOUNT_ID}:collection/{collection_id}"

    def _collection(self, parameters: Structure) -> Collection:
        collection_id = parameters["CollectionId"]
        try:
            return self.collections[collection_id]
        except KeyError:
            text = f"The collection id: {collection_id} does not exist"
            raise Refused("ResourceNotFoundException", text) from None

    def _look(self, data: bytes) -> list[SeenFace]:
        """The 100 largest faces, largest first."""
        seen = self._eyes(decode(data))
        return sorted(seen, key=lambda face: -face.width * face.height)[:MAX_FACES]

    def _largest(
        self, image: Structure, parameters: Structure, error: Refused | None = None
    ) -> SeenFace:
        seen = self._look(picture_bytes(image, self._objects))
        faces, _ = quality.sort_out(seen, parameters.get("QualityFilter", "NONE"), MAX_FACES)
        if not faces:
            raise error or invalid(NO_FACES)
        return faces[0]

    def _store(
        self, collection: Collection, faces: list[SeenFace], data: bytes, name: str
    ) -> list[StoredFace]:
        """In the order of `faces`; those stored of the same picture before are given again."""
        picture_hash = hashlib.sha256(data).hexdigest()
        known = collection.same_picture(picture_hash, name)
        by_place = {tuple(face.box.values()): face for face in known}
        image_id = known[0].image_id if known else str(uuid.uuid4())
        return [
            by_place.get(tuple(quality.box(face).values()))
            or self._new(collection, face, image_id, name, picture_hash)
            for face in faces
        ]

    def _new(
        self, collection: Collection, face: SeenFace, image_id: str, name: str, picture_hash: str
    ) -> StoredFace:
        self._numbers += 1
        stored = StoredFace(
            number=self._numbers,
            face_id=str(uuid.uuid4()),
            image_id=image_id,
            external_image_id=name,
            box=quality.box(face),
            confidence=face.confidence,
            template=face.template,
            picture_hash=picture_hash,
            findable_at=time.monotonic() + self.settling_seconds,
        )
        collection.faces[stored.face_id] = stored
        return stored


def _similar(template: Floats, others: list[Floats], at_least: float) -> list[tuple[float, int]]:
    """Similarities that reach it, the highest first, with their places in the list."""
    cosines = np.array(others).reshape(-1, template.size) @ template
    # Rounding must lose nothing at the edge: the similarity itself decides.
    near = np.flatnonzero(cosines >= cosine_of(at_least) - 1e-6)
    scores = [(similarity(float(cosines[place])), int(place)) for place in near]
    return sorted((pair for pair in scores if pair[0] >= at_least), key=lambda pair: -pair[0])


def _matches(template: Floats, faces: list[StoredFace], parameters: Structure) -> list[Structure]:
    threshold = parameters.get("FaceMatchThreshold", DEFAULT_THRESHOLD)
    hits = _similar(template, [face.template for face in faces], threshold)
    return [
        {"Similarity": score, "Face": faces[place].on_wire()}
        for score, place in hits[: parameters.get("MaxFaces", DEFAULT_MATCHES)]
    ]


def _token(position: str) -> str:
    return base64.urlsafe_b64encode(f"{AFTER}{position}".encode()).decode()


def _position(parameters: Structure) -> str:
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
