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
from faces.finding.comparing import Bands, Contested
from faces.index.contract import FaceIndex, FacesInMemory
from faces.index.indexes import has_templates, index_of, indexes_of
from faces.models import Candidate, Consent, Enrollment, Face, FaceMatch, GuestModel
from faces.querysets import FaceMatchQuerySet
from photos.models import Photo

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
        _take_answers_of_photo(event, index, photo_id)
    if index.name != index_of(event).name:
        return 0
    candidates = Candidate.objects.in_event(event, index.name).filter(face__photo=photo_id)
    old = _replaceable(event, index).filter(photo_id=photo_id)
    return _replace(event, old, decided(event, index, seen_of(candidates.claiming())))


def match_guests(
    event: Event, index: FaceIndex, user_ids: Sequence[int], faces: FacesInMemory | None = None
) -> int:
    """Compare all selfies of these guests with the index's stored faces. Within `matching`, alone.

    Other guests' matches change too, where a face is claimed by both. `faces` are the index's, for
    whoever matches many one after the other. Returns how many photos the guests now have.
    """
    if has_templates(index) and index.is_outdated():
        # Another model's templates wait for `reindex_event`, and its matches stay as they are; but
        # nothing stays of who is no longer enrolled.
        gone = set(user_ids) - enrolled_users(event, index)
        for model in (Candidate, GuestModel):
            model.objects.filter(event=event, index_name=index.name, user__in=gone).delete()
        return publish(event, index, gone) if index.name == index_of(event).name else 0
    if has_templates(index):
        contested = comparing.compare_guests(index, event, user_ids, faces)
    else:
        contested = _take_answers(event, index, user_ids)
    if index.name != index_of(event).name:
        return 0
    _hear_rivals(event, index, contested, user_ids)
    return publish(event, index, user_ids)


def match_guest(event: Event, user_id: int) -> None:
    """`match_guests` of one guest, in each index of the event. Within `matching`, alone."""
    for index in indexes_of(event):
        match_guests(event, index, [user_id])


def publish(event: Event, index: FaceIndex, user_ids: Iterable[int]) -> int:
    """Make these guests' matches those of their candidates. Within `matching`, alone. Returns how
    many photos they are surely in."""
    users = sorted(set(user_ids))
    old = _of_guests(event, index, users)
    candidates = Candidate.objects.in_event(event, index.name).filter(user__in=users)
    return _replace(event, old, decided(event, index, seen_of(candidates.claiming())))


def publish_all(event: Event) -> int:
    """`publish` everybody, as an index takes over whose candidates are made. Within `matching`."""
    index = index_of(event)
    users = sorted(enrolled_users(event, index) | matched_users(event))
    return sum(publish(event, index, block) for block in blocks(users))


def bands(event: Event, index: FaceIndex, thresholds: Iterable[float]) -> list[Bands]:
    """What these thresholds mean in the index's similarities. At most one query."""
    if has_templates(index):
        return comparing.bands(index, event, thresholds)
    return [answers.bands(threshold) for threshold in thresholds]


def seen_of(candidates: QuerySet[Candidate]) -> list[Seen]:
    """With their photos, which are looked up last: in a join the database may read those of all
    events for a few."""
    columns = ("user", "face", "similarity", "strength", "band")
    rows = list(candidates.values_list(*columns))
    faces = Face.objects.filter(pk__in={face for _user, face, *_rest in rows})
    photo_of = dict(faces.values_list("pk", "photo"))
    photos = Photo.objects.filter(pk__in=set(photo_of.values()))
    taken_at = dict(photos.order_by().values_list("pk", "taken_at"))
    return [
        Seen(user, photo_of[face], face, taken_at[photo_of[face]], similarity, strength, band)
        for user, face, similarity, strength, band in rows
        if photo_of.get(face) in taken_at  # not removed since
    ]


