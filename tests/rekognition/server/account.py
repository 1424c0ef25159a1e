"""What Rekognition keeps for one account in one region, and the operations on it."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from datetime import UTC, datetime

from faces.vision.detection import Floats
from tests.rekognition.server import quality
from tests.rekognition.server.eyes import Eyes, SeenFace
from tests.rekognition.server.faults import NOT_FOUND
from tests.rekognition.server.pictures import Objects, decode, picture_bytes
from tests.rekognition.server.stored import (
    DEFAULT_THRESHOLD,
    MODEL_VERSION,
    Collection,
    StoredFace,
    position_of,
    similar_to,
    token_of,
)
from tests.rekognition.server.users import Users
from tests.rekognition.server.wire import Refused, Structure, invalid

ACCOUNT_ID = "000000000000"
MAX_FACES = 100
MAX_PAGE = 4096
DEFAULT_MATCHES = 80
NO_FACES = "There are no faces in the image. Should be at least 1."


class Account(Users):
    """Operations are methods that take and return structures as on the wire. Safe in threads.

    Pictures are looked at outside the lock: that takes long. A face just indexed cannot be
    searched for, searched with or listed for `settling_seconds`; it can be deleted.
    """

    def __init__(self, eyes: Eyes, objects: Objects, region: str) -> None:
        self.collections: dict[str, Collection] = {}
        self.settling_seconds = 0.0
        self.updating_seconds = 0.0
        self.lock = threading.RLock()
        self.answered = {}
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
                "UserCount": len(collection.users),
            }

    def list_collections(self, parameters: Structure) -> Structure:
        after = position_of(parameters)
        with self.lock:
            later = [name for name in sorted(self.collections) if name > after]
        page = later[: parameters.get("MaxResults") or MAX_PAGE]
        answer = {"CollectionIds": page, "FaceModelVersions": [MODEL_VERSION] * len(page)}
        more = {"NextToken": token_of(page[-1])} if len(page) < len(later) else {}
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
        after = int(position_of(parameters) or 0)
        wanted = parameters.get("FaceIds")
        with self.lock:
            collection = self._collection(parameters)
            faces = list(collection.findable())
            if "UserId" in parameters:
                user = collection.user(parameters["UserId"])
                faces = [face for face in faces if face.user_id == user.user_id]
        later = [f for f in faces if f.number > after and (wanted is None or f.face_id in wanted)]
        page = later[: parameters.get("MaxResults") or MAX_PAGE]
        answer = {"Faces": [f.on_wire() for f in page], "FaceModelVersion": MODEL_VERSION}
        return answer | (
            {"NextToken": token_of(str(page[-1].number))} if len(page) < len(later) else {}
        )

    def delete_faces(self, parameters: Structure) -> Structure:
        with self.lock:
            faces = self._collection(parameters).faces
            wanted = dict.fromkeys(parameters["FaceIds"])
            kept = {i: faces[i].user_id for i in wanted if i in faces and faces[i].user_id}
            deleted = [i for i in wanted if i not in kept and faces.pop(i, None)]
        missing = [i for i in wanted if i not in deleted and i not in kept]
        answer: Structure = {
            "UnsuccessfulFaceDeletions": [
                {"FaceId": i, "UserId": user_id, "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
                for i, user_id in kept.items()
            ]
            + [{"FaceId": i, "Reasons": ["FACE_NOT_FOUND"]} for i in missing]
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
        hits = similar_to(source.template, [face.template for face in faces], threshold)
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


def _matches(template: Floats, faces: list[StoredFace], parameters: Structure) -> list[Structure]:
    threshold = parameters.get("FaceMatchThreshold", DEFAULT_THRESHOLD)
    hits = similar_to(template, [face.template for face in faces], threshold)
    return [
        {"Similarity": score, "Face": faces[place].on_wire()}
        for score, place in hits[: parameters.get("MaxFaces", DEFAULT_MATCHES)]
    ]
