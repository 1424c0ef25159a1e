"""From candidates to matches: who is in which photo, when all guests are heard.

A face belongs to one guest: the one whose own model it is most like. What this takes from another
who would be shown the photo, that other is asked about; nobody learns of whom else it may be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pglock
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event
from faces.finding import answers, comparing
from faces.finding.comparing import Bands
from faces.index.contract import FaceIndex
from faces.index.indexes import has_templates, index_of, indexes_of
from faces.models import Candidate, Consent, Enrollment, Face, FaceMatch, GuestModel
from faces.querysets import FaceMatchQuerySet

Band = FaceMatch.Band

# Two guests' models as near as this are of one person, who joined twice: neither takes a face from
# the other. Models of one person at one event share most faces and have 0.97 and more.
SAME_PERSON_COSINE = 0.9
# Guests whose candidates are made and whose matches are written in one transaction. Compared in
# memory, so many products with 200,000 faces are 50 MB.
BLOCK = 64


@dataclass(frozen=True)
class Seen:
    """A candidate of a guest, with its photo."""

    user_id: int
    photo_id: int
    face_id: int
    taken_at: datetime
    similarity: float
    strength: float
    band: str

    @property
    def rank(self) -> tuple[bool, float, int]:
        return self.band == Band.SURE, self.similarity, -self.face_id


@contextmanager
def matching(event_id: int, *, with_others: bool) -> Iterator[None]:
    """A transaction that writes one side of the event's matches.

    Photos publish their faces beside one another (`with_others`); whoever changes the guests'
    side is alone. Without this, a guest and a photo that commit at the same moment would each
    miss the other, and the match would be lost.
    """
    with transaction.atomic():
        lock = f"findme.matching.{event_id}"
        pglock.advisory(lock, shared=with_others, xact=True).acquire()  # until the commit
        yield


def match_photo(event: Event, index: FaceIndex, photo_id: int, left: Collection[int] = ()) -> int:
    """Compare a photo's stored faces with everybody enrolled in the index. Within `matching`.

    `left` is what `comparing.touched` said of the photo's faces of before. Returns in how many
    guests' photos it now is.
    """
    if has_templates(index):
        comparing.compare_photo(index, event, photo_id, left)
    elif event.indexing == Event.Indexing.GUESTS_ONLY:
        _take_answers(event, index, sorted(enrolled_users(event, index)), photo_id)
    if index.name != index_of(event).name:
        return 0
    candidates = Candidate.objects.in_event(event, index.name).filter(face__photo=photo_id)
    old = _replaceable(event, index).filter(photo_id=photo_id)
    return _replace(event, old, _decided(event, index, _seen(candidates.claiming())))


def match_guests(event: Event, index: FaceIndex, user_ids: Sequence[int]) -> int:
    """Compare all selfies of these guests with the index's stored faces. Within `matching`, alone.

    Other guests' matches change too, where a face is claimed by both. Returns how many photos the
    guests now have.
    """
    if has_templates(index) and index.is_outdated():
        # Another model's templates wait for `reindex_event`, and its matches stay as they are; but
        # nothing stays of who is no longer enrolled.
        gone = set(user_ids) - enrolled_users(event, index)
        for model in (Candidate, GuestModel):
            model.objects.filter(event=event, index_name=index.name, user__in=gone).delete()
        return publish(event, index, gone) if index.name == index_of(event).name else 0
    before = _rivals(event, index, user_ids)
    if has_templates(index):
        comparing.compare_guests(index, event, user_ids)
    else:
        _take_answers(event, index, user_ids)
    if index.name != index_of(event).name:
        return 0
    publish(event, index, (before | _rivals(event, index, user_ids)) - {*user_ids})
    return publish(event, index, user_ids)


def match_guest(event: Event, user_id: int) -> None:
    """`match_guests` of one guest, in each index of the event. Within `matching`, alone."""
    for index in indexes_of(event):
        match_guests(event, index, [user_id])


def match_everybody(event: Event) -> int:
    """Match all guests with all photos again, as after a change of threshold. Block by block: who
    dies in between leaves the others' models marked, and the sweep goes on."""
    index = index_of(event)
    with matching(event.pk, with_others=False):
        GuestModel.objects.in_event(event, index.name).mark_stale()
    users = sorted(enrolled_users(event, index) | _matched_users(event))
    found = 0
    for block in blocks(users):
        with matching(event.pk, with_others=False):
            found += match_guests(event, index, block)
    return found


