"""Pools at Rekognition, which calls them users: several selfies of a person, searched as one.

A pool is found only once the service has worked its faces in, which takes it a moment; until then
it says so (`UserStatus`). A face that is in a pool cannot be deleted: it must leave it first.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from faces.errors import IndexUnavailable
from faces.index import aws

logger = logging.getLogger(__name__)

# The service's own limits (botocore's model of it).
MAX_FACES_A_CALL = 100
MAX_LISTED = 500
# A selfie that is less like the others is another person's, and gets a pool of its own. It is the
# service's own default.
SAME_PERSON = 75.0
# Changes of a pool are waited for this long; then the sweep comes back to them.
SETTLING_SECONDS = (0.5, 1, 2, 4)
ACTIVE = "ACTIVE"

# An operation on the pools' collection.
Ask = Callable[..., dict[str, Any]]


def fill_pool(ask: Ask, pool: str, face_ids: list[str]) -> set[str]:
    """Put faces into a pool, which is made where there is none. Returns those that are in it.

    Those that are less like the ones before are left out. Again is the same as once. Raises
    `IndexUnavailable` until the pool can be searched with all of them.
    """
    with suppress(aws.Conflict):  # it is there already
        ask("CreateUser", UserId=pool)
    left_out: set[str] = set()
    # The first is what the others must be like: it goes in alone, and is worked in before them.
    for some in filter(None, (face_ids[:1], face_ids[1:])):
        answer = ask("AssociateFaces", UserId=pool, FaceIds=some, UserMatchThreshold=SAME_PERSON)
        refused = answer.get("UnsuccessfulFaceAssociations", [])
        if any("FACE_NOT_FOUND" in face.get("Reasons", []) for face in refused):
            raise IndexUnavailable("a new face is not known everywhere yet")
        left_out.update(face["FaceId"] for face in refused)
        if answer.get("UserStatus") != ACTIVE:
            _wait_until_active(ask, pool)
    return {*face_ids} - left_out


def pool_names(ask: Ask) -> list[str]:
    return [user["UserId"] for user in _listed(ask)]


def remove_pool(ask: Ask, pool: str) -> None:
    """One that is not there is no error. Its faces stay, and belong to nobody."""
    with suppress(aws.CollectionMissing):  # the service's word for a pool that is missing, too
        ask("DeleteUser", UserId=pool)


def delete_faces(ask: Ask, face_ids: list[str]) -> None:
    """Delete faces, those that are in a pool too. Those not there are no error."""
    if pooled := _undeletable(ask, face_ids):
        _take_out(ask, pooled)
        if left := _undeletable(ask, [face["FaceId"] for face in pooled]):
            raise IndexUnavailable(f"{len(left)} faces are in pools")


def _undeletable(ask: Ask, face_ids: list[str]) -> list[dict[str, Any]]:
    """Delete faces. Returns those that the service keeps for being in a pool."""
    answer = ask("DeleteFaces", FaceIds=face_ids)
    failed = [
        face
        for face in answer.get("UnsuccessfulFaceDeletions", [])
        if "FACE_NOT_FOUND" not in face.get("Reasons", [])
    ]
    pooled = [face for face in failed if face.get("UserId")]
    if len(pooled) < len(failed):
        raise IndexUnavailable(f"{len(failed)} faces could not be deleted")
    return pooled


def _take_out(ask: Ask, pooled: list[dict[str, Any]]) -> None:
    by_pool: dict[str, list[str]] = defaultdict(list)
    for face in pooled:
        by_pool[face["UserId"]].append(face["FaceId"])
    for pool, face_ids in by_pool.items():
        for i in range(0, len(face_ids), MAX_FACES_A_CALL):
            some = face_ids[i : i + MAX_FACES_A_CALL]
            try:
                answer = ask("DisassociateFaces", UserId=pool, FaceIds=some)
            except aws.CollectionMissing:
                break  # the pool went meanwhile, and set its faces free
            if answer.get("UserStatus") == "UPDATING":
                _wait_until_active(ask, pool)


def _wait_until_active(ask: Ask, pool: str) -> None:
    """There is no asking about one pool alone: all are listed."""
    for seconds in SETTLING_SECONDS:
        time.sleep(seconds)
        status = next((u["UserStatus"] for u in _listed(ask) if u["UserId"] == pool), None)
        # A pool that lost its last face is as one just made.
        if status in (ACTIVE, "CREATED", None):
            return
    logger.warning("pool_not_ready")
    raise IndexUnavailable("a pool is still being updated")


def _listed(ask: Ask) -> Iterator[dict[str, Any]]:
    more: dict[str, str] = {}
    while True:
        page = ask("ListUsers", MaxResults=MAX_LISTED, **more)
        yield from page["Users"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}
