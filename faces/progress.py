"""How far the machine is with an event, in figures that are true when they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import Event, User
from faces.index import active_name
from faces.models import Enrollment, PhotoScan, Selfie


@dataclass(frozen=True)
class Progress:
    """Photos of an event: all, looked at (with or without success), and failed."""

    total: int
    looked_at: int
    failed: int

    @property
    def finished(self) -> bool:
        return self.looked_at == self.total

    @property
    def percent(self) -> int:
        return 100 * self.looked_at // self.total if self.total else 100


def of_event(event: Event) -> Progress:
    """Counts from the scans themselves. One query."""
    scans = PhotoScan.objects.in_event(event, active_name(event))
    counts = scans.aggregate(
        total=Count("pk"),
        looked_at=Count("pk", filter=Q(state__in=["done", "failed"])),
        failed=Count("pk", filter=Q(state="failed")),
    )
    return Progress(**counts)


def is_enrolled(user: User, event: Event) -> bool:
    """Whether every usable selfie of a guest is in the event's index. One query."""
    selfies = Selfie.objects.of(user).accepted()
    enrolled = Enrollment.objects.in_event(event, active_name(event))
    return not selfies.exclude(pk__in=enrolled.values("selfie")).exists()
