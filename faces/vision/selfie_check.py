"""Whether a selfie shows its guest well enough to be compared with every face of an event."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faces.errors import UnusableSelfie
from faces.vision import coverings, engine
from faces.vision.alignment import aligned
from faces.vision.boxes import SAME_FACE, Box
from faces.vision.detection import FRONTAL_YAW, Detection
from faces.vision.detector import FAINT_SCORE, MIN_SCORE
from photos.imaging.images import DecodedImage

# It fills a good part of its picture: the small copy is enough.
SIDES = (640,)

# A selfie is compared with every face of an event, so it must be well above what just works.
MIN_HEIGHT_PIXELS = 80
# Darkened to 16..27 all are still found, at 10..18 93 %, at 7..9 40 %. Low on purpose:
# nobody is to be refused for dark skin, and the darkest of 116 faces in ordinary photos has 59.
MIN_BRIGHTNESS = 20
# Where nothing is found in a picture as dark as this (mean of all pixels), light comes first.
DARK_PICTURE = 25
# Overexposed by 1.5 (mean below 223 for nine in ten) a template keeps cosine 0.86 to the
# original, by 2.5 (211 to 248) 0.52.
MAX_BRIGHTNESS = 230
# Portraits are within 0.25, party faces that look past the camera within 0.45.
MAX_YAW = 0.45
# Of 500 people's portraits 0.4 % are below; of copies blurred so that 44 % of the photos are found
# 98 % (75 % are below 0.8, which it was), blurred by motion 56 % (29 %).
MIN_SHARPNESS = 1.4
# Of SFace's own answer. One portrait in a hundred has less, and finds 49 % of the photos where the
# others find 92 % (500 people).
WEAK_NORM = 9.0
# In six group pictures everybody who poses has 64 % of the largest face's height or more, the
# second largest 84 %. Who passes two arm's lengths behind a selfie has half of it or less.
COMPARABLE_HEIGHT = 0.6
# More faces than that are no selfie, and would not be told apart by a finger.
MOST_CHOICES = 12


@dataclass(frozen=True, eq=False)
class Seen:
    """The selfie's one face, which will do. `advice`: what would make another find more, a code."""

    face: Detection
    advice: str


@dataclass(frozen=True)
class Choice:
    """One of several faces. `code` says why it cannot be taken; empty where it can."""

    box: Box
    code: str
    is_likely: bool


class SeveralFaces(UnusableSelfie):
    """Whose selfie it is only the guest can tell. Choices are ordered from the left; one of those
    that can be taken is likely."""

    def __init__(self, image: DecodedImage, choices: list[Choice]) -> None:
        super().__init__("several_faces")
        self.image = image
        self.choices = choices


def check(image: DecodedImage, box: Box | None = None) -> Detection:
    """The one usable face, found and not described: see `look`."""
    return look(image, box).face


def look(image: DecodedImage, box: Box | None = None) -> Seen:
    """The usable face, found and not described: the one in the box, where the guest chose it.

    A box that no face of ours is in counts for nothing. Raises `UnusableSelfie`, and
    `SeveralFaces` where a choice is missing.
    """
    faces = faces_in(image)
    if not faces and float(image.pixels.mean()) < DARK_PICTURE:
        raise UnusableSelfie("too_dark")
    face = the_one(image, faces) if box is None else chosen(image, faces, box)
    if code := _unfit(image, face):
        raise UnusableSelfie(code)
    return Seen(face, advice=_advice(image, face) or "")


def faces_in(image: DecodedImage) -> list[Detection]:
    """Largest first, the faint ones too."""
    return engine.engine().detect(image, SIDES, FAINT_SCORE)


def the_one(image: DecodedImage, faces: list[Detection]) -> Detection:
    """The selfie's face: the largest, unless another comes near it. Raises `UnusableSelfie`."""
    clear = [face for face in faces if face.score >= MIN_SCORE]
    if not clear:
        codes = (_unfit(image, face) for face in faces)
        raise UnusableSelfie(next((code for code in codes if code), "no_face"))
    largest, *others = clear
    if any(face.height >= COMPARABLE_HEIGHT * largest.height for face in others):
        raise _several(image, clear)
    return largest


def chosen(image: DecodedImage, faces: list[Detection], box: Box) -> Detection:
    """The face that the guest tapped. Raises `UnusableSelfie`."""
    face = max(faces, key=lambda each: box_of(image, each).overlap(box), default=None)
    if face is None or box_of(image, face).overlap(box) < SAME_FACE:
        raise UnusableSelfie("no_such_face")
    return face


def box_of(image: DecodedImage, face: Detection) -> Box:
    """In parts of the picture; what of it lies outside is left out."""
    left, top = max(0.0, face.x / image.width), max(0.0, face.y / image.height)
    right = min(1.0, (face.x + face.width) / image.width)
    bottom = min(1.0, (face.y + face.height) / image.height)
    return Box(left, top, max(right - left, 1e-6), max(bottom - top, 1e-6))


def _several(image: DecodedImage, clear: list[Detection]) -> UnusableSelfie:
    """The question which face it is: of all that are large enough for a selfie, and those that are
    about as large as the largest. Where none can be taken, what is wrong with the likeliest."""
    least = min(MIN_HEIGHT_PIXELS, COMPARABLE_HEIGHT * clear[0].height)
    offered = [face for face in clear if face.height >= least][:MOST_CHOICES]
    offered.sort(key=lambda face: -_prominence(image, face))
    codes = {face: _unfit(image, face) or "" for face in offered}
    likely = next((face for face in offered if not codes[face]), None)
    if likely is None:
        return UnusableSelfie(codes[offered[0]])
    offered.sort(key=lambda face: face.x)
    choices = [Choice(box_of(image, face), codes[face], face is likely) for face in offered]
    return SeveralFaces(image, choices)


def _prominence(image: DecodedImage, face: Detection) -> float:
    """Large and in the middle. By size alone 38 of a hundred portraits with people behind would be
    taken for somebody at their edge (faces of LFW)."""
    x, y = box_of(image, face).middle
    return face.height * (1 - math.hypot(x - 0.5, y - 0.5))


def _unfit(image: DecodedImage, face: Detection) -> str | None:
    """Why a face cannot be enrolled: a code."""
    crop = aligned(image, face.landmarks)
    reasons = {
        "face_too_small": face.height < MIN_HEIGHT_PIXELS,
        "too_dark": face.brightness < MIN_BRIGHTNESS,
        "too_bright": face.brightness > MAX_BRIGHTNESS,
        "turned_away": abs(face.yaw) > MAX_YAW,
        "blurred": face.sharpness < MIN_SHARPNESS,
        "sunglasses": coverings.wears_sunglasses(crop),
    }
    return next((code for code, is_so in reasons.items() if is_so), None)


def _advice(image: DecodedImage, face: Detection) -> str | None:
    """What would make another selfie find more, though this one will do: a code."""
    advice = {
        "masked": coverings.wears_mask(aligned(image, face.landmarks)),
        "looks_aside": abs(face.yaw) > FRONTAL_YAW,
    }
    return next((code for code, is_so in advice.items() if is_so), None)
