"""How far the machine is with an event and a guest, in figures true when they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Min, QuerySet, Sum

from events.models import Event, User
from events.visits import Part, Visitor
from faces.consent_models import AskedAgain, asked_again, covers
from faces.finding import renewing, searching
from faces.index.implementations import implementation
from faces.index.indexes import active_name
from faces.models import Consent, PhotoScan, Selfie
from faces.querysets import IS_FAILED, IS_UNFINISHED
from findme.compiled_query import CompiledValues
from findme.refusals import words_of

COLUMNS = (
    "has_selfie",
    "is_enrolled",
    "is_scanning",
    "kind",
    "is_stale",
    "wants_notices",
    "advice",
    "building",
    "agreed_kind",
    "agreed_indexing",
)
GUEST_PROGRESS = f"SELECT {', '.join(COLUMNS)} FROM faces_guest_progress(%s, %s)"  # noqa: S608
# For a short way: of whoever asks.
OF_VISIT = Part("faces_guest_progress((visit.event).id, (visit.account).id)", COLUMNS)

# From so many photos on, counting them takes longer than all else that a guest's page asks for, and
# all guests who wait ask for it every two seconds: it is done once a second and process.
MANY_PHOTOS = 5_000
KEPT_SECONDS = 1


def _counted(event_id: int) -> QuerySet[PhotoScan, Any]:
    """What a `ScanProgress` is made of; no row where there are no scans."""
    event = Event(pk=event_id)
    scans = PhotoScan.objects.in_event(event, active_name(event)).of_kept(event).order_by()
    counts = {
        "total": Count("pk"),
        "looked_at": Count("pk", filter=~IS_UNFINISHED),
        "failed": Count("pk", filter=IS_FAILED),
        "faces": Sum("face_count", default=0),
        "waiting_since": Min("available_at", filter=IS_UNFINISHED),
    }
    return scans.values("event_id").annotate(**counts).values_list(*counts)


SCANS = CompiledValues(_counted, int)


@dataclass(frozen=True)
class ScanProgress:
    """Photos of an event: all, looked at (with or without success), and failed; their faces."""

    total: int
    looked_at: int
    failed: int
    faces: int = 0
    # Since when the longest waiting photo is due. Not in the repr, which is part of what pages are
    # revalidated by: it moves while the page stays as it is.
    waiting_since: datetime | None = field(default=None, repr=False)

    @property
    def seen(self) -> int:
        return self.looked_at - self.failed

    @property
    def waiting(self) -> int:
        return self.total - self.looked_at

    @property
    def is_complete(self) -> bool:
        """Whether every photo is looked at, also where there is none. A remote index may still have
        to be searched."""
        return self.waiting == 0

    @property
    def percent(self) -> int:
        return 100 * self.looked_at // self.total if self.total else 100


@dataclass(frozen=True)
class GuestProgress:
    """How far the search for a guest in an event is. All false: nobody looks for them.

    `wants_notices`: by e-mail, of new photos.
    """

    has_selfie: bool
    is_enrolled: bool
    is_scanning: bool
    # Photos were added that a remote index was not asked about yet, or that may change what the
    # guest is known by.
    is_behind: bool = False
    wants_notices: bool = False
    # What would make another selfie find more, a code; empty where there are two or more already.
    advice: str = ""
    # What the guest must agree to anew; and that nothing more is found until they do, because
    # another kind of index is in use than the one they agreed to.
    asked_again: AskedAgain | None = None
    is_stopped: bool = False

    @property
    def advice_words(self) -> str:
        return words_of(self.advice)

    @property
    def is_waiting(self) -> bool:
        """Whether photos may still be found without anything new happening."""
        is_busy = self.is_scanning or self.is_behind or not self.is_enrolled
        return self.has_selfie and not self.is_stopped and is_busy


def of_event(event: Event) -> ScanProgress:
    """Counts from the scans themselves. One query."""
    counts = SCANS.first(event.pk)
    return ScanProgress(*counts) if counts else ScanProgress(0, 0, 0)


def of_event_lately(event: Event) -> ScanProgress:
    """The same; where photos are many, up to a second old."""
    kept, key = caches["galleries"], f"scans:{event.pk}"
    found: ScanProgress | None = kept.get(key)
    if found is None:
        found = of_event(event)
        if found.total >= MANY_PHOTOS:
            kept.set(key, found, KEPT_SECONDS)
    return found


def of_guest(user: User, event: Event) -> GuestProgress:
    """One query, of a few looks into indexes, where recognition is local. Asked every two seconds.

    That the guest looks is what has new photos searched, and their model made anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(GUEST_PROGRESS, [event.pk, user.pk])
        row = cursor.fetchone()
    return _of_row(user, event, dict(zip(COLUMNS, row, strict=True)))


def of_visitor(visitor: Visitor) -> GuestProgress:
    """The same of a visitor who was found with `OF_VISIT`."""
    return _of_row(visitor.user, visitor.event, visitor.more)


def _of_row(user: User, event: Event, row: Mapping[str, Any]) -> GuestProgress:
    has_selfie, kind, advice = row["has_selfie"], row["kind"], row["advice"]
    is_behind = has_selfie and row["is_stale"]
    if is_behind:
        renewing.ask_for(event, user)
    if has_selfie and row["is_enrolled"] and kind is not None and implementation(kind).is_remote:
        is_behind = searching.is_behind(event, user)
        if is_behind:
            searching.ask_for(event, user)
    return GuestProgress(
        has_selfie,
        has_selfie and row["is_enrolled"],
        row["is_scanning"],
        is_behind,
        row["wants_notices"],
        "" if advice in (None, Selfie.DECLINED) else advice,
        _asked_again(event, row) if has_selfie else None,
        has_selfie and kind is not None and not covers(row["agreed_kind"], kind),
    )


def _asked_again(event: Event, row: Mapping[str, Any]) -> AskedAgain | None:
    consent = Consent(index_kind=row["agreed_kind"], indexing=row["agreed_indexing"])
    return asked_again(consent, filter(None, [row["kind"], row["building"]]), event.indexing)
