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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Q, Sum
from django.utils import timezone

from events.models import Event
from faces.finding import recognition
from faces.finding.recognition import Claim, Limits, Query, Recognition, Recognized, Said
from faces.index.contract import TemplateIndex, Templates
from faces.index.templates import ROUNDING
from faces.models import Candidate, Enrollment, Face, FaceMatch, GuestModel, PhotoScan
from faces.vision.similarity import cosine_of, similarity

Answers = Callable[[list[Query]], list[Templates]]

# For so few guests three looks of the database each cost less than to read all templates.
FEW = 4

# Photos' rows are not needed here: it reads templates alone.
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
# Of 300 guests at a large event 20,000 rows are written: as models they take longer than all that
# is computed.
COPY = """
    COPY faces_candidate (user_id, event_id, index_name, face_id, similarity, strength, band)
    FROM STDIN
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


def bands(index: TemplateIndex, event: Event, threshold: float) -> Bands:
    wanted = limits(index, event, threshold)
    return Bands(*map(similarity, (wanted.sure, wanted.asked, wanted.near)))


def limits(index: TemplateIndex, event: Event, threshold: float | None = None) -> Limits:
    """The event's threshold, or another, as cosines; in a crowd of faces they are higher."""
    scans = PhotoScan.objects.in_event(event, index.name).done()
    faces = scans.aggregate(faces=Sum("face_count", default=0))["faces"]
    crowded = recognition.CROWDED_COSINE if faces > recognition.CROWDED_FACES else 0
    return Limits(cosine_of(threshold or event.match_threshold) + crowded)


def compare_guests(index: TemplateIndex, event: Event, user_ids: Sequence[int]) -> None:
    """Make these guests' models and candidates anew. Within `matching`, alone.

    Who has no selfie in the index has neither.
    """
    models = GuestModel.objects.in_event(event, index.name).filter(user__in=user_ids)
    # Who removes a photo meanwhile waits here, and marks the new model.
    list(models.select_for_update().order_by("pk").values_list("pk", flat=True))
    selfies = _selfies(index, event, user_ids)
    wanted = limits(index, event)
    said = _said(index, event, user_ids)
    recognitions = {
        user_id: recognition.recognize(vectors, wanted, said.get(user_id, Said()))
        for user_id, vectors in selfies.items()
    }
    found = _answered(recognitions, _answers(index, len(selfies)))
    models.exclude(user__in=found).delete()
    _store_models(index, event, found, wanted)
    Candidate.objects.in_event(event, index.name).filter(user__in=user_ids).delete()
    store(event, index.name, {user: _scored(one.claims) for user, one in found.items()})


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
    # All at once, in one order: no two photos wait for each other.
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


def _answers(index: TemplateIndex, guests: int) -> Answers:
    if guests <= FEW:
        return lambda queries: [index.near(one.vector, one.at_least) for one in queries]
    return _InMemory(index.templates()).near


class _InMemory:
    """All of an event's templates, for questions of many guests at once."""

    def __init__(self, faces: Templates) -> None:
        self._faces = faces
        self._vectors = faces.vectors.astype(np.float32)

    def near(self, queries: list[Query]) -> list[Templates]:
        if not len(self._faces):
            return [Templates.none(len(query.vector)) for query in queries]
        vectors = np.stack([query.vector for query in queries]).astype(np.float32)
        cosines = vectors @ self._vectors.T
        return [
            self._faces.narrowed(np.flatnonzero(row >= query.at_least - ROUNDING))
            for row, query in zip(cosines, queries, strict=True)
        ]


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


def _scored(claims: list[Claim]) -> list[Scored]:
    return [
        Scored(one.face_id, similarity(one.cosine), similarity(one.strength), one.band)
        for one in claims
    ]


def store(event: Event, index_name: str, scored: dict[int, list[Scored]]) -> None:
    """Add candidates, by guest: of faces that are still there, and that nobody removes before the
    commit."""
    faces = {one.face_id for found in scored.values() for one in found}
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
