"""How far the machine is with an event and a guest, in figures true when they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from events.models import Event, User
from faces.index import face_index
from faces.models import Consent, Enrollment, PhotoScan, Selfie

UNFINISHED = [PhotoScan.State.QUEUED, PhotoScan.State.RUNNING]


@dataclass(frozen=True)
class Progress:
    """Photos of an event: all, looked at (with or without success), and failed; their faces."""

    total: int
    looked_at: int
    failed: int
    faces: int = 0

    @property
    def seen(self) -> int:
        return self.looked_at - self.failed

    @property
    def waiting(self) -> int:
        return self.total - self.looked_at

    @property
    def percent(self) -> int:
        return 100 * self.looked_at // self.total if self.total else 100


@dataclass(frozen=True)
class Standing:
    """Where a guest stands in an event. All false: nobody looks for them."""

    has_selfie: bool
    is_enrolled: bool
    is_scanning: bool

    @property
    def is_waiting(self) -> bool:
        """Whether photos may still be found without anything new happening."""
        return self.has_selfie and (self.is_scanning or not self.is_enrolled)


def of_event(event: Event) -> Progress:
    """Counts from the scans themselves. One query."""
    scans = PhotoScan.objects.in_event(event, face_index().name)
    counts = scans.aggregate(
        total=Count("pk"),
        looked_at=Count("pk", filter=~Q(state__in=UNFINISHED)),
        failed=Count("pk", filter=Q(state=PhotoScan.State.FAILED)),
        faces=Coalesce(Sum("face_count"), 0),
    )
    return Progress(**counts)


def standing(user: User, event: Event) -> Standing:
    """One query, of a few looks into indexes. It is asked every two seconds."""
    index_name = face_index().name
    enrolled = Enrollment.objects.in_event(event, index_name).filter(selfie=OuterRef("pk"))
    selfies = Selfie.objects.of(user).accepted()
    scans = PhotoScan.objects.in_event(event, index_name).filter(state__in=UNFINISHED)
    consents, has_accepted, lacks_enrollment, is_scanning = (
        Event.objects.filter(pk=event.pk)
        .order_by()
        .values_list(
            Exists(Consent.objects.of(user).in_event(event).in_force()),
            Exists(selfies),
            Exists(selfies.exclude(Exists(enrolled))),
            Exists(scans),
        )
        .get()
    )
    has_selfie = consents and has_accepted
    return Standing(
        has_selfie=has_selfie,
        is_enrolled=has_selfie and not lacks_enrollment,
        is_scanning=is_scanning,
    )