def publish(event: Event, index: FaceIndex, user_ids: Iterable[int]) -> int:
    """Make these guests' matches those of their candidates. Within `matching`, alone. Returns how
    many photos they are surely in."""
    users = sorted(set(user_ids))
    old = _replaceable(event, index).filter(user__in=users)
    if index.is_remote:
        # Who agreed to it late keeps what the index before found, until a photo is looked at
        # again: its faces may have gone meanwhile (`faces.privacy.unclaimed`).
        late = Enrollment.objects.in_event(event, index.name).values("selfie__user")
        old = old.exclude(face=None, band=Band.SURE, verdict="", user__in=late)
    candidates = Candidate.objects.in_event(event, index.name).filter(user__in=users)
    return _replace(event, old, _decided(event, index, _seen(candidates.claiming())))


def publish_all(event: Event) -> int:
    """`publish` everybody, as an index takes over whose candidates are made. Within `matching`."""
    index = index_of(event)
    users = sorted(enrolled_users(event, index) | _matched_users(event))
    return sum(publish(event, index, block) for block in blocks(users))


def bands(event: Event, index: FaceIndex, threshold: float) -> Bands:
    """What a threshold of the event means in the index's similarities."""
    if has_templates(index):
        return comparing.bands(index, event, threshold)
    return answers.bands(threshold)


def would_decide(
    event: Event, index: FaceIndex, candidates: QuerySet[Candidate], threshold: float
) -> list[Seen]:
    """What these candidates would come to at another threshold."""
    current, other = bands(event, index, event.match_threshold), bands(event, index, threshold)
    seen = []
    for one in _seen(candidates):
        # In doubt all the same, or sure by the guest's word: that stays at any threshold.
        is_special = one.band != current.band_of(one.similarity)
        band = one.band if is_special else other.band_of(one.similarity)
        if band in (Band.SURE, Band.ASKED):
            seen.append(replace(one, band=band))
    return _decided(event, index, seen)


def enrolled_users(event: Event, index: FaceIndex) -> set[int]:
    enrolled = Enrollment.objects.in_event(event, index.name)
    return set(enrolled.values_list("selfie__user", flat=True))


def blocks(user_ids: Sequence[int]) -> Iterator[list[int]]:
    for i in range(0, len(user_ids), BLOCK):
        yield [*user_ids[i : i + BLOCK]]


def forget_strangers(event: Event, faces: QuerySet[Face]) -> None:
    """Where only guests are looked for, no template of anyone else is ever committed.

    To be called in the transaction that stored faces or removed matches. A face that a guest is
    asked about is kept for the answer, and goes with a "no".
    """
    if event.indexing == Event.Indexing.GUESTS_ONLY:
        own = FaceMatch.objects.filter(face=OuterRef("pk")).not_denied()
        # Faces of the index that is being built have their matches when it takes over.
        building = [index.name for index in indexes_of(event)[1:]]
        awaited = Candidate.objects.claiming().filter(face=OuterRef("pk"), index_name__in=building)
        strangers = faces.filter(~Exists(own), ~Exists(awaited), template__isnull=False)
        strangers.update(template=None)
        local = [index.name for index in indexes_of(event) if has_templates(index)]
        forgotten = Candidate.objects.filter(event=event, index_name__in=local, face__in=faces)
        forgotten.filter(face__template=None).delete()


def _take_answers(
    event: Event, index: FaceIndex, user_ids: Sequence[int], photo_id: int | None = None
) -> None:
    """Candidates by what a remote index answered."""
    old = Candidate.objects.in_event(event, index.name).filter(user__in=user_ids)
    if photo_id is not None:
        old = old.filter(face__photo=photo_id)
    old.delete()
    levels = answers.bands(event.match_threshold)
    scored = answers.scored(index, event, levels, user_ids, photo_id)
    comparing.store(event, index.name, scored)


def _replaceable(event: Event, index: FaceIndex) -> FaceMatchQuerySet:
    """Not those of guests who did not agree to such an index: it has never seen them, and they
    keep what was found before, while they have a selfie."""
    consents = Consent.objects.in_event(event).in_force().not_covering(index.row.kind)
    keeping = consents.filter(user__selfies__state="accepted")
    return FaceMatch.objects.in_event(event).exclude(user__in=keeping.values("user"))


def _matched_users(event: Event) -> set[int]:
    matched = FaceMatch.objects.in_event(event).unsaid().order_by()
    return set(matched.values_list("user", flat=True).distinct())