def decided(event: Event, index: FaceIndex, seen: list[Seen]) -> list[Seen]:
    """The best face of each guest and photo, after all who claim it are heard."""
    return Contests(event, index, seen).best_of(seen)


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


def _take_answers(event: Event, index: FaceIndex, user_ids: Sequence[int]) -> Contested:
    """Candidates by what a remote index answered."""
    levels = answers.bands(event.match_threshold)
    scored = answers.scored(index, event, levels, user_ids)
    return comparing.replace_candidates(event, index.name, user_ids, scored, moved=user_ids)


def _take_answers_of_photo(event: Event, index: FaceIndex, photo_id: int) -> None:
    users = sorted(enrolled_users(event, index))
    old = Candidate.objects.in_event(event, index.name).filter(user__in=users)
    old.filter(face__photo=photo_id).delete()
    levels = answers.bands(event.match_threshold)
    comparing.store(event, index.name, answers.scored(index, event, levels, users, photo_id))


def _replaceable(event: Event, index: FaceIndex) -> FaceMatchQuerySet:
    """Not those of guests who did not agree to such an index: it has never seen them, and they
    keep what was found before, while they have a selfie."""
    consents = Consent.objects.in_event(event).in_force().not_covering(index.row.kind)
    keeping = consents.filter(user__selfies__state="accepted")
    return FaceMatch.objects.in_event(event).exclude(user__in=keeping.values("user"))


def _of_guests(event: Event, index: FaceIndex, user_ids: Collection[int]) -> FaceMatchQuerySet:
    old = _replaceable(event, index).filter(user__in=user_ids)
    if index.is_remote:
        # Who agreed to it late keeps what the index before found, until a photo is looked at
        # again: its faces may have gone meanwhile (`faces.privacy.unclaimed`).
        late = Enrollment.objects.in_event(event, index.name).values("selfie__user")
        old = old.exclude(face=None, band=Band.SURE, verdict="", user__in=late)
    return old


def matched_users(event: Event) -> set[int]:
    matched = FaceMatch.objects.in_event(event).unsaid().order_by()
    return set(matched.values_list("user", flat=True).distinct())


def _hear_rivals(
    event: Event, index: FaceIndex, contested: Contested, heard: Collection[int]
) -> None:
    """Decide anew where others claim a face, less strongly than somebody whose claim is another
    now; all but those who are `heard` anyway. Photos that nobody else claims are left alone, and so
    are the others' other photos."""
    claims = Candidate.objects.claiming().filter(face__in=contested)
    rows = claims.values_list("user", "face__photo", "face", "strength")
    pairs = {
        (user, photo)
        for user, photo, face, strength in rows
        if strength < contested[face] and user not in heard
    }
    if not pairs:
        return
    users, photos = map(set, zip(*pairs, strict=True))
    faces = Face.objects.filter(photo__in=photos, index_name=index.name).values_list("pk")
    old = _of_guests(event, index, users).filter(photo__in=photos)
    theirs = Candidate.objects.claiming().filter(user__in=users, face__in=[pk for (pk,) in faces])
    seen = [one for one in seen_of(theirs) if (one.user_id, one.photo_id) in pairs]
    rows_of_pairs = [row for row in old if (row.user_id, row.photo_id) in pairs]
    _replace(event, rows_of_pairs, decided(event, index, seen))


class Contests:
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

    def best_of(self, seen: list[Seen]) -> list[Seen]:
        """The best face of each guest and photo; of a threshold too that is not the event's."""
        best: dict[tuple[int, int], Seen] = {}
        for one in seen:
            decided = self._decide(one)
            if decided is None:
                continue
            key = decided.user_id, decided.photo_id
            if key not in best or decided.rank > best[key].rank:
                best[key] = decided
        return [best[key] for key in sorted(best)]

    def _decide(self, one: Seen) -> Seen | None:
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


def _replace(event: Event, old: Iterable[FaceMatch], seen: list[Seen]) -> int:
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
