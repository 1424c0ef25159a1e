"""What a remote index answered, and which faces are a guest's by it.

The service never shows its templates: it names the faces like one face, with similarities. It is
asked about a guest's selfies and, once photos rest, about a few of the guest's surest faces, the
*anchors*: a face turned away is like another photo of the evening before it is like a selfie.

What a model made of all of them together would answer, the answers themselves say. The cosine of
a face with the sum of unit vectors is the sum of its cosines with each, over the length of that
sum, which follows from what was answered about the members. So a guest is known by selfies and
surest faces together without any template:

    score(face) = sum of cosine(member, face) / sqrt(sum of cosine(member, member))

with similarities brought to cosines by the product's own scale. For a service of another scale
these are its similarities, stretched so that the ends count; strictly rising either way. Made-up
parties of 350 people and 8,800 faces, cosines spread as SFace's: selfies alone find 92.6 % at a
precision of 98.9; with two anchors 98.2 % at 98.8; by the best single answer 98.7 % at 98.0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from events.models import Event
from faces.finding.comparing import Bands, Scored
from faces.index.contract import ASKED_BELOW, FaceIndex
from faces.index.models import Anchor
from faces.models import Candidate, Face, FaceMatch, FaceSimilarity
from faces.vision.similarity import cosine_of, similarity

# Faces less like a guest than this are of no use to anybody.
NEAR = 50.0
# What the service did not name for being below what was asked (`asking.FLOOR`): with any value
# from cosine 0.1 to the floor's the figures above stay within 0.3 points.
UNANSWERED = 10.0
# A selfie must be so like a face for it to be asked about as an anchor. Not the event's threshold:
# moving that asks the service nothing.
ANCHOR_AT_LEAST = 85.0
# Of faces that are equally sure the one taken first is the anchor, and a later photo does not take
# its place: only one that is surer by this much (in cosine) is worth a call.
WORTH_A_CALL = 0.05
# The model ran off to somebody else where the anchors' faces are this much more like the anchors
# than like the selfies (mean cosines). Made-up parties: true of 3 % of guests, and of 94 % or more
# of selfies that only a likeness made sure of a stranger.
RAN_OFF = 0.20
GUARDED_FACES = range(3, 17)
NOT_ANSWERED = cosine_of(UNANSWERED)


def bands(threshold: float) -> Bands:
    asked = max(0.0, threshold - ASKED_BELOW)
    return Bands(threshold, asked, min(asked, NEAR))


@dataclass(frozen=True)
class Answers:
    """What is known of one guest: faces by id, with similarities 0..100.

    `contested` are faces that the selfie of another guest is more like than this guest's.
    """

    selfies: Mapping[int, float]
    anchors: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    confirmed: Collection[int] = ()
    denied: Collection[int] = ()
    contested: Collection[int] = ()

    def by_selfies(self, face_id: int) -> float:
        return cosine_of(self.selfies.get(face_id, UNANSWERED))

    def by_anchor(self, anchor: int, face_id: int) -> float:
        """A service says the same of two faces whichever it is asked about."""
        answer = self.anchors[anchor].get(face_id)
        if answer is None:
            answer = self.anchors.get(face_id, {}).get(anchor, UNANSWERED)
        return cosine_of(answer)


def score(answers: Answers, levels: Bands) -> list[Scored]:
    """The guest's faces by selfies and anchors together, the likeliest first.

    A face never counts for itself. A face that the guest denied is left out, and what is like it
    more than like the guest is neither shown nor asked about. Where the anchors led to somebody
    else, SURE asks the selfies alone.
    """
    anchors = members(answers, levels.sure)
    known = {*answers.selfies, *(face for a in anchors for face in answers.anchors[a])}
    scores = {face: model(answers, anchors, face) for face in known - {*answers.denied}}
    ran_off = has_run_off(answers, anchors, scores, levels)
    found = [_scored(answers, face, scores[face], ran_off, levels) for face in scores]
    return sorted(filter(None, found), key=lambda one: (-one.similarity, one.face_id))


def members(answers: Answers, sure: float) -> list[int]:
    """The anchors that count. Each must be SURE by the selfies, or confirmed by the guest, and SURE
    by those that count already: what a selfie mistook brings nobody along, and by confirming a
    stranger's face a liar gains that photo and no other."""
    least = cosine_of(sure)
    ordered = sorted(answers.anchors, key=lambda a: (-answers.selfies.get(a, 0), a))
    counting: list[int] = []
    for anchor in ordered:
        is_sure = answers.selfies.get(anchor, 0) >= sure
        if anchor in answers.denied or anchor in answers.contested:
            continue
        if not is_sure and not (counting and anchor in answers.confirmed):
            continue
        if not counting or model(answers, counting, anchor) >= least:
            counting.append(anchor)
    return counting


