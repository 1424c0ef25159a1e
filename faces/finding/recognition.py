"""How a guest's photos are told from everybody else's, by templates. Pure: no rows, no queries.

A selfie is one picture, taken at another hour in another light: compared with it alone, one face in
five at a party falls below any threshold that keeps strangers out. But among the many faces of an
event some are surely the guest's, and those are like the others. So a guest is a model in two
stages: the selfies; the selfies with the faces of the few photos nearest to them; and with those
of the photos nearest to that. Each face of the event is then compared with the model, a face that
is a member of it with the model less itself: or a wrong member would keep itself.

A model that grows can run off to somebody else: a guest with one photo took over another's 41. Two
things hold it. The guard: where the faces found are much nearer to each other than to the selfies,
only the selfies count. And the parts: of the groups that the found faces form, one that is clearly
further from the selfies than another is somebody's who looks alike, and is asked about.

What the guest says teaches the model, but never beyond what the machine alone would have asked: who
confirms everything gains at most the photos they were asked about.

The numbers were tuned on one half of the people of public portraits (13,232 pictures, 7,000 frontal
and profile ones of 500 people, kin, groups) and judged on the other, cut to events, with SFace's
centred templates; `docs/recognition.md` has the figures. Another embedder needs its own.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from faces.index import grouping
from faces.index.contract import Templates
from faces.models import Candidate

Vector = NDArray[np.float64]
Cosines = NDArray[np.float64]
Chosen = NDArray[np.bool_]

# How many photos' best faces each stage takes in, and from which cosine on. Plain sums.
FIRST_PHOTOS, FIRST_COSINE = 4, 0.42
SECOND_PHOTOS, SECOND_COSINE = 16, 0.50
# Below SURE a face is asked about down to here; and kept, to answer what another threshold would
# find, and why a guest is not found, down to here.
ASKED_BELOW, NEAR_BELOW = 0.11, 0.17
# In a large event more strangers come near: from so many faces on everything asks for more.
CROWDED_FACES, CROWDED_COSINE = 20_000, 0.01
# The guard: how much nearer to each other than to the selfies the best photos' faces may be.
GUARD_PHOTOS_LEAST, GUARD_PHOTOS_MOST, GUARD_COSINE = 3, 16, 0.20
# A group of two or more so much further from the selfies than the nearest is somebody else's.
PART_COSINE = 0.12
# A confirmed face teaches from so near to a member on, or beside another confirmed one as near as
# two faces of a group are.
TAUGHT_COSINE, CONFIRMED_TWICE = FIRST_COSINE, 2
# Equal templates in another order of sums differ in the last digits: those are no difference.
DECIMALS = 6


@dataclass(frozen=True)
class Limits:
    """Cosines from which on a face is SURE, ASKED about, kept."""

    sure: float

    @property
    def asked(self) -> float:
        return self.sure - ASKED_BELOW

    @property
    def near(self) -> float:
        return self.sure - NEAR_BELOW

    def band_of(self, cosine: float) -> Candidate.Band | None:
        """By the cosine alone; None: it is not kept."""
        if cosine >= self.sure:
            return Candidate.Band.SURE
        if cosine >= self.asked:
            return Candidate.Band.ASKED
        return Candidate.Band.NEAR if cosine >= self.near else None


@dataclass(frozen=True)
class Said:
    """Ids of faces that the guest confirmed and denied."""

    me: frozenset[int] = frozenset()
    not_me: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Model:
    """Unit vectors, what `faces.models.GuestModel` keeps; `members` are ids of faces."""

    selfies: Vector
    first: Vector
    second: Vector
    taught: Vector | None
    members: list[int]
    ran_off: bool


@dataclass(frozen=True)
class Claim:
    """A face that may be the guest's. Cosines; `strength` counts against other guests' claims."""

    face_id: int
    cosine: float
    strength: float
    band: Candidate.Band


@dataclass(frozen=True)
class Recognized:
    model: Model
    claims: list[Claim] = field(default_factory=list)


@dataclass(frozen=True)
class Query:
    """Asks for all faces of an event whose cosine with a unit vector is at least a number; some a
    little below it may be among them."""

    vector: Vector
    at_least: float


# Yields what it must know of the event's faces and is sent it, so that whoever has many guests may
# ask for all of them at once.
Recognition = Generator[Query, Templates, Recognized]


def recognize(selfies: Vector, limits: Limits, said: Said) -> Recognition:
    """A guest's model, and the faces that may be theirs. `selfies`: (n, d), unit length.

    A "no" may lead the model elsewhere: to nothing that was neither shown nor asked about before.
    """
    found = yield from _recognize(selfies, limits, said)
    if not said.not_me:
        return found
    unsaid = yield from _recognize(selfies, limits, Said())
    known = {claim.face_id for claim in unsaid.claims if claim.band != Candidate.Band.NEAR}
    near = Candidate.Band.NEAR
    claims = [one if one.face_id in known else replace(one, band=near) for one in found.claims]
    return replace(found, claims=claims)


def _recognize(selfies: Vector, limits: Limits, said: Said) -> Recognition:
    selfie = _unit(selfies.sum(axis=0))
    first = yield from _nearest(selfie, FIRST_COSINE, FIRST_PHOTOS, said)
    first_vector = _unit(selfie + first.vectors.sum(axis=0))
    members = yield from _nearest(first_vector, SECOND_COSINE, SECOND_PHOTOS, said)
    model = _Sum(selfie + members.vectors.sum(axis=0), members.face_ids)
    found = yield Query(_unit(model.total), limits.near)
    judged = _Judged(found, model, selfie, limits, said)
    if judged.ran_off:
        by_selfie = yield Query(selfie, limits.near)
        judged = _Judged(found.united(by_selfie), model, selfie, limits, said, ran_off=True)
    taught = _taught(judged, model, np.vstack([selfies, members.vectors]))
    kept = Model(
        selfies=selfie,
        first=first_vector,
        second=_unit(model.total),
        taught=None if taught is None else _unit(taught.total),
        members=members.face_ids.tolist(),
        ran_off=judged.ran_off,
    )
    return Recognized(kept, judged.claims(taught))


def _nearest(
    query: Vector, least: float, photos: int, said: Said
) -> Generator[Query, Templates, Templates]:
    """The best face of each of the photos nearest to a vector."""
    found = yield Query(query, least)
    cosines = _rounded(found.vectors @ query)
    order = _order(found, cosines)
    denied = np.isin(found.face_ids[order], list(said.not_me))
    order = order[(cosines[order] >= least) & ~denied]
    return found.narrowed(order[_first_of_each(found.photo_ids[order])[:photos]])


def _first_of_each(photo_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each photo comes for the first time, in order."""
    return np.sort(np.unique(photo_ids, return_index=True)[1])


