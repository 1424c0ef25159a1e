"""How many selfies were refused to an event's guests, and why: what their organizer can mend."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from faces.index.indexes import active_name
from faces.models import Enrollment, SelfieRefusal
from findme.refusals import words_of

_LIGHT = _("A lamp beside the QR code would help.")
_CLOSE = _("Ask beside the QR code for a picture from close by, straight into the camera.")
# What to do where this is what most of them were refused for.
REMEDIES: dict[str, str | Promise] = {
    "too_dark": _LIGHT,
    "blurred": _LIGHT,
    "too_bright": _("Hang the QR code in the shade."),
    "no_face": _CLOSE,
    "face_too_small": _CLOSE,
    "turned_away": _CLOSE,
    "sunglasses": _("Ask beside the QR code to take off sunglasses."),
}


@dataclass(frozen=True)
class Reason:
    """As guests read it, and how often."""

    words: str
    count: int


@dataclass(frozen=True)
class SelfieFigures:
    accepted: int
    refused: int
    reasons: list[Reason]
    remedy: str

    @property
    def percent(self) -> int:
        """Refused, of all that were sent."""
        return round(100 * self.refused / max(1, self.accepted + self.refused))


def of_event(event: Event) -> SelfieFigures:
    """Two queries. A guest who tries again is counted again."""
    refusals = list(SelfieRefusal.objects.in_event(event))
    first = refusals[0].code if refusals else ""
    return SelfieFigures(
        accepted=Enrollment.objects.in_event(event, active_name(event)).count(),
        refused=sum(each.count for each in refusals),
        reasons=[Reason(words_of(each.code), each.count) for each in refusals],
        remedy=str(REMEDIES.get(first, "")),
    )
