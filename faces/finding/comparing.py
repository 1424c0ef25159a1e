"""Guests' models and candidates: made by `recognition` from the event's templates, and stored.

A new photo's faces are compared with the stored models, without a second look at other photos. It
leaves the models that it may become a part of stale; those are made anew when the photos rest
(`faces.finding.renewing`), or when their guest looks. Models and candidates depend on nothing but
the event's faces and selfies and what the guest said: in whatever order those came, and whoever
died in between, once no model is stale they are the same.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Q, Sum
from django.utils import timezone
from numpy.typing import NDArray

from events.models import Event
from faces.finding import recognition
from faces.finding.recognition import Claim, Limits, Query, Recognition, Recognized, Said
from faces.index.contract import FacesInMemory, TemplateIndex, Templates
from faces.index.templates import ROUNDING
from faces.models import Candidate, Enrollment, Face, FaceMatch, GuestModel, PhotoScan
from faces.vision.similarity import cosine_of, similarity

Answers = Callable[[list[Query]], list[Templates]]
# Strength and band by guest and face.
Claims = dict[tuple[int, int], tuple[float, str]]
# Faces claimed otherwise than before, and how strongly: for who claims them less it may matter.
Contested = dict[int, float]

# For so few guests three looks of the database each cost less than to read all templates.
FEW = 4
PHOTO_WITH_MODELS = """
    SELECT * FROM (
        SELECT model.user_id, face.id, model.ran_off, model.sure_at,
               1 - (face.template::vector <=> model.selfies) AS selfies,
               1 - (face.template::vector <=> model.first) AS first,
               1 - (face.template::vector <=> model.second) AS second,
               1 - (face.template::vector <=> model.taught) AS taught
          FROM faces_face face
          JOIN faces_guestmodel model ON model.event_id = face.event_id
                                     AND model.index_name = face.index_name
         WHERE face.photo_id = %(photo)s AND face.index_name = %(index)s
           AND face.template IS NOT NULL
    ) compared
    WHERE selfies >= least(%(first)s, sure_at - %(near)s) OR first >= %(second)s
       OR second >= sure_at - %(near)s
    ORDER BY user_id, id
"""
# Of 300 guests 20,000 rows are written: as models they take longer than all that is computed.
COPY = """
    COPY faces_candidate (user_id, event_id, index_name, face_id, similarity, strength, band)
    FROM STDIN
"""
UPDATE = """
    UPDATE faces_candidate SET similarity = new.similarity, strength = new.strength, band = new.band
      FROM unnest(%s, %s::float[], %s::float[], %s::text[]) AS new (id, similarity, strength, band)
     WHERE faces_candidate.id = new.id
