"""Reading many templates at once: COPY in binary format, taken as it comes into arrays.

Read as text and parsed one by one, 20,000 templates take 1.9 s; so, 0.1 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from faces.index.contract import Templates

# The signature of COPY's binary format, flags, and the length of an extension; at the end a row of
# -1 columns.
HEAD_BYTES, END_BYTES = 19, 2
# What is sent is taken in pieces of about this size, 28,000 faces: nothing is in memory twice.
PIECE_BYTES = 8_000_000
# A database compares with the vector rounded to 16 bits: cosines may differ by this much.
ROUNDING = 0.001
# Up to so many faces are held as 32-bit numbers, 150 MB; more as the 16-bit ones that they are in
# the database, and are turned into the others a slice at a time: it takes half as long again.
HELD_WIDE = 300_000
# What comes before a template's numbers: the count of columns, two ids and the template's head.
IDS = [
    ("columns", ">i2"),
    ("id_length", ">i4"),
    ("id", ">i8"),
    ("photo_length", ">i4"),
    ("photo", ">i8"),
    ("length", ">i4"),
    ("dimension", ">i2"),
    ("unused", ">i2"),
]
DIMENSION_AT = 30

FACES = """
    SELECT face.id, face.photo_id, face.template FROM faces_face face
     WHERE face.event_id = %s AND face.index_name = %s AND face.template IS NOT NULL
"""
# These three change whenever a face comes or goes: a new one's id is the highest.
STATE = """
    SELECT count(*), max(id), sum(id) FROM faces_face
     WHERE event_id = %s AND index_name = %s AND template IS NOT NULL
"""
FACE_IDS = """
    SELECT array_agg(id) FROM faces_face
     WHERE event_id = %s AND index_name = %s AND template IS NOT NULL
"""

Halves = NDArray[np.float16]


@dataclass(frozen=True)
class _Slice:
    """Some faces: vectors of about unit length with 16-bit numbers, as they are in the database, or
    the same as 32-bit ones; and their lengths where these differ from 1 by more than a rounding."""

    face_ids: NDArray[np.int64]
    photo_ids: NDArray[np.int64]
    vectors: NDArray[Any]
    lengths: NDArray[np.float32] | None

    def narrowed(self, places: NDArray[Any]) -> _Slice:
        """Those where a mask is true, or at some places."""
        ids, photos = self.face_ids[places], self.photo_ids[places]
        lengths = None if self.lengths is None else self.lengths[places]
        return _Slice(ids, photos, self.vectors[places], lengths)

    def as_wide(self) -> _Slice:
        return replace(self, vectors=self.vectors.astype(np.float32, copy=False))

    def near(
        self, vectors: NDArray[np.float32], at_least: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """By vector and face, whether the cosine is at least that vector's."""
        cosines = vectors @ self.vectors.astype(np.float32, copy=False).T
        if self.lengths is not None:
            cosines /= self.lengths
        return np.asarray(cosines >= at_least[:, None], np.bool_)


def near(
    event_id: int | None, index_name: str, vector: NDArray[np.float64], at_least: float
) -> Templates:
    """Those whose cosine with a unit vector is at least this, and a few a little below it."""
    query = FACES + " AND face.template <=> %s::halfvec <= %s"
    farthest = 1 - at_least + ROUNDING
    found = _read(query, [event_id, index_name, HalfVector(vector).to_text(), farthest])
    return _templates(found, len(vector))


def of_photos(event_id: int, index_name: str, photo_ids: Sequence[int]) -> Templates:
    """Those of the faces in some photos."""
    query = FACES + " AND face.photo_id = ANY(%s)"
    return _templates(_read(query, [event_id, index_name, list(photo_ids)]), 0)


