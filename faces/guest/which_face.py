"""The question whose selfie it is, where a picture shows several faces: for the script that draws
them over the picture, and as a page for browsers without scripts.

The picture travels in that page and back: nothing of it is kept before the guest has answered.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from django.utils.translation import gettext as _

from faces.errors import UnusableSelfie
from faces.finding import enrolling
from faces.vision.boxes import Box
from faces.vision.selfie_check import SeveralFaces
from findme.refusals import Later, words_of
from photos.imaging import images
from photos.imaging.images import DecodedImage, UnusableImage

# Of a face's crop on the page, and how much of the face's own size is around it.
CROP_SIDE = 240
CROP_MARGIN = 0.25
CROP_QUALITY = 80


@dataclass(frozen=True)
class Face:
    """One of the faces. `reason`: why it cannot be taken, as people read it; empty where it can.
    `box` is what the form sends, `picture` an address that holds it."""

    box: Box
    label: str
    reason: str
    is_likely: bool
    picture: str


def for_scripts(several: SeveralFaces) -> dict[str, object]:
    """The faces' boxes in parts of the picture, and its size."""
    faces = [
        {
            "box": list(choice.box),
            "value": choice.box.written,
            "label": _label(number, several),
            "reason": words_of(choice.code) if choice.code else "",
            "likely": choice.is_likely,
        }
        for number, choice in enumerate(several.choices, start=1)
    ]
    return {"faces": faces, "width": several.image.width, "height": several.image.height}


def for_page(several: SeveralFaces) -> dict[str, object]:
    faces = [
        Face(
            box=choice.box,
            label=_label(number, several),
            reason=words_of(choice.code) if choice.code else "",
            is_likely=choice.is_likely,
            picture="data:image/jpeg;base64," + _cut(several.image, choice.box),
        )
        for number, choice in enumerate(several.choices, start=1)
    ]
    return {"faces": faces, "picture": _text(enrolling.kept_of(several.image))}


def shown_again(data: bytes) -> str:
    """A picture as text, to come back with the page that refuses something; empty where it cannot
    be shown."""
    try:
        return _text(enrolling.smaller(data))
    except (UnusableImage, UnusableSelfie, Later):
        return ""


def picture_of(text: str) -> bytes:
    """The picture that came back with the answer. Raises `UnusableSelfie`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableSelfie("not_an_image") from error


def box_of(text: str) -> Box | None:
    """The face that was chosen, where one was. Raises `UnusableSelfie`."""
    if not text:
        return None
    try:
        return Box.read(text)
    except ValueError as error:
        raise UnusableSelfie("no_such_face") from error


def _label(number: int, several: SeveralFaces) -> str:
    params = {"number": number, "count": len(several.choices)}
    return _("Face %(number)d of %(count)d, from the left") % params


def _cut(image: DecodedImage, box: Box) -> str:
    """A square around the face, as text."""
    x, y = box.middle[0] * image.width, box.middle[1] * image.height
    half = (0.5 + CROP_MARGIN) * max(box.width * image.width, box.height * image.height)
    left, top = max(0, int(x - half)), max(0, int(y - half))
    crop = image.pixels[top : int(y + half), left : int(x + half)].copy()
    return _text(images.to_jpeg(DecodedImage(crop).at_most(CROP_SIDE), CROP_QUALITY))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
