"""How far an event is, for its organizers: what came in, what was found, how long it will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from events.models import Event
from faces.finding import progress as scan_progress
from faces.finding.progress import ScanProgress
from faces.index.indexes import active_name
from faces.models import FaceMatch, PhotoScan
from faces.querysets import PhotoScanQuerySet
from findme.refusals import words_of
from photos.intake import batches
from photos.intake.batches import Unfinished
from photos.models import Photo

# The pace is that of the last minutes, and of the work that waits: what was done before a pause
# says nothing of now. Not of less than some seconds, or it would jump.
PACE_LONGEST = timedelta(minutes=2)
PACE_SHORTEST = timedelta(seconds=20)


@dataclass(frozen=True)
class Reason:
    """Why photos could not be looked at: a code, in words, and how many."""

    code: str
    text: str
    count: int


@dataclass(frozen=True, kw_only=True)
class DeskProgress(ScanProgress):
    """What organizers see beside it. `per_minute` and `minutes_left` are None while nothing is
    known."""

    matches: int
    guests_found: int
    per_minute: float | None
    reasons: list[Reason]
    uploads: list[Unfinished]

    @property
    def expected(self) -> int:
        """The photos that are there, and those that browsers began to send."""
        return self.total + sum(upload.missing for upload in self.uploads)

    @property
    def minutes_left(self) -> int | None:
        """Rounded up: at least one while anything waits."""
        if self.is_complete or not self.per_minute:
            return None
        return max(1, round(self.waiting / self.per_minute + 0.49))


def of_event(event: Event) -> DeskProgress:
    """Three queries, one more while photos wait and one where some failed; all by the event's index
    entries."""
    progress = scan_progress.of_event(event)
    scans = PhotoScan.objects.in_event(event, active_name(event)).of_kept(event)
    binned = Photo.objects.in_event(event).binned().values("pk")
    found = FaceMatch.objects.in_event(event).counting().exclude(photo__in=binned)
    return DeskProgress(
        **vars(progress),
        **found.aggregate(matches=Count("pk"), guests_found=Count("user", distinct=True)),
        per_minute=_per_minute(scans, progress.waiting_since) if progress.waiting_since else None,
        reasons=_reasons(scans) if progress.failed else [],
        uploads=batches.unfinished(event),
    )


def _per_minute(scans: PhotoScanQuerySet, waiting_since: datetime) -> float | None:
    now = timezone.now()
    since = max(now - PACE_LONGEST, min(waiting_since, now - PACE_SHORTEST))
    finished = scans.done().finished_since(since).count()
    return finished / (now - since).total_seconds() * 60 or None


def _reasons(scans: PhotoScanQuerySet) -> list[Reason]:
    failed = scans.failed().values_list("failure_code")
    counted = failed.annotate(count=Count("pk")).order_by("-count")
    return [Reason(code, words_of(code), count) for code, count in counted]
