"""What can be wrong with a face, and whose fault it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.functional import Promise

from photos.images import MESSAGES as IMAGE_MESSAGES

SELFIE_MESSAGES: dict[str, str | Promise] = {
    **IMAGE_MESSAGES,
    "no_face": _("We see no face in this picture. Hold the camera at eye level, facing you."),
    "several_faces": _("There is more than one face. Please take a picture of you alone."),
    "face_too_small": _("Your face is too small in this picture. Come closer."),
    "too_dark": _("It is too dark to see your face well. Turn towards the light."),
    "too_bright": _("There is too much light on your face. Turn away from the sun or lamp."),
    "blurred": _("The picture is blurred. Hold still for a moment and try again."),
    "turned_away": _("Please look straight into the camera."),
    "too_many_selfies": _("You already have five selfies. Remove one first."),
}


class UnusableSelfie(Exception):
    """The picture's fault. `code` is stable, `message` is for the guest."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        return str(SELFIE_MESSAGES[self.code])


class IndexUnavailable(Exception):
    """The face index does not answer: the work is to be done later."""
