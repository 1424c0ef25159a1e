"""Whether a selfie shows one face well enough to be compared with every face of an event."""

from __future__ import annotations

from faces.errors import UnusableSelfie
from faces.vision import engine
from faces.vision.detection import Detection
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
# Blur of sigma 2/112 of the face (1.1 and more for nine in ten): all found. Sigma 4/112 (at
# most 0.7): 24 %; motion of 16/112 (at most 0.9 for nine in ten): 26 %.
MIN_SHARPNESS = 0.8
# In six group pictures everybody who poses has 64 % of the largest face's height or more, the
# second largest 84 %. Who passes two arm's lengths behind a selfie has half of it or less.
COMPARABLE_HEIGHT = 0.6


def check(image: DecodedImage) -> Detection:
    """The one usable face, found and not described. Raises `UnusableSelfie`."""
    faces = engine.engine().detect(image, SIDES, FAINT_SCORE)
    if not faces and float(image.pixels.mean()) < DARK_PICTURE:
        raise UnusableSelfie("too_dark")
    face = _the_one(faces)
    if code := _unfit(face):
        raise UnusableSelfie(code)
    return face


def _the_one(faces: list[Detection]) -> Detection:
    """The selfie's face: the largest, unless another comes near it. Raises `UnusableSelfie`."""
    clear = [face for face in faces if face.score >= MIN_SCORE]
    if not clear:
        raise UnusableSelfie(next((code for face in faces if (code := _unfit(face))), "no_face"))
    largest, *others = clear
    if any(face.height >= COMPARABLE_HEIGHT * largest.height for face in others):
        raise UnusableSelfie("several_faces")
    return largest


def _unfit(face: Detection) -> str | None:
    """Why a face cannot be enrolled: a code."""
    reasons = {
        "face_too_small": face.height < MIN_HEIGHT_PIXELS,
        "too_dark": face.brightness < MIN_BRIGHTNESS,
        "too_bright": face.brightness > MAX_BRIGHTNESS,
        "turned_away": abs(face.yaw) > MAX_YAW,
        "blurred": face.sharpness < MIN_SHARPNESS,
    }
    return next((code for code, is_so in reasons.items() if is_so), None)
