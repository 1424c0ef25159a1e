"""What another match threshold would change, before it is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from events.models import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, Event, User
from faces.index.contract import Hit
from faces.index.indexes import index_of
from faces.models import FaceMatch
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
class Preview:
    """`counts`: (threshold, matches) in rising order. `doubts`: the first of `doubt_count`."""

    current: float
    other: float
    counts: list[tuple[float, int]]
    doubts: list[Doubt]
    doubt_count: int

    def count_at(self, threshold: float) -> int:
        return dict(self.counts)[threshold]


def may_lower(event: Event) -> bool:
    """Where only guests are looked for, nothing is kept of a face below the threshold."""
    return event.indexing != Event.Indexing.GUESTS_ONLY


def preview(event: Event, other: float) -> Preview:
    """Count the matches at some thresholds, and list those between the current one and `other`.

    One search of the index, whatever the number of thresholds.
    """
    current = event.match_threshold
    thresholds = _thresholds(event, other)
    hits = _countable(event, index_of(event).search(at_least=thresholds[0]))
    said = _said_me(event)
    low, high = min(current, other), max(current, other)
    between = [
        hit
        for hit in hits
        if low <= hit.similarity < high and (hit.user_id, hit.photo_id) not in said
    ]
    return Preview(
        current=current,
        other=other,
        counts=[(threshold, _count(hits, said, threshold)) for threshold in thresholds],
        doubts=_doubts(sorted(between, key=lambda hit: -hit.similarity)[:SHOWN], hits),
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


def _thresholds(event: Event, other: float) -> list[float]:
    around = {event.match_threshold + step for step in STEPS} | {other}
    lowest = LOWEST_THRESHOLD if may_lower(event) else event.match_threshold
    wanted = {value for value in around if lowest <= value <= HIGHEST_THRESHOLD}
    return sorted(wanted | {event.match_threshold})


def _countable(event: Event, hits: Iterable[Hit]) -> list[Hit]:
    """Hits in photos that guests see, less those of which the guest said "not me"."""
    visible = set(Photo.objects.in_event(event).visible().values_list("pk", flat=True))
    denied = set(FaceMatch.objects.in_event(event).denied().values_list("user_id", "photo_id"))
    return [
        hit for hit in hits if hit.photo_id in visible and (hit.user_id, hit.photo_id) not in denied
    ]


def _said_me(event: Event) -> set[tuple[int, int]]:
    """What guests confirmed themselves counts at any threshold."""
    confirmed = FaceMatch.objects.in_event(event).confirmed().visible()
    return set(confirmed.values_list("user_id", "photo_id"))


def _count(hits: list[Hit], said: set[tuple[int, int]], threshold: float) -> int:
    found = {(hit.user_id, hit.photo_id) for hit in hits if hit.similarity >= threshold}
    return len(found | said)


def _doubts(between: list[Hit], hits: list[Hit]) -> list[Doubt]:
    names = User.objects.in_bulk({hit.user_id for hit in between})
    best: dict[int, Hit] = {}
    for hit in hits:
        if hit.user_id not in best or hit.similarity > best[hit.user_id].similarity:
            best[hit.user_id] = hit
    return [
        Doubt(
            guest=str(names.get(hit.user_id, "")),
            photo_id=hit.photo_id,
            face_id=hit.face_id,
            sure_face_id=_other_face(best[hit.user_id], hit),
            similarity=hit.similarity,
        )
        for hit in between
    ]


def _other_face(best: Hit, hit: Hit) -> int | None:
    return best.face_id if best.face_id != hit.face_id else None
