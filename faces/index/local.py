"""The local face index: eyes on this machine's CPU, templates and matching in PostgreSQL."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from django.core.checks import Error
from numpy.typing import NDArray

from events.models import Event
from faces.errors import IndexUnavailable
from faces.index import templates
from faces.index.contract import Answers, EnrolledFace, FoundFace, Templates
from faces.index.models import EventIndex
from faces.index.templates import EventFaces
from faces.vision import engine, selfie_check
from faces.vision.boxes import Box
from faces.vision.detection import Detection, Floats, worth_matching
from photos.imaging.images import DecodedImage


class LocalIndex:
    """YuNet and SFace on the CPU; similarities from cosines by `faces.vision.similarity`."""

    is_remote: ClassVar[bool] = False
    service: ClassVar[str] = ""

    def __init__(self, row: EventIndex) -> None:
        self.row = row
        self.name = row.name
        self._event_id = row.event_id

    @staticmethod
    def row_fields(event: Event) -> dict[str, str]:
        return {"name": f"local-{engine.MODEL_NAME}", "model_version": engine.MODEL_NAME}

    @staticmethod
    def setting_errors() -> list[Error]:
        return []

    def enroll(self, selfie_id: int, selfie: DecodedImage, box: Box | None = None) -> EnrolledFace:
        self._check_model()
        described = engine.engine().describe(selfie, [selfie_check.check(selfie, box)])
        is_weak = bool(described.norms[0] < selfie_check.WEAK_NORM)
        return EnrolledFace(template=described.templates[0], advice="weak" if is_weak else "")

    def scan(
        self, photo_id: int, photo: DecodedImage, known: Answers | None = None
    ) -> list[FoundFace]:
        """Faces too small to match keep their box and have no template."""
        self._check_model()
        eyes = engine.engine()
        sight = eyes.look(photo)
        detections = sorted(sight.faces, key=worth_matching, reverse=True)
        matchable = [d for d in detections if worth_matching(d)]
        embedded = [*eyes.embed(sight.image, matchable)]
        return [
            found_face(detection, sight.image, embedded[i] if i < len(embedded) else None)
            for i, detection in enumerate(detections)
        ]

    def near(self, vector: NDArray[np.float64], at_least: float) -> Templates:
        return templates.near(self._event_id, self.name, vector, at_least)

    def in_memory(self) -> EventFaces:
        return EventFaces(self._event_id, self.name)

    def is_outdated(self) -> bool:
        return self.row.model_version != engine.MODEL_NAME

    def _check_model(self) -> None:
        """Another model's templates must not be mixed with this event's."""
        if self.is_outdated():
            raise IndexUnavailable(f"{self.name} needs reindex_event")


def found_face(face: Detection, photo: DecodedImage, template: Floats | None = None) -> FoundFace:
    """A detection in parts of the photo. Faces at the edge reach beyond it: cut there."""
    left, top = max(0.0, face.x / photo.width), max(0.0, face.y / photo.height)
    right = min(1.0, (face.x + face.width) / photo.width)
    bottom = min(1.0, (face.y + face.height) / photo.height)
    return FoundFace(
        left=left,
        top=top,
        width=max(right - left, 1e-6),
        height=max(bottom - top, 1e-6),
        detection_score=face.score,
        quality=face.quality,
        template=template,
    )