def model(answers: Answers, anchors: Sequence[int], face_id: int) -> float:
    """The cosine of a face with the sum of selfies and anchors, itself not among them."""
    others = [anchor for anchor in anchors if anchor != face_id]
    total = answers.by_selfies(face_id)
    total += sum(answers.by_anchor(anchor, face_id) for anchor in others)
    square = 1 + len(others) + 2 * sum(answers.by_selfies(anchor) for anchor in others)
    for place, anchor in enumerate(others):
        square += 2 * sum(answers.by_anchor(anchor, other) for other in others[:place])
    return min(1.0, total / sqrt(max(square, 1.0)))


def has_run_off(
    answers: Answers, anchors: Sequence[int], scores: Mapping[int, float], levels: Bands
) -> bool:
    """Whether the faces found belong together far more than with the selfies."""
    least = cosine_of(levels.sure)
    best = sorted((face for face in scores if scores[face] >= least), key=lambda f: -scores[f])
    best = best[: GUARDED_FACES[-1]]
    pairs = [(a, face) for a in anchors for face in best if a != face]
    if len(best) < GUARDED_FACES[0] or not pairs:
        return False
    together = sum(answers.by_anchor(anchor, face) for anchor, face in pairs) / len(pairs)
    with_selfies = sum(answers.by_selfies(face) for face in best) / len(best)
    return together - with_selfies > RAN_OFF


def _scored(
    answers: Answers, face_id: int, cosine: float, ran_off: bool, levels: Bands
) -> Scored | None:
    likeness = similarity(cosine)
    band = levels.band_of(likeness)
    if band is None:
        return None
    own = answers.selfies.get(face_id, 0.0)
    if ran_off and band == Candidate.Band.SURE and own < levels.sure:
        band = Candidate.Band.ASKED
    if _is_denied_s(answers, face_id, own, levels):
        band = Candidate.Band.NEAR
    return Scored(face_id, likeness, own if ran_off else likeness, band)


def _is_denied_s(answers: Answers, face_id: int, own: float, levels: Bands) -> bool:
    """Whether it is a face of somebody of whom the guest said "not me"."""
    like_denied = [
        answers.anchors[face].get(face_id, 0) for face in answers.denied if face in answers.anchors
    ]
    return max(like_denied, default=0) >= max(levels.sure, own)


@dataclass(frozen=True)
class Choosable:
    """A face that may be a guest's anchor, and by which enrolled selfie it is surest."""

    user_id: int
    face_id: int
    photo_id: int
    enrollment_id: int
    similarity: float
    is_confirmed: bool
    taken_at: datetime
    # The same whenever the photo came, and in which row: for faces that are otherwise equal.
    identity: tuple[str, int]

    @property
    def rank(self) -> tuple[bool, int, datetime, tuple[str, int]]:
        is_sure = self.similarity >= ANCHOR_AT_LEAST
        step = int(cosine_of(self.similarity) / WORTH_A_CALL)
        return not is_sure, -step, self.taken_at, self.identity


def choose(faces: Iterable[Choosable], most: int) -> list[Choosable]:
    """Of a guest's faces the surest of as many photos. A confirmed one that selfies are not sure of
    comes after a sure one, and never alone."""
    chosen: dict[int, Choosable] = {}
    for face in sorted(faces, key=lambda face: face.rank):
        if len(chosen) < most and (chosen or face.similarity >= ANCHOR_AT_LEAST):
            chosen.setdefault(face.photo_id, face)
    return [*chosen.values()]


def anchors_wanted(
    index: FaceIndex, event: Event, user_ids: Collection[int]
) -> dict[int, list[Choosable]]:
    """Which faces should be the anchors of these guests, by what their selfies were answered and
    by what they said. The same photos, selfies and words make the same anchors, in any order."""
    confirmed, denied = _verdicts(event, user_ids)
    best: dict[tuple[int, int], Choosable] = {}
    for row in _likely(index, event, user_ids, confirmed):
        key = row.user_id, row.face_id
        if key in denied or (key in best and best[key].similarity >= row.similarity):
            continue
        best[key] = row
    contested = _contested(index, event, {key: row.similarity for key, row in best.items()})
    by_user: dict[int, list[Choosable]] = defaultdict(list)
    for key, row in best.items():
        if key not in contested:
            by_user[row.user_id].append(row)
    most = settings.REKOGNITION_ANCHORS
    return {user_id: choose(by_user.get(user_id, []), most) for user_id in user_ids}


def scored(
    index: FaceIndex,
    event: Event,
    levels: Bands,
    user_ids: Collection[int],
    photo_id: int | None = None,
) -> dict[int, list[Scored]]:
    """The faces of each of these guests, by all answers that are stored; of one photo, where given.

    Where only guests are looked for there are no anchors, and only the photo's own answers are
    read.
    """
    rows = _rows(index, event).filter(enrollment__selfie__user__in=user_ids)
    own: set[int] | None = None
    if photo_id is not None:
        own = set(Face.objects.filter(photo=photo_id).values_list("pk", flat=True))
        users = rows.filter(face__in=own).values_list("enrollment__selfie__user", flat=True)
        rows = rows.filter(enrollment__selfie__user__in=set(users))
        if event.indexing == Event.Indexing.GUESTS_ONLY:
            rows = rows.filter(face__in=own)
    found: dict[int, list[Scored]] = {user_id: [] for user_id in user_ids}
    for user_id, answers in _read(index, event, rows).items():
        scores = score(answers, levels)
        found[user_id] = [one for one in scores if own is None or one.face_id in own]
    return found


