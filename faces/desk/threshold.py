"""What another match threshold would change, before it is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from events.models import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, Event, User
from faces.finding import matching
from faces.finding.matching import Seen
from faces.index.indexes import index_of
from faces.models import Candidate, FaceMatch
from findme import jobs
from photos.models import Photo

STEPS = (-10.0, -5.0, 5.0, 10.0)
SHOWN = 60


@dataclass(frozen=True)
class Doubt:
    """A guest's match that one of two thresholds has and the other has not.

    `sure_face_id` is the face most like the guest's selfie, to compare with: selfies are shown to
    their owners only.
    """

    guest: str
    photo_id: int
    face_id: int
    sure_face_id: int | None
    similarity: float


@dataclass(frozen=True)
class Count:
    """How many (guest, photo) pairs a threshold shows, and how many it has guests asked about; None
    where too little is kept of faces to say."""

    threshold: float
    shown: int
    asked: int | None


@dataclass(frozen=True)
class Preview:
    """`counts` in rising order of thresholds. `doubts`: the first of `doubt_count`."""

    current: float
    other: float
    counts: list[Count]
    doubts: list[Doubt]
    doubt_count: int

    def count_at(self, threshold: float) -> Count:
        return next(count for count in self.counts if count.threshold == threshold)


def may_lower(event: Event) -> bool:
    """Where only guests are looked for, nothing is kept of a face below the threshold."""
    return event.indexing != Event.Indexing.GUESTS_ONLY


def preview(event: Event, other: float) -> Preview:
    """Count the matches at some thresholds, and list those between the current one and `other`.

    From the candidates that are kept: models are not made anew, which would change little. Five
    queries, whatever the number of thresholds.
    """
    current, index = event.match_threshold, index_of(event)
    candidates = _countable(event, Candidate.objects.in_event(event, index.name))
    said = _said(event)
    pairs = {
        threshold: _pairs(matching.would_decide(event, index, candidates, threshold), said)
        for threshold in _thresholds(event, other)
    }
    low, high = pairs.get(min(current, other)), pairs.get(max(current, other))
    shown = low.shown if low and high else {}
    between = [seen for key, seen in shown.items() if high and key not in high.shown]
    floor = matching.bands(event, index, current).near
    return Preview(
        current=current,
        other=other,
        counts=[
            Count(
                threshold,
                shown=len(found.shown.keys() | said.me),
                asked=len(found.asked)
                if matching.bands(event, index, threshold).asked >= floor
                else None,
            )
            for threshold, found in pairs.items()
        ],
        doubts=_doubts(sorted(between, key=lambda seen: -seen.similarity)[:SHOWN], shown),
        doubt_count=len(between),
    )


def choose(event: Event, threshold: float) -> None:
    """Set the threshold, and have everybody matched again."""
    with transaction.atomic():
        locked = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        locked.match_threshold = threshold
        locked.version += 1
        locked.save(update_fields=["match_threshold", "version"])
        jobs.enqueue("rematch", event.pk)


@dataclass(frozen=True)
class _Said:
    """What guests said stands at any threshold: (user, photo)."""

    me: set[tuple[int, int]]
    not_me: set[tuple[int, int]]


@dataclass(frozen=True)
class _Pairs:
    """What a threshold finds, by (user, photo), less what guests said of."""

    shown: dict[tuple[int, int], Seen]
    asked: dict[tuple[int, int], Seen]


def _pairs(found: list[Seen], said: _Said) -> _Pairs:
    pairs: _Pairs = _Pairs({}, {})
    for seen in found:
        key = seen.user_id, seen.photo_id
        if key not in said.me and key not in said.not_me:
            where = pairs.shown if seen.band == FaceMatch.Band.SURE else pairs.asked
            where[key] = seen
    return pairs


def _thresholds(event: Event, other: float) -> list[float]:
    around = {event.match_threshold + step for step in STEPS} | {other}
    lowest = LOWEST_THRESHOLD if may_lower(event) else event.match_threshold
    wanted = {value for value in around if lowest <= value <= HIGHEST_THRESHOLD}
    return sorted(wanted | {event.match_threshold})


def _countable(event: Event, candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Those in photos that guests see."""
    return candidates.filter(face__photo__in=Photo.objects.in_event(event).visible())


def _said(event: Event) -> _Said:
    rows = FaceMatch.objects.in_event(event)
    return _Said(
        set(rows.confirmed().visible().values_list("user_id", "photo_id")),
        set(rows.denied().values_list("user_id", "photo_id")),
    )


def _doubts(between: list[Seen], shown: dict[tuple[int, int], Seen]) -> list[Doubt]:
    names = User.objects.in_bulk({seen.user_id for seen in between})
    best: dict[int, Seen] = {}
    for seen in shown.values():
        if seen.user_id not in best or seen.similarity > best[seen.user_id].similarity:
            best[seen.user_id] = seen
    return [
        Doubt(
            guest=str(names.get(seen.user_id, "")),
            photo_id=seen.photo_id,
            face_id=seen.face_id,
            sure_face_id=_other_face(best[seen.user_id], seen),
            similarity=seen.similarity,
        )
        for seen in between
    ]


def _other_face(best: Seen, seen: Seen) -> int | None:
    return best.face_id if best.face_id != seen.face_id else None