def _order(faces: Templates, cosines: Cosines) -> NDArray[np.int64]:
    """From the likest on; of equals the same one first, whatever order they came in."""
    return np.lexsort((faces.face_ids, -cosines))


def _rounded(cosines: Cosines) -> Cosines:
    return np.asarray(np.round(cosines, DECIMALS), np.float64)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float64)


@dataclass(frozen=True)
class _Sum:
    """A model before it is brought to unit length, and the faces that are a part of it."""

    total: Vector
    members: NDArray[np.int64]

    def cosines(self, faces: Templates) -> Cosines:
        """With each face; with a member the cosine of the sum less that member."""
        inside = np.isin(faces.face_ids, self.members)[:, None]
        sums = self.total - inside * faces.vectors
        lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        return _rounded((sums * faces.vectors).sum(axis=1) / lengths)

    def with_more(self, faces: Templates) -> _Sum:
        members = np.concatenate([self.members, faces.face_ids])
        return _Sum(self.total + faces.vectors.sum(axis=0), members)


@dataclass(frozen=True)
class _Taught:
    """A model's sum with the faces that the guest confirmed, and the faces that it makes SURE."""

    total: Vector
    raised: Chosen


class _Judged:
    """The faces found, before and after the guest's word is heard. The surest comes first."""

    def __init__(
        self,
        found: Templates,
        model: _Sum,
        selfie: Vector,
        limits: Limits,
        said: Said,
        *,
        ran_off: bool = False,
    ) -> None:
        scores = model.cosines(found)
        by_selfie = _rounded(found.vectors @ selfie)
        # What the bands go by: the model, or the selfies alone where the model is another's.
        levels = by_selfie if ran_off else scores
        order = _order(found, levels)
        order = order[np.maximum(levels, scores)[order] >= limits.near]
        self.limits = limits
        self.faces = found.narrowed(order)
        self.scores, self.by_selfie, self.levels = scores[order], by_selfie[order], levels[order]
        self.me = np.isin(self.faces.face_ids, list(said.me))
        self.denied = np.isin(self.faces.face_ids, list(said.not_me))
        self.sure = (self.levels >= limits.sure) & ~self.denied
        self.ran_off = ran_off or self._runs_off()
        self.doubted = self._doubted()

    @property
    def asked(self) -> Chosen:
        """What the machine alone shows or asks about, whatever the guest confirms."""
        return (np.maximum(self.levels, self.scores) >= self.limits.asked) & ~self.denied

    def claims(self, taught: _Taught | None) -> list[Claim]:
        sure = self.sure & ~self.doubted
        if taught is not None:
            sure |= taught.raised
        bands = np.where(self.asked, Candidate.Band.ASKED, Candidate.Band.NEAR)
        bands[sure] = Candidate.Band.SURE
        # A claim that the guest's own model doubts takes no face from anybody who is sure.
        weaker = np.minimum(self.levels, self.limits.asked)
        strengths = np.where(self.doubted, weaker, self.levels)
        return [
            Claim(
                int(self.faces.face_ids[i]),
                float(self.levels[i]),
                float(strengths[i]),
                Candidate.Band(bands[i]),
            )
            for i in np.flatnonzero(~self.denied & ~self._hidden())
        ]

    def teaching(self, members: NDArray[np.int64], near: Vector) -> Chosen:
        """Which confirmed faces become members: those near one, or two that are like each other.

        `near`: (n, d), the selfies and the members.
        """
        may = self.me & self.asked & ~np.isin(self.faces.face_ids, members)
        taught = np.zeros(len(may), np.bool_)
        vectors = self.faces.vectors[may]
        is_near = (vectors @ near.T >= TAUGHT_COSINE).any(axis=1)
        like = (vectors @ vectors.T >= grouping.PAIR_COSINE).sum(axis=1)  # each is like itself
        taught[may] = is_near | (like >= CONFIRMED_TWICE)
        return taught

    def confirmed_groups(self) -> Chosen:
        """Faces in doubt of whose group the guest confirmed two."""
        raised = np.zeros(len(self.scores), np.bool_)
        for group in self._groups(self.doubted):
            raised[group] = self.me[group].sum() >= CONFIRMED_TWICE
        return raised

    def _runs_off(self) -> bool:
        best = np.flatnonzero(self.sure)
        best = best[_first_of_each(self.faces.photo_ids[best])[:GUARD_PHOTOS_MOST]]
        if len(best) < GUARD_PHOTOS_LEAST:
            return False
        vectors = self.faces.vectors[best]
        pairs = (vectors @ vectors.T)[np.triu_indices(len(best), 1)]
        return bool(pairs.mean() - self.by_selfie[best].mean() > GUARD_COSINE)

    def _doubted(self) -> Chosen:
        """SURE by the model, and all the same not to be shown unasked."""
        if self.ran_off:
            return (self.scores >= self.limits.sure) & ~self.sure & ~self.denied
        doubted = np.zeros(len(self.scores), np.bool_)
        groups = self._groups(self.sure)
        nearest = max((self.by_selfie[group].mean() for group in groups), default=0.0)
        for group in groups:
            if len(group) > 1 and self.by_selfie[group].mean() < nearest - PART_COSINE:
                doubted[group] = True
        return doubted

    def _hidden(self) -> Chosen:
        """A denied face's group goes with it, but for the one nearest to the selfies: who denied
        one photo of themselves by mistake does not lose all."""
        hidden = np.zeros(len(self.scores), np.bool_)
        if not self.denied.any():
            return hidden
        groups = self._groups(self.denied | self.asked)
        own = max(groups, key=lambda group: float(self.by_selfie[group].mean()))
        for group in groups:
            if group is not own and self.denied[group].any():
                hidden[group] = True
        return hidden

    def _groups(self, among: Chosen) -> list[NDArray[np.int64]]:
        chosen = np.flatnonzero(among)
        if not len(chosen):
            return []
        labels = grouping.groups(self.faces.vectors[chosen], self.faces.photo_ids[chosen])
        return [chosen[labels == label] for label in range(labels.max() + 1)]


def _taught(judged: _Judged, model: _Sum, near: Vector) -> _Taught | None:
    if not judged.me.any():
        return None
    new = judged.teaching(model.members, near)
    more = model.with_more(judged.faces.narrowed(np.flatnonzero(new)))
    is_near = more.cosines(judged.faces) >= judged.limits.sure
    raised = (is_near & ~judged.doubted) | judged.confirmed_groups()
    return _Taught(more.total, raised & judged.asked)
