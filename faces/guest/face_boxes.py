"""The faces of a photo as places to tap, drawn over it in the photo's own pixels."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from events.models import Event, User
from faces.finding import verdicts
from faces.models import Consent, Face
from photos.models import Photo

# A finger needs room: boxes are at least this part of the photo's longer side.
SMALLEST = 0.06


@dataclass(frozen=True)
class Place:
    """In pixels of the photo."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class FaceBox(Place):
    """`number` counts from the left."""

    face_id: int
    number: int
    is_me: bool
    is_chosen: bool


def of_photo(user: User, event: Event, photo: Photo, chosen: str) -> dict[str, object]:
    """What the page of a photo says of faces. Nothing of who the others are, or whether they are
    known: every face but the guest's own looks the same."""
    if not Consent.objects.of(user).in_event(event).in_force().exists():
        return {"may_correct": False}
    appearance = verdicts.appearance(user, photo)
    faces = verdicts.faces_in(photo)
    boxes = [_box(face, n, photo, appearance, chosen) for n, face in enumerate(faces, start=1)]
    return {
        "may_correct": True,
        "appearance": appearance,
        "boxes": boxes,
        "chosen": next((box for box in boxes if box.is_chosen), None),
    }


def place(face: Face, photo: Photo) -> Place:
    """Where a face is, large enough to be seen and tapped."""
    least = SMALLEST * max(photo.width, photo.height)
    width, height = max(face.width * photo.width, least), max(face.height * photo.height, least)
    middle = (face.left + face.width / 2) * photo.width
    centre = (face.top + face.height / 2) * photo.height
    return Place(
        left=round(_within(middle - width / 2, photo.width - width)),
        top=round(_within(centre - height / 2, photo.height - height)),
        width=round(width),
        height=round(height),
    )


def _box(
    face: Face, number: int, photo: Photo, appearance: verdicts.Appearance, chosen: str
) -> FaceBox:
    return FaceBox(
        **asdict(place(face, photo)),
        face_id=face.pk,
        number=number,
        is_me=face.pk == appearance.face_id,
        is_chosen=str(face.pk) == chosen,
    )


def _within(value: float, most: float) -> float:
    return max(0.0, min(value, most))
