"""Rekognition's operations on users: several faces of a person that are found as one.

What the developer guide leaves open is marked: the test server then is as strict as it can be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from faces.vision.detection import Floats
from faces.vision.similarity import similarity
from tests.rekognition.server import quality
from tests.rekognition.server.eyes import SeenFace
from tests.rekognition.server.faults import NOT_FOUND
from tests.rekognition.server.pictures import picture_bytes
from tests.rekognition.server.stored import (
    DEFAULT_THRESHOLD,
    MODEL_VERSION,
    Collection,
    StoredFace,
    User,
    position_of,
    similar_to,
    token_of,
)
from tests.rekognition.server.wire import Refused, Structure, invalid

MAX_FACES_OF_A_USER = 100
MAX_USERS = 500
SAME_PERSON = 75.0


class Users:
    """A part of `Account`. A change of a user's faces is worked in for `updating_seconds`: until
    then the user is found as it was before, if at all."""

    updating_seconds: float
    lock: threading.RLock
    # Requests that were answered, by collection and idempotency token.
    answered: dict[tuple[str, str], tuple[str, Structure, Structure]]
    _objects: Any
    _numbers: int
    _collection: Callable[[Structure], Collection]
    _look: Callable[[bytes], list[SeenFace]]

    def create_user(self, parameters: Structure) -> Structure:
        def create(collection: Collection) -> Structure:
            user_id = parameters["UserId"]
            if user_id in collection.users:
                raise Refused("ConflictException", f"The user id: {user_id} already exists")
            self._numbers += 1
            collection.users[user_id] = User(user_id, self._numbers)
            return {}

        return self._once("CreateUser", parameters, create)

    def delete_user(self, parameters: Structure) -> Structure:
        def delete(collection: Collection) -> Structure:
            user = collection.user(parameters["UserId"])
            for face_id in user.face_ids:
                collection.faces[face_id].user_id = ""
            del collection.users[user.user_id]
            return {}

        return self._once("DeleteUser", parameters, delete)

    def associate_faces(self, parameters: Structure) -> Structure:
        def associate(collection: Collection) -> Structure:
            user = collection.user(parameters["UserId"])
            least = parameters.get("UserMatchThreshold", SAME_PERSON)
            added, refused = [], []
            for face_id in dict.fromkeys(parameters["FaceIds"]):
                if face_id in user.face_ids:
                    continue
                if reason := _reason_against(collection, user, face_id, least):
                    refused.append({"FaceId": face_id, **reason})
                    continue
                if len(user.face_ids) >= MAX_FACES_OF_A_USER:
                    raise Refused("ServiceQuotaExceededException", "The user has too many faces")
                self._set_faces(collection, user, [*user.face_ids, face_id])
                added.append(face_id)
            return {
                "AssociatedFaces": [{"FaceId": face_id} for face_id in added],
                "UnsuccessfulFaceAssociations": refused,
                "UserStatus": user.status,
            }

        return self._once("AssociateFaces", parameters, associate)

    def disassociate_faces(self, parameters: Structure) -> Structure:
        def disassociate(collection: Collection) -> Structure:
            user = collection.user(parameters["UserId"])
            wanted = dict.fromkeys(parameters["FaceIds"])
            gone = [face_id for face_id in wanted if face_id in user.face_ids]
            refused = [
                {"FaceId": face_id, **reason}
                for face_id in wanted
                if face_id not in gone and (reason := _reason_to_stay(collection, face_id))
            ]
            for face_id in gone:
                collection.faces[face_id].user_id = ""
            if gone:
                kept = [face_id for face_id in user.face_ids if face_id not in gone]
                self._set_faces(collection, user, kept)
            return {
                "DisassociatedFaces": [{"FaceId": face_id} for face_id in gone],
                "UnsuccessfulFaceDisassociations": refused,
                "UserStatus": user.status,
            }

        return self._once("DisassociateFaces", parameters, disassociate)

    def list_users(self, parameters: Structure) -> Structure:
        after = int(position_of(parameters) or 0)
        with self.lock:
            users = list(self._collection(parameters).users.values())
        later = [user for user in users if user.number > after]
        page = later[: parameters.get("MaxResults") or MAX_USERS]
        answer = {"Users": [_on_wire(user) for user in page]}
        more = {"NextToken": token_of(str(page[-1].number))} if len(page) < len(later) else {}
        return answer | more

    def search_users(self, parameters: Structure) -> Structure:
        by_face, by_user = parameters.get("FaceId"), parameters.get("UserId")
        if bool(by_face) == bool(by_user):
            raise invalid("Either FaceId or UserId is required, and not both")
        with self.lock:
            collection = self._collection(parameters)
            others = [user for user in collection.users.values() if user.user_id != by_user]
            if by_face:
                faces = {face.face_id: face for face in collection.findable()}
                if by_face not in faces:
                    raise invalid(NOT_FOUND)
                template: Floats | None = faces[by_face].template
                searched: Structure = {"SearchedFace": {"FaceId": by_face}}
            else:
                template = collection.user(parameters["UserId"]).known_by
                searched = {"SearchedUser": {"UserId": by_user}}
            matches = [] if template is None else _matches(template, others, parameters)
        return {"UserMatches": matches, "FaceModelVersion": MODEL_VERSION} | searched

    def search_users_by_image(self, parameters: Structure) -> Structure:
        self._collection(parameters)
        seen = self._look(picture_bytes(parameters["Image"], self._objects))
        faces, poor = quality.sort_out(seen, parameters.get("QualityFilter", "NONE"), len(seen))
        answer: Structure = {
            "UserMatches": [],
            "FaceModelVersion": MODEL_VERSION,
            "UnsearchedFaces": [
                {"FaceDetails": face["FaceDetail"], "Reasons": face["Reasons"]} for face in poor
            ]
            + [
                {"FaceDetails": quality.detail(face), "Reasons": ["FACE_NOT_LARGEST"]}
                for face in faces[1:]
            ],
        }
        if not faces:
            return answer
        with self.lock:
            users = list(self._collection(parameters).users.values())
            matches = _matches(faces[0].template, users, parameters)
        searched = {"FaceDetail": quality.detail(faces[0])}
        return answer | {"UserMatches": matches, "SearchedFace": searched}

    def _set_faces(self, collection: Collection, user: User, face_ids: list[str]) -> None:
        faces = [collection.faces[face_id] for face_id in face_ids]
        for face in faces:
            face.user_id = user.user_id
        user.set_faces(faces, self.updating_seconds)

    def _once(
        self, operation: str, parameters: Structure, work: Callable[[Collection], Structure]
    ) -> Structure:
        """A request that comes again with its token is answered as before, and does nothing."""
        token = parameters.get("ClientRequestToken", "")
        with self.lock:
            collection = self._collection(parameters)
            known = self.answered.get((collection.collection_id, token)) if token else None
            if known and known[:2] != (operation, parameters):
                text = "A ClientRequestToken input parameter was reused with another request"
                raise Refused("IdempotentParameterMismatchException", text)
            answer = known[2] if known else work(collection)
            self.answered[collection.collection_id, token] = (operation, parameters, answer)
            return answer


def _reason_against(
    collection: Collection, user: User, face_id: str, least: float
) -> Structure | None:
    """Why a face cannot join the user, or None. The first of a user is not compared."""
    face: StoredFace | None = next((f for f in collection.findable() if f.face_id == face_id), None)
    if face is None:
        return {"Reasons": ["FACE_NOT_FOUND"]}
    if face.user_id:
        return {"UserId": face.user_id, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    if user.coming is None:
        return None
    confidence = similarity(float(user.coming @ face.template))
    if confidence >= least:
        return None
    return {
        "UserId": user.user_id,
        "Confidence": confidence,
        "Reasons": ["LOW_MATCH_CONFIDENCE"],
    }


def _reason_to_stay(collection: Collection, face_id: str) -> Structure | None:
    """Why a face cannot leave a user that it is not in. None: it is in none, and is ignored."""
    face = collection.faces.get(face_id)
    if face is None:
        return {"Reasons": ["FACE_NOT_FOUND"]}
    if face.user_id:
        return {"UserId": face.user_id, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    return None


def _on_wire(user: User) -> Structure:
    return {"UserId": user.user_id, "UserStatus": user.status}


def _matches(template: Floats, users: list[User], parameters: Structure) -> list[Structure]:
    known = [(user, user.known_by) for user in users]
    found = [(user, vector) for user, vector in known if vector is not None]
    threshold = parameters.get("UserMatchThreshold", DEFAULT_THRESHOLD)
    hits = similar_to(template, [vector for _, vector in found], threshold)
    return [
        {"Similarity": score, "User": _on_wire(found[place][0])}
        for score, place in hits[: parameters.get("MaxUsers", MAX_USERS)]
    ]