def _rivals(event: Event, index: FaceIndex, user_ids: Sequence[int]) -> set[int]:
    """Everybody who claims a face that one of these guests claims."""
    claims = Candidate.objects.in_event(event, index.name).claiming().filter(user__in=user_ids)
    faces = list(claims.order_by().values_list("face", flat=True).distinct())
    rivals = Candidate.objects.claiming().filter(face__in=faces).order_by()
    return set(rivals.values_list("user", flat=True).distinct())


def _seen(candidates: QuerySet[Candidate]) -> list[Seen]:
    rows = candidates.values_list(
        "user", "face__photo", "face", "face__photo__taken_at", "similarity", "strength", "band"
    )
    return [Seen(*row) for row in rows]


def _decided(event: Event, index: FaceIndex, seen: list[Seen]) -> list[Seen]:
    """The best face of each guest and photo, after all who claim it are heard."""
    contests = _Contests(event, index, seen)
    best: dict[tuple[int, int], Seen] = {}
    for one in seen:
        decided = contests.decide(one)
        if decided is None:
            continue
        key = decided.user_id, decided.photo_id
        if key not in best or decided.rank > best[key].rank:
            best[key] = decided
    return [best[key] for key in sorted(best)]


class _Contests:
    """Who else claims the faces of some candidates, and how strongly."""

    def __init__(self, event: Event, index: FaceIndex, seen: list[Seen]) -> None:
        claims = Candidate.objects.claiming().filter(face__in={one.face_id for one in seen})
        self._claims: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for face_id, user_id, strength in claims.values_list("face", "user", "strength"):
            self._claims[face_id].append((user_id, strength))
        contested = {
            user_id
            for claimed in self._claims.values()
            if len(claimed) > 1
            for user_id, _strength in claimed
        }
        models = GuestModel.objects.in_event(event, index.name).filter(user__in=contested)
        self._models = {
            user_id: np.asarray(second, np.float64)
            for user_id, second in models.values_list("user", "second")
        }

    def decide(self, one: Seen) -> Seen | None:
        if not self._is_another_s(one):
            return one
        if one.band == Band.SURE:
            return replace(one, band=Band.ASKED)
        return None

    def _is_another_s(self, one: Seen) -> bool:
        return any(
            strength > one.strength and not self._are_one(user_id, one.user_id)
            for user_id, strength in self._claims[one.face_id]
        )

    def _are_one(self, one: int, other: int) -> bool:
        if one == other:
            return True
        if one not in self._models or other not in self._models:
            return False
        return float(self._models[one] @ self._models[other]) >= SAME_PERSON_COSINE


def _replace(event: Event, old: FaceMatchQuerySet, seen: list[Seen]) -> int:
    """Make the stored matches those of `seen`, writing only what changes: each change is news to
    its guest's page. What a guest said of a photo stays as it is, and so does the face it was said
    of. Returns how many of them are sure."""
    there = {(row.user_id, row.photo_id): row for row in old}
    wanted = {(one.user_id, one.photo_id): one for one in seen}
    gone = [
        row.pk
        for key, row in there.items()
        if not row.verdict and (key not in wanted or _is_found_now(row, wanted[key]))
    ]
    if gone:
        FaceMatch.objects.filter(pk__in=gone).delete()
    FaceMatch.objects.bulk_create(
        [
            _match(event, one)
            for key, one in wanted.items()
            if key not in there or (not there[key].verdict and _differs(there[key], one))
        ],
        update_conflicts=True,
        unique_fields=["user", "photo"],
        update_fields=["face", "taken_at", "similarity", "band"],
        batch_size=1000,
    )
    return sum(one.band == Band.SURE for one in seen)


def _is_found_now(row: FaceMatch, one: Seen) -> bool:
    """What was asked about and is sure by now is a new match: notices go by when rows came."""
    return row.band == Band.ASKED and one.band == Band.SURE


def _differs(row: FaceMatch, one: Seen) -> bool:
    return (row.face_id, row.band, row.similarity) != (one.face_id, one.band, one.similarity)


def _match(event: Event, one: Seen) -> FaceMatch:
    return FaceMatch(
        user_id=one.user_id,
        photo_id=one.photo_id,
        face_id=one.face_id,
        event=event,
        taken_at=one.taken_at,
        similarity=one.similarity,
        band=one.band,
    )
