"""Which faces are good enough to be indexed, and how faces are described in an answer."""

from __future__ import annotations

from dataclasses import dataclass

from faces.vision.detection import MIN_HEIGHT_PIXELS
from tests.rekognition.server.eyes import SeenFace
from tests.rekognition.server.wire import Structure


@dataclass(frozen=True)
class Bar:
    min_height_pixels: float = 0
    max_yaw: float = 180
    min_confidence: float = 0
    min_brightness: float = 0
    min_sharpness: float = 0


# The service's own bars are secret. AUTO and LOW here ask what the local index asks of a face, so
# that both indexes match the same faces of a photo; the others ask more.
LOWEST = Bar(MIN_HEIGHT_PIXELS)
BARS = {
    "NONE": Bar(),
    "AUTO": LOWEST,
    "LOW": LOWEST,
    "MEDIUM": Bar(40, 40, 80, 10, 50),
    "HIGH": Bar(64, 25, 85, 20, 70),
}


def sort_out(
    seen: list[SeenFace], quality_filter: str, max_faces: int
) -> tuple[list[SeenFace], list[Structure]]:
    """The faces to index, in the order they come in, and the others with the reasons.

    Quality decides first; of those left the first are taken.
    """
    bar = BARS[quality_filter]
    good = [face for face in seen if not _reasons(face, bar)]
    unindexed = [(face, _reasons(face, bar)) for face in seen if _reasons(face, bar)]
    unindexed += [(face, ["EXCEEDS_MAX_FACES"]) for face in good[max_faces:]]
    return good[:max_faces], [
        {"Reasons": reasons, "FaceDetail": detail(face)} for face, reasons in unindexed
    ]


def box(face: SeenFace) -> dict[str, float]:
    return {"Width": face.width, "Height": face.height, "Left": face.left, "Top": face.top}


def detail(face: SeenFace) -> Structure:
    """The attributes DEFAULT; of the others this server knows nothing."""
    return {
        "BoundingBox": box(face),
        "Landmarks": [{"Type": name, "X": x, "Y": y} for name, (x, y) in face.landmarks.items()],
        # Five landmarks do not say how far a face looks up or down.
        "Pose": {"Roll": face.roll, "Yaw": face.yaw, "Pitch": 0.0},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
        "Confidence": face.confidence,
    }


def _reasons(face: SeenFace, bar: Bar) -> list[str]:
    reasons = {
        "SMALL_BOUNDING_BOX": face.height_pixels < bar.min_height_pixels,
        "EXTREME_POSE": abs(face.yaw) >= bar.max_yaw,
        "LOW_CONFIDENCE": face.confidence < bar.min_confidence,
        "LOW_BRIGHTNESS": face.brightness < bar.min_brightness,
        "LOW_SHARPNESS": face.sharpness < bar.min_sharpness,
    }
    return [reason for reason, is_so in reasons.items() if is_so]