"""


@dataclass(frozen=True)
class Bands:
    """From where on a face is SURE, is ASKED about, and is worth keeping at all (0..100)."""

    sure: float
    asked: float
    near: float

    def band_of(self, similarity: float) -> Candidate.Band | None:
        """None: it is not kept."""
        if similarity >= self.sure:
            return Candidate.Band.SURE
        if similarity >= self.asked:
            return Candidate.Band.ASKED
        return Candidate.Band.NEAR if similarity >= self.near else None


@dataclass(frozen=True)
class Scored:
    """A face that may be a guest's, by what is known of that guest alone.

    `strength` is what counts where several guests claim the face. The band may be lower than
    `similarity` says; higher only by the guest's own word.
    """

    face_id: int
    similarity: float
    strength: float
    band: Candidate.Band


def bands(index: TemplateIndex, event: Event, thresholds: Iterable[float]) -> list[Bands]:
    more = _crowded(index, event)
    wanted = [Limits(cosine_of(threshold) + more) for threshold in thresholds]
    return [Bands(*map(similarity, (one.sure, one.asked, one.near))) for one in wanted]


def limits(index: TemplateIndex, event: Event) -> Limits:
    return Limits(cosine_of(event.match_threshold) + _crowded(index, event))


def _crowded(index: TemplateIndex, event: Event) -> float:
    """How much more is asked of faces in a crowd of them. One query."""
    scans = PhotoScan.objects.in_event(event, index.name).done()
    faces = scans.aggregate(faces=Sum("face_count", default=0))["faces"]
    return recognition.CROWDED_COSINE if faces > recognition.CROWDED_FACES else 0.0


def compare_guests(
    index: TemplateIndex,
    event: Event,
    user_ids: Sequence[int],
    faces: FacesInMemory | None = None,
) -> Contested:
    """Make these guests' models and candidates anew. Within `matching`, alone.

    Who has no selfie in the index has neither. `faces` are the index's, where somebody has them in
    memory already.
    """
    models = GuestModel.objects.in_event(event, index.name).filter(user__in=user_ids)
    # Who removes a photo meanwhile waits here, and marks the new model.
    before = dict(models.select_for_update().order_by("pk").values_list("user", "second"))
    selfies = _selfies(index, event, user_ids)
    wanted = limits(index, event)
    said = _said(index, event, user_ids)
    recognitions = {
        user_id: recognition.recognize(vectors, wanted, said.get(user_id, Said()))
        for user_id, vectors in selfies.items()
    }
    found = _answered(recognitions, _answers(index, len(selfies), faces))
    models.exclude(user__in=found).delete()
    _store_models(index, event, found, wanted)
    scored = {user: _scored(one.claims) for user, one in found.items()}
    moved = {user for user, one in found.items() if _has_moved(before.get(user), one)}
    return replace_candidates(event, index.name, user_ids, scored, moved)


def compare_photo(
    index: TemplateIndex, event: Event, photo_id: int, left: Collection[int] = ()
) -> None:
    """Candidates of a photo's stored faces, by the models as they are. Within `matching`.

    `left`: ids of models that faces of an earlier look at the photo were a part of.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            PHOTO_WITH_MODELS,
            {
                "photo": photo_id,
                "index": index.name,
                "near": recognition.NEAR_BELOW + ROUNDING,
                "first": recognition.FIRST_COSINE - ROUNDING,
                "second": recognition.SECOND_COSINE - ROUNDING,
            },
        )
        rows = cursor.fetchall()
    denied = FaceMatch.objects.denied().filter(photo=photo_id)
    not_me = set(denied.values_list("user_id", "face_id"))
    claims: dict[int, list[Claim]] = defaultdict(list)
    for user_id, face_id, ran_off, sure_at, selfies, _first, second, taught in rows:
        claim = _claim(face_id, selfies if ran_off else second, taught, Limits(sure_at))
        if claim is not None and (user_id, face_id) not in not_me:
            claims[user_id].append(claim)
    Candidate.objects.filter(face__photo=photo_id, index_name=index.name).delete()
    store(event, index.name, {user: _scored(found) for user, found in claims.items()})
    models = GuestModel.objects.in_event(event, index.name)
    near = models.filter(user__in={row[0] for row in rows}).values_list("pk", flat=True)
    # All at once, in one order.
    GuestModel.objects.filter(pk__in={*near, *left}).mark_stale()


def touched(event: Event, photo_ids: Sequence[int]) -> set[int]:
    """Ids of the models that these photos' faces are a part of. To be marked in the transaction
    that removes the faces, within `matching`."""
    faces = Face.objects.filter(photo__in=photo_ids)
    candidates = Candidate.objects.filter(event=event, face__in=faces)
    members = Q(members__overlap=list(faces.values_list("pk", flat=True)))
    models = GuestModel.objects.filter(event=event)
    touched = models.filter(Q(user__in=candidates.values("user")) | members)
    return set(touched.values_list("pk", flat=True))


def _claim(face_id: int, level: float, taught: float | None, wanted: Limits) -> Claim | None:
    """What a face that is no member of a model is to it, before the next look at all faces."""
    band = wanted.band_of(level)
    if band == Candidate.Band.ASKED and taught is not None and taught >= wanted.sure:
        band = Candidate.Band.SURE
    return Claim(face_id, level, level, band) if band else None


def _selfies(
    index: TemplateIndex, event: Event, user_ids: Sequence[int]
) -> dict[int, recognition.Vector]:
    enrolled = Enrollment.objects.in_event(event, index.name).filter(
        selfie__user__in=user_ids, template__isnull=False
    )
    found: dict[int, list[recognition.Vector]] = defaultdict(list)
    rows = enrolled.order_by("selfie__user", "selfie__sha256")
    for user_id, template in rows.values_list("selfie__user", "template"):
        vector = np.asarray(template, np.float64)
        found[user_id].append(vector / np.linalg.norm(vector))
    return {user_id: np.stack(vectors) for user_id, vectors in found.items()}


def _said(index: TemplateIndex, event: Event, user_ids: Sequence[int]) -> dict[int, Said]:
    """What guests said of faces that this index knows."""
    rows = FaceMatch.objects.in_event(event).said().filter(user__in=user_ids)
    rows = rows.filter(face__index_name=index.name)
    faces: dict[int, dict[str, set[int]]] = defaultdict(lambda: {"me": set(), "not_me": set()})
    for user_id, face_id, verdict in rows.values_list("user", "face", "verdict"):
        faces[user_id][verdict].add(face_id)
    return {
        user_id: Said(frozenset(ids["me"]), frozenset(ids["not_me"]))
        for user_id, ids in faces.items()
    }


