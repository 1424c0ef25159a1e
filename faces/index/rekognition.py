"""The Rekognition index: one collection for an event at Amazon, its faces asked for by id.

Where everyone is indexed, a photo costs one call, whatever number of faces it shows. Where only
guests are, the collection holds their selfies alone, pooled by guest, and each face that the local
detector finds is cut out and searched: nothing of anybody else is stored anywhere.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.conf import settings
from django.core.checks import Error
from django.db import transaction
from django.utils import timezone

from events.models import Event
from faces.errors import FaceMissing, IndexUnavailable, ScanPutOff, UnusableSelfie
from faces.index import aws, crops
from faces.index.contract import (
    ASKED_BELOW,
    KEPT_FLOOR,
    Answers,
    EnrolledFace,
    FoundFace,
    RemoteFace,
    SimilarFaces,
)
from faces.index.local import found_face
from faces.index.models import EventIndex, new_collection_id
from faces.index.pools import delete_faces, fill_pool, pool_names, remove_pool
from faces.vision import engine, selfie_check
from faces.vision.boxes import Box
from faces.vision.detection import worth_matching
from faces.working import leases
from photos.imaging import images
from photos.imaging.images import DecodedImage

logger = logging.getLogger(__name__)

# The service's own limits (developer guide, "Guidelines and quotas").
MAX_BYTES = 5_242_880
MAX_FACES_FOUND = 100
MAX_ANSWERS = 4096
MAX_POOLS = 500
# Beyond it no more small faces are found: their least size grows with the picture.
SENT_SIDE = 4096
SENT_QUALITIES = (90, 80, 65)
# A new face is not found at once everywhere: questions about it are repeated for this long.
SETTLING_SECONDS = (0.5, 1, 2, 4)
# A crowd's faces take one call each: who needs longer is put off before the job is killed, and
# goes on from there.
SCAN_SECONDS = 110
NOT_THERE_YET = "was not found in the collection"
# A collection's id has 1 to 255 of these characters, and we add to the prefix; `EventIndex.name`
# holds 80.
PREFIX = re.compile(r"[a-zA-Z0-9_.\-]{1,40}")

REASONS = {
    "LOW_BRIGHTNESS": "too_dark",
    "LOW_SHARPNESS": "blurred",
    "EXTREME_POSE": "turned_away",
    "SMALL_BOUNDING_BOX": "face_too_small",
}


class RekognitionIndex:
    is_remote: ClassVar[bool] = True
    service: ClassVar[str] = "Amazon Rekognition"

    def __init__(self, row: EventIndex) -> None:
        self.row = row
        self.name = row.name
        self._event_id = row.event_id

    @staticmethod
    def row_fields(event: Event) -> dict[str, str]:
        """The name is the collection's; it is made, and tells its model, when it is needed."""
        return {"name": new_collection_id(settings.REKOGNITION_COLLECTION_PREFIX, event)}

    @staticmethod
    def setting_errors() -> list[Error]:
        found: list[Error] = []
        if not settings.REKOGNITION_REGION:
            hint = "Set AWS_REGION, for example to eu-west-1."
            found.append(Error("Rekognition needs a region.", hint=hint, id="faces.E003"))
        if not PREFIX.fullmatch(settings.REKOGNITION_COLLECTION_PREFIX):
            hint = "Use 1 to 40 letters, digits, dots, hyphens and underscores."
            text = "REKOGNITION_COLLECTION_PREFIX cannot begin a collection's name."
            found.append(Error(text, hint=hint, id="faces.E004"))
        if settings.REKOGNITION_CALLS_PER_SECOND <= 0:
            text = "REKOGNITION_CALLS_PER_SECOND must be above 0."
            found.append(Error(text, id="faces.E005"))
        if settings.REKOGNITION_ANCHORS < 0:
            found.append(Error("REKOGNITION_ANCHORS must be 0 or more.", id="faces.E007"))
        return found

    def enroll(self, selfie_id: int, selfie: DecodedImage, box: Box | None = None) -> EnrolledFace:
        """The service takes the largest face: of several it is shown the one in the box alone."""
        shown = selfie if box is None else _alone(selfie, box)
        try:
            answer = self._index_faces(f"selfie-{selfie_id}", shown, most=1)
        except aws.Rejected as rejected:
            raise UnusableSelfie("no_face") from rejected
        if not answer["FaceRecords"]:
            raise UnusableSelfie(_reason(answer))
        return EnrolledFace(remote_face_id=answer["FaceRecords"][0]["Face"]["FaceId"])

    def scan(
        self, photo_id: int, photo: DecodedImage, known: Answers | None = None
    ) -> list[FoundFace]:
        event = Event.objects.filter(face_indexes=self.row).first()
        if event is None:
            raise IndexUnavailable("the event is gone")
        if event.indexing == Event.Indexing.EVERYONE:
            answer = self._index_faces(f"photo-{photo_id}", photo, most=MAX_FACES_FOUND)
            return [_indexed(record) for record in answer["FaceRecords"]]
        return self._compared(photo, event, known or {})

    def find_similar(self, remote_face_id: str, *, at_least: float) -> SimilarFaces:
        answer = self._ask_settling(
            "SearchFaces",
            FaceId=remote_face_id,
            MaxFaces=MAX_ANSWERS,
            FaceMatchThreshold=at_least,
        )
        similar = _similar(answer)
        return SimilarFaces(similar, truncated=len(similar) >= MAX_ANSWERS)

    def is_outdated(self) -> bool:
        """A collection keeps the model it was made with, and only a new one tells the newest."""
        if self.row.event is None or self.row.made_at is None:
            return False
        # The row has no event: if we die here, the sweep removes it.
        row = EventIndex.objects.create(kind=self.row.kind, **self.row_fields(self.row.event))
        probe = RekognitionIndex(row)
        with probe.exclusion():  # of the sweep, which must not go before the collection is there
            try:
                return probe._create() != self.row.model_version
            finally:
                probe.drop()
                row.delete()

    def faces(self) -> list[RemoteFace]:
        return list(self._pages()) if self.row.made_at else []

    def fill_pool(self, pool: str, remote_face_ids: list[str]) -> set[str]:
        return fill_pool(self._ask, pool, remote_face_ids)

    def pools(self) -> list[str]:
        return pool_names(self._ask) if self.row.made_at else []

    def forget(self, remote_face_ids: Sequence[str], pools: Sequence[str] = ()) -> None:
        for pool in pools:
            remove_pool(self._ask_it, pool)
        for i in range(0, len(remote_face_ids), MAX_ANSWERS):
            delete_faces(self._ask_it, [*remote_face_ids[i : i + MAX_ANSWERS]])

    def drop(self) -> None:
        try:
            aws.ask("DeleteCollection", event_id=None, CollectionId=self.name)
        except aws.CollectionMissing:
            return
        logger.info("collection_dropped collection=%s", self.name)

    def make(self) -> None:
        """Create the collection, unless the event went away meanwhile.

        One at a time, and excluding its removal. Not in a transaction: the service may take its
        time, and every call takes a turn from a row that others need. An event that is deleted
        just now leaves its row behind, and by it the sweep drops what we make.
        """
        with self.exclusion() as lease:
            row = EventIndex.objects.filter(pk=self.row.pk).first()
            if row is None or row.event_id is None or row.state == EventIndex.State.RETIRED:
                raise IndexUnavailable("retired")
            if row.made_at is None:
                row.model_version = self._create()
                row.made_at = timezone.now()
                self._note_made(row, lease)
                logger.info("collection_created collection=%s", self.name)
        self.row = row

    def exclusion(self) -> AbstractContextManager[leases.Held]:
        """While it is held, nobody else makes the collection, or removes it with its row."""
        return leases.when_free(f"collection.{self.row.pk}")

    def _note_made(self, row: EventIndex, lease: leases.Held) -> None:
        """Who was taken for gone meanwhile may have made it after it was removed with its row."""
        with transaction.atomic():
            is_ours = lease.still_is()
            if is_ours:
                row.save(update_fields=["made_at", "model_version"])
        if not is_ours:
            if not EventIndex.objects.filter(pk=row.pk).exists():
                self.drop()
            raise IndexUnavailable("made too late")

    def _create(self) -> str:
        """The version of the model that will make the collection's templates."""
        try:
            answer = aws.ask("CreateCollection", event_id=None, CollectionId=self.name)
        except aws.CollectionExists:  # the answer to an earlier attempt was lost
            answer = aws.ask("DescribeCollection", event_id=None, CollectionId=self.name)
        return str(answer["FaceModelVersion"])

    def _index_faces(self, source: str, image: DecodedImage, *, most: int) -> dict[str, Any]:
        """The source makes it one face, however often a lost answer is asked for again."""
        return self._ask(
            "IndexFaces",
            Image={"Bytes": sent(image)},
            ExternalImageId=source,
            MaxFaces=most,
            QualityFilter="AUTO",
            DetectionAttributes=["DEFAULT"],
        )

    def _compared(self, photo: DecodedImage, event: Event, known: Answers) -> list[FoundFace]:
        """The photo's faces, those worth it compared with the guests' selfies."""
        deadline = time.monotonic() + SCAN_SECONDS
        at_least = max(0.0, min(KEPT_FLOOR, event.match_threshold - ASKED_BELOW))
        sight = engine.engine().look(photo)
        found = [found_face(face, sight.image) for face in sight.faces]
        if self._is_empty():
            return found
        answers = known.copy()
        for face, one in zip(sight.faces, found, strict=True):
            if one.box_key in answers or not worth_matching(face):
                continue
            # Each attempt gets on by one face at least, however little time there is.
            if len(answers) > len(known) and time.monotonic() > deadline:
                raise ScanPutOff(answers)
            try:
                crop = crops.cut(sight.image, face, sight.faces)
                answers[one.box_key] = self._compare(crop, at_least)
            except IndexUnavailable as error:
                raise ScanPutOff(answers) from error
        return [one.with_similar(answers.get(one.box_key, {})) for one in found]

    def _compare(self, crop: crops.Crop, at_least: float) -> dict[str, float]:
        try:
            answer = self._ask(
                "SearchUsersByImage",
                Image={"Bytes": sent(crop.image)},
                MaxUsers=MAX_POOLS,
                UserMatchThreshold=at_least,
                QualityFilter="NONE",
            )
        except aws.Rejected:
            return {}  # no face, to the service's eyes
        matches = answer.get("UserMatches", [])
        if len(matches) >= MAX_POOLS:
            logger.warning("search_truncated event=%s", self._event_id)
        searched = answer.get("SearchedFace")
        if searched is None or not crop.shows(searched["FaceDetail"]["BoundingBox"]):
            return {}
        return {match["User"]["UserId"]: match["Similarity"] for match in matches}

    def _is_empty(self) -> bool:
        event = self.row.event
        if event is None:
            return True
        return not event.enrollments.filter(index_name=self.name).exclude(pool="").exists()

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        if self.row.made_at is None:
            self.make()
        return self._ask_it(operation, **parameters)

    def _ask_it(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Without making a collection where there is none."""
        return aws.ask(operation, event_id=self._event_id, CollectionId=self.name, **parameters)

    def _ask_settling(self, operation: str, **parameters: Any) -> dict[str, Any]:
        for seconds in SETTLING_SECONDS:
            try:
                return self._ask(operation, **parameters)
            except aws.Rejected as rejected:
                if NOT_THERE_YET not in rejected.reason:
                    raise
                time.sleep(seconds)
        raise FaceMissing("face not found yet")

    def _pages(self) -> Iterator[RemoteFace]:
        more: dict[str, str] = {}
        while True:
            page = self._ask("ListFaces", MaxResults=MAX_ANSWERS, **more)
            for face in page["Faces"]:
                yield RemoteFace(face["FaceId"], face.get("ExternalImageId", ""))
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def sent(image: DecodedImage) -> bytes:
    """A JPEG that the service takes: upright, at most 5 MB, and no larger than is of use."""
    copy = image.at_least(SENT_SIDE).at_most(SENT_SIDE)
    for quality in SENT_QUALITIES:
        data = images.to_jpeg(copy, quality)
        if len(data) <= MAX_BYTES:
            return data
    return images.to_jpeg(copy.at_most(SENT_SIDE // 2), SENT_QUALITIES[-1])


def _alone(selfie: DecodedImage, box: Box) -> DecodedImage:
    """The face in the box with what is around it. Raises `UnusableSelfie`."""
    faces = selfie_check.faces_in(selfie)
    return crops.cut(selfie, selfie_check.chosen(selfie, faces, box), faces).image


def _indexed(record: dict[str, Any]) -> FoundFace:
    box, face = record["Face"]["BoundingBox"], record["Face"]
    left, top = max(0.0, box["Left"]), max(0.0, box["Top"])
    quality = record["FaceDetail"].get("Quality", {})
    return FoundFace(
        left=min(left, 1.0),
        top=min(top, 1.0),
        width=max(min(1.0, box["Left"] + box["Width"]) - left, 1e-6),
        height=max(min(1.0, box["Top"] + box["Height"]) - top, 1e-6),
        detection_score=face["Confidence"] / 100,
        quality=min(1.0, quality.get("Sharpness", 100.0) / 100),
        remote_face_id=face["FaceId"],
    )


def _similar(answer: dict[str, Any]) -> dict[str, float]:
    return {match["Face"]["FaceId"]: match["Similarity"] for match in answer["FaceMatches"]}


def _reason(answer: dict[str, Any]) -> str:
    reasons = [r for face in answer.get("UnindexedFaces", []) for r in face.get("Reasons", [])]
    return next((REASONS[reason] for reason in reasons if reason in REASONS), "no_face")
