"""What another match threshold would change, before it is chosen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q, QuerySet

from events.models import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, Event, User
from faces.finding import matching, renewing
from faces.finding.comparing import Bands
from faces.finding.matching import Contests, Seen
from faces.finding.recognition import Limits
from faces.index.contract import FaceIndex
from faces.index.indexes import index_of
from faces.models import Candidate, FaceMatch, GuestModel, Rematch
from faces.vision.similarity import similarity
from photos.models import Photo

STEPS = (-10.0, -5.0, 5.0, 10.0)
SHOWN = 60
# So many candidates are looked at, a quarter of a second of work. Where there are more, those of
# some guests speak for all, and of no fewer than so many.
CANDIDATES = 5_000
GUESTS_LEAST = 20


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
    """`counts` in rising order of thresholds. `doubts`: the first of `doubt_count`.

    Where an event is large, counts are estimated from some of its guests (`sampled`, of `guests`);
    else `sampled` is None. Doubts are always real ones.
    """

    current: float
    other: float
    counts: list[Count]
    doubts: list[Doubt]
    doubt_count: int
    guests: int
    sampled: int | None

    def count_at(self, threshold: float) -> Count:
        return next(count for count in self.counts if count.threshold == threshold)


def may_lower(event: Event) -> bool:
    """Where only guests are looked for, nothing is kept of a face below the threshold."""
    return event.indexing != Event.Indexing.GUESTS_ONLY


def preview(event: Event, other: float) -> Preview:
    """Count the matches at some thresholds, and list those between the current one and `other`.

    From the candidates that are kept: models are not made anew, which would change little. The
    same number of queries whatever the number of thresholds, and the same work however large the
    event is.
    """
    current, index = event.match_threshold, index_of(event)
    thresholds = _thresholds(event, other)
    bands = dict(zip(thresholds, matching.bands(event, index, thresholds), strict=True))
    candidates = Candidate.objects.in_event(event, index.name).filter(
        Q(similarity__gte=bands[min(thresholds)].asked) | Q(band__in=["sure", "asked"])
    )
    sample = _sample(event, index, candidates)
    said, seen = _said(event, sample), _seen(event, candidates.filter(user__in=sample.users))
    contests = Contests(event, index, seen)
    judged = _judged(event, index, sample)
    special = {one for one in seen if _is_special(one, judged.get(one.user_id, bands[current]))}
    pairs = {
        threshold: _pairs(_at(seen, special, bands[threshold]), contests, said)
        for threshold in thresholds
    }
    low, high = pairs.get(min(current, other)), pairs.get(max(current, other))
    shown = low.shown if low and high else {}
    between = [seen for key, seen in shown.items() if high and key not in high.shown]
    counts = [
        Count(
            threshold,
            shown=sample.estimate(len(found.shown.keys() | said.me)),
            asked=sample.estimate(len(found.asked))
            if bands[threshold].asked >= bands[current].near
            else None,
        )
        for threshold, found in pairs.items()
    ]
    return Preview(
        current=current,
        other=other,
        counts=counts,
        doubts=_doubts(sorted(between, key=lambda seen: -seen.similarity)[:SHOWN], shown),
        doubt_count=sample.estimate(len(between)),
        guests=sample.guests,
        sampled=sample.sampled,
    )


def choose(event: Event, threshold: float) -> None:
    """Set the threshold, and have everybody matched again."""
    with transaction.atomic():
        locked = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        before, locked.match_threshold = locked.match_threshold, threshold
        locked.save(update_fields=["match_threshold"])
        renewing.start(locked, before=before)


def cancel(event: Event) -> Rematch | None:
    """End matching anew, and go back to the threshold of before where it was changed: those who
    were matched with the new one are matched once more. Returns how far it was; None where none
    was under way."""
    with transaction.atomic():
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        found = Rematch.objects.of(event).first()
        if found is None:
            return None
        if found.before is None:
            Rematch.objects.of(event).delete()
        else:
            choose(event, found.before)
    return found


@dataclass(frozen=True)
class _Sample:
    """Guests whose candidates are looked at: all, or as many as take bounded work. The same ones at
    each look, so that figures can be compared."""

    users: list[int]
    guests: int

    @property
    def sampled(self) -> int | None:
        return None if len(self.users) == self.guests else len(self.users)

    def estimate(self, count: int) -> int:
        """For all guests, what was counted for these: three digits, as more would be made up."""
        if self.sampled is None:
            return count
        return int(float(f"{count * self.guests / len(self.users):.3g}"))


def _sample(event: Event, index: FaceIndex, candidates: QuerySet[Candidate]) -> _Sample:
    users = matching.enrolled_users(event, index)
    shuffled = sorted(users, key=lambda user: hashlib.sha256(b"%d" % user).digest())
    if len(shuffled) <= GUESTS_LEAST:
        return _Sample(shuffled, len(shuffled))
    first = candidates.filter(user__in=shuffled[:GUESTS_LEAST])
    many = CANDIDATES * GUESTS_LEAST // max(1, first.count())
    return _Sample(shuffled[: max(GUESTS_LEAST, many)], len(shuffled))


def _seen(event: Event, candidates: QuerySet[Candidate]) -> list[Seen]:
    """Those in photos that guests see."""
    seen = matching.seen_of(candidates)
    photos = Photo.objects.in_event(event).visible().filter(pk__in={one.photo_id for one in seen})
    visible = set(photos.order_by().values_list("pk", flat=True))
    return [one for one in seen if one.photo_id in visible]


def _judged(event: Event, index: FaceIndex, sample: _Sample) -> dict[int, Bands]:
    """By guest, what their candidates were judged by: while everybody is matched anew that is the
    threshold of before for some."""
    models = GuestModel.objects.in_event(event, index.name).filter(user__in=sample.users)
    limits = {user: Limits(sure) for user, sure in models.values_list("user", "sure_at")}
    return {
        user: Bands(*map(similarity, (one.sure, one.asked, one.near)))
        for user, one in limits.items()
    }


def _is_special(one: Seen, judged: Bands) -> bool:
    """In doubt all the same, or sure by the guest's word: that stays at any threshold."""
    return one.band != judged.band_of(one.similarity)


def _at(seen: list[Seen], special: set[Seen], then: Bands) -> list[Seen]:
    """What these candidates would be at another threshold, before rivals are heard."""
    found = []
    for one in seen:
        band = one.band if one in special else then.band_of(one.similarity)
        if band in (FaceMatch.Band.SURE, FaceMatch.Band.ASKED):
            found.append(one if band == one.band else replace(one, band=band))
    return found


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


def _pairs(found: list[Seen], contests: Contests, said: _Said) -> _Pairs:
    pairs: _Pairs = _Pairs({}, {})
    for seen in contests.best_of(found):
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


def _said(event: Event, sample: _Sample) -> _Said:
    rows = FaceMatch.objects.in_event(event).filter(user__in=sample.users)
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