class EventFaces:
    """All of an event's templates in memory, for questions of many guests at once.

    They are read when first asked for; `refresh` takes in what came and went since. A face's
    template never changes, but it may be removed.
    """

    def __init__(self, event_id: int | None, index_name: str) -> None:
        self._key = [event_id, index_name]
        self._state: object = None
        self._slices: list[_Slice] = []

    def refresh(self) -> None:
        """What was committed before this is there, and nothing that went."""
        state = self._state_now()
        if state == self._state:
            return
        if self._slices:
            self._take_in(self._ids_now())
        else:
            self._slices = _read(FACES, self._key)
        if sum(len(one.face_ids) for one in self._slices) <= HELD_WIDE:
            self._slices = [one.as_wide() for one in self._slices]
        self._state = state

    def near(self, vectors: NDArray[np.float64], at_least: Sequence[float]) -> list[Templates]:
        """For each unit vector the faces whose cosine with it is at least this, and a few a little
        below it."""
        wide, least = vectors.astype(np.float32), np.array(at_least, np.float32) - ROUNDING
        found: list[list[_Slice]] = [[] for _ in vectors]
        for one in self._slices:
            for slices, row in zip(found, one.near(wide, least), strict=True):
                slices.append(one.narrowed(np.flatnonzero(row)))
        return [_templates(slices, vectors.shape[1]) for slices in found]

    def _take_in(self, now: NDArray[np.int64]) -> None:
        held = np.concatenate([one.face_ids for one in self._slices])
        new = np.setdiff1d(now, held)
        if len(np.setdiff1d(held, now)):
            self._slices = [one.narrowed(np.isin(one.face_ids, now)) for one in self._slices]
        if len(new):
            of_these = FACES + " AND face.id = ANY(%s)"
            self._slices += _read(of_these, [*self._key, new.tolist()])

    def _state_now(self) -> object:
        with connection.cursor() as cursor:
            cursor.execute(STATE, self._key)
            return cursor.fetchone()

    def _ids_now(self) -> NDArray[np.int64]:
        with connection.cursor() as cursor:
            cursor.execute(FACE_IDS, self._key)
            return np.array(cursor.fetchone()[0] or [], np.int64)


class _Pieces:
    """A file that COPY writes into: whole rows become arrays, a piece at a time."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._row: np.dtype[Any] | None = None
        self._slices: list[_Slice] = []

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= PIECE_BYTES:
            self._take(len(self._waiting))

    def end(self) -> list[_Slice]:
        self._take(len(self._waiting) - END_BYTES)
        return self._slices

    def _take(self, length: int) -> None:
        if self._row is None:
            del self._waiting[:HEAD_BYTES]
            length -= HEAD_BYTES
            if not length:
                return
            self._row = _row(self._waiting)
        whole = length - length % self._row.itemsize
        if whole:
            self._slices.append(_slice(np.frombuffer(bytes(self._waiting[:whole]), self._row)))
            del self._waiting[:whole]


def _row(rows: bytearray) -> np.dtype[Any]:
    """Rows of one length: columns counted, then each with its length before it."""
    dimension = int(
        np.frombuffer(bytes(rows[: DIMENSION_AT + 2]), ">i2", 1, offset=DIMENSION_AT)[0]
    )
    return np.dtype([*IDS, ("template", ">f2", (dimension,))])


def _slice(rows: NDArray[Any]) -> _Slice:
    halves = rows["template"].astype(np.float16)
    lengths = np.maximum(np.linalg.norm(halves.astype(np.float32), axis=1), 1e-9)
    are_one = bool(np.all(np.abs(lengths - 1) < ROUNDING / 2))
    ids, photos = rows["id"].astype(np.int64), rows["photo"].astype(np.int64)
    return _Slice(ids, photos, halves, None if are_one else lengths)


def _read(query: str, parameters: Sequence[object]) -> list[_Slice]:
    pieces = _Pieces()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(query, parameters).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", pieces)
    return pieces.end()


def _templates(slices: list[_Slice], dimension: int) -> Templates:
    """Exactly of unit length, as far as 64 bits go."""
    if not slices:
        return Templates.none(dimension)
    vectors = np.concatenate([one.vectors for one in slices]).astype(np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    ids = np.concatenate([one.face_ids for one in slices])
    return Templates(ids, np.concatenate([one.photo_ids for one in slices]), vectors)