def _answers(index: TemplateIndex, guests: int, faces: FacesInMemory | None) -> Answers:
    if faces is None and guests <= FEW:
        return lambda queries: [index.near(one.vector, one.at_least) for one in queries]
    held = index.in_memory() if faces is None else faces
    held.refresh()
    return lambda queries: held.near(
        np.stack([one.vector for one in queries]), [one.at_least for one in queries]
    )


def _answered(recognitions: dict[int, Recognition], answers: Answers) -> dict[int, Recognized]:
    """Lead all recognitions to their end, each round's questions asked together."""
    found: dict[int, Recognized] = {}
    waiting = {user_id: next(one) for user_id, one in recognitions.items()}
    while waiting:
        replies = dict(zip(waiting, answers([*waiting.values()]), strict=True))
        waiting = {}
        for user_id, reply in replies.items():
            try:
                waiting[user_id] = recognitions[user_id].send(reply)
            except StopIteration as end:
                found[user_id] = end.value
    return found


def _store_models(
    index: TemplateIndex, event: Event, found: dict[int, Recognized], wanted: Limits
) -> None:
    fields = ["selfies", "first", "second", "taught", "members", "ran_off"]
    GuestModel.objects.bulk_create(
        [
            GuestModel(
                user_id=user_id,
                event=event,
                index_name=index.name,
                sure_at=wanted.sure,
                renewed_at=timezone.now(),
                **{name: getattr(one.model, name) for name in fields},
            )
            for user_id, one in found.items()
        ],
        update_conflicts=True,
        unique_fields=["event", "index_name", "user"],
        update_fields=[*fields, "sure_at", "is_stale", "renewed_at"],
    )


def _has_moved(before: NDArray[np.float32] | None, now: Recognized) -> bool:
    return before is None or not np.allclose(before, now.model.second, atol=1e-6)


def _scored(claims: list[Claim]) -> list[Scored]:
    return [
        Scored(one.face_id, similarity(one.cosine), similarity(one.strength), one.band)
        for one in claims
    ]


def replace_candidates(
    event: Event,
    index_name: str,
    user_ids: Sequence[int],
    scored: dict[int, list[Scored]],
    moved: Collection[int] = (),
) -> Contested:
    """Make these the guests' candidates, writing only what changes. All claims of those who `moved`
    count as others than before: with whom they are one person may be different."""
    rows = Candidate.objects.in_event(event, index_name).filter(user__in=user_ids)
    columns = ("user", "face", "pk", "similarity", "strength", "band")
    old = {(user, face): rest for user, face, *rest in rows.values_list(*columns)}
    new = {(user, one.face_id): one for user, found in scored.items() for one in found}
    gone = [row[0] for key, row in old.items() if key not in new]
    changed = [
        (old[key][0], float(one.similarity), float(one.strength), str(one.band))
        for key, one in new.items()
        if key in old and old[key][1:] != [one.similarity, one.strength, one.band]
    ]
    Candidate.objects.filter(pk__in=gone).delete()
    _update(changed)
    added: dict[int, list[Scored]] = defaultdict(list)
    for (user, _face), one in new.items():
        if (user, one.face_id) not in old:
            added[user].append(one)
    store(event, index_name, added)
    before = {key: (row[2], row[3]) for key, row in old.items()}
    now: Claims = {key: (one.strength, one.band) for key, one in new.items()}
    return _contested(before, now, moved)


def _update(changed: list[tuple[int, float, float, str]]) -> None:
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, [*map(list, zip(*changed, strict=True))])


def _contested(before: Claims, now: Claims, moved: Collection[int]) -> Contested:
    """Faces that are claimed otherwise than before, by the greatest strength of such a claim."""
    contested: Contested = {}
    for key in before.keys() | now.keys():
        claims = [claims[key] for claims in (before, now) if key in claims]
        is_as_before = len(claims) == 2 and claims[0] == claims[1] and key[0] not in moved
        for strength, band in claims:
            if band != Candidate.Band.NEAR and not is_as_before:
                contested[key[1]] = max(strength, contested.get(key[1], 0.0))
    return contested


def store(event: Event, index_name: str, scored: dict[int, list[Scored]]) -> None:
    """Add candidates, by guest: of faces that are still there, and that nobody removes before the
    commit."""
    faces = {one.face_id for found in scored.values() for one in found}
    if not faces:
        return
    locked = Face.objects.filter(pk__in=faces).select_for_update(no_key=True).order_by("pk")
    there = set(locked.values_list("pk", flat=True))
    rows = io.StringIO(
        "".join(
            f"{user_id}\t{event.pk}\t{index_name}\t{one.face_id}"
            f"\t{float(one.similarity)!r}\t{float(one.strength)!r}\t{one.band}\n"
            for user_id, found in scored.items()
            for one in found
            if one.face_id in there
        )
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, rows)
