"""What guests were asked, where recognition was not sure, and how often it was right after all."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import Event
from faces.models import FaceMatch


@dataclass(frozen=True)
class Answers:
    """Of all guests together: nobody's own answers are counted apart."""

    asked: int
    answered: int
    right: int

    @property
    def right_percent(self) -> int:
        return round(100 * self.right / self.answered) if self.answered else 0


def of_event(event: Event) -> Answers:
    """One query. Questions of guests who withdrew went with their matches."""
    counts = (
        FaceMatch.objects.in_event(event)
        .questions()
        .aggregate(
            asked=Count("pk"),
            answered=Count("pk", filter=~Q(verdict=FaceMatch.Verdict.NONE)),
            right=Count("pk", filter=Q(verdict=FaceMatch.Verdict.ME)),
        )
    )
    return Answers(**counts)