def denied_faces(event: Event, user_id: int) -> set[int]:
    """Faces that the guest said are not theirs."""
    return {face_id for _user, face_id in _verdicts(event, [user_id])[1]}


def _read(index: FaceIndex, event: Event, rows: QuerySet[FaceSimilarity]) -> dict[int, Answers]:
    """These answers by guest. Five queries."""
    selfies: dict[int, dict[int, float]] = defaultdict(dict)
    own = rows.filter(anchor=None).values_list("enrollment__selfie__user", "face")
    for user_id, face_id, likeness in own.annotate(best=Max("similarity")):
        selfies[user_id][face_id] = likeness
    anchors = _anchors(index, event, selfies.keys())
    about = rows.exclude(anchor=None).values_list("enrollment__selfie__user", "anchor", "face")
    for user_id, anchor, face_id, likeness in about.annotate(best=Max("similarity")):
        if anchor in anchors[user_id]:
            anchors[user_id][anchor][face_id] = likeness
    confirmed, denied = _verdicts(event, selfies.keys())
    claims = {(u, a): selfies[u].get(a, 0.0) for u in selfies for a in anchors[u]}
    contested = _contested(index, event, claims)
    return {
        user_id: Answers(
            selfies[user_id],
            anchors[user_id],
            confirmed=_of(user_id, confirmed),
            denied=_of(user_id, denied),
            contested=_of(user_id, contested),
        )
        for user_id in selfies
    }


def _anchors(
    index: FaceIndex, event: Event, user_ids: Collection[int]
) -> dict[int, dict[int, dict[int, float]]]:
    """The guests' anchors that were asked about, their answers still empty."""
    found: dict[int, dict[int, dict[int, float]]] = defaultdict(dict)
    if settings.REKOGNITION_ANCHORS:
        asked = Anchor.objects.in_event(event, index.name).filter(
            enrollment__selfie__user__in=user_ids, searched_at__isnull=False, face__isnull=False
        )
        for user_id, face_id in asked.values_list("enrollment__selfie__user", "face"):
            found[user_id][face_id] = {}
    return found


def _likely(
    index: FaceIndex, event: Event, user_ids: Collection[int], confirmed: set[tuple[int, int]]
) -> list[Choosable]:
    """Faces that the guests' selfies are sure of, or they themselves: once for each selfie."""
    said = {face_id for _user, face_id in confirmed}
    rows = _rows(index, event).filter(enrollment__selfie__user__in=user_ids, anchor=None)
    rows = rows.filter(Q(similarity__gte=ANCHOR_AT_LEAST) | Q(face__in=said))
    found = rows.values_list(
        "enrollment__selfie__user",
        "face",
        "face__photo",
        "enrollment",
        "similarity",
        "face__photo__taken_at",
        "face__photo__sha256",
        "face__ordinal",
    ).order_by("enrollment")
    return [
        Choosable(user, face, photo, enrollment, sure, (user, face) in confirmed, at, (sha, place))
        for user, face, photo, enrollment, sure, at, sha, place in found
        if sure >= ANCHOR_AT_LEAST or (user, face) in confirmed
    ]


def _contested(
    index: FaceIndex, event: Event, claims: Mapping[tuple[int, int], float]
) -> set[tuple[int, int]]:
    """Of these faces of guests, those that another guest's selfie is more like."""
    faces = {face_id for _user, face_id in claims}
    rows = _rows(index, event).filter(anchor=None, face__in=faces)
    by_face: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for user_id, face_id, likeness in rows.values_list(
        "enrollment__selfie__user", "face", "similarity"
    ):
        by_face[face_id].append((user_id, likeness))
    return {
        (user_id, face_id)
        for (user_id, face_id), own in claims.items()
        if any(other != user_id and likeness > own for other, likeness in by_face[face_id])
    }


def _verdicts(
    event: Event, user_ids: Collection[int]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Faces that these guests confirmed, and those they denied: pairs of user and face."""
    said = FaceMatch.objects.in_event(event).filter(user__in=user_ids, face__isnull=False)
    confirmed = set(said.confirmed().values_list("user", "face"))
    return confirmed, set(said.denied().values_list("user", "face"))


def _of(user_id: int, pairs: set[tuple[int, int]]) -> frozenset[int]:
    return frozenset(face_id for user, face_id in pairs if user == user_id)


def _rows(index: FaceIndex, event: Event) -> QuerySet[FaceSimilarity]:
    return FaceSimilarity.objects.filter(enrollment__event=event, enrollment__index_name=index.name)
