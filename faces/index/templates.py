"""Reading many templates at once: COPY in binary format, taken as it comes into one array.

Read as text and parsed one by one, 20,000 templates take 1.9 s; so, SECONDS.
"""

from __future__ import annotations

import io

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from faces.index.contract import Templates

# The signature of COPY's binary format, flags, and the length of an extension; at the end a row of
# -1 columns.
HEAD_BYTES, END_BYTES = 19, 2
# A database compares with the vector rounded to 16 bits: cosines may differ by this much.
ROUNDING = 0.001
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

FACES = """
    SELECT face.id, face.photo_id, face.template FROM faces_face face
     WHERE face.event_id = %s AND face.index_name = %s AND face.template IS NOT NULL
"""


def of_event(event_id: int | None, index_name: str) -> Templates:
    return _read(FACES, [event_id, index_name])


def near(
    event_id: int | None, index_name: str, vector: NDArray[np.float64], at_least: float
) -> Templates:
    """Those whose cosine with a unit vector is at least this, and a few a little below it."""
    query = FACES + " AND face.template <=> %s::halfvec <= %s"
    farthest = 1 - at_least + ROUNDING
    found = _read(query, [event_id, index_name, HalfVector(vector).to_text(), farthest])
    return found if len(found) else Templates.none(len(vector))


def _read(query: str, parameters: list[object]) -> Templates:
    out = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(query, parameters).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", out)
    return _templates(out.getbuffer())


def _templates(copied: memoryview) -> Templates:
    """Rows of one length: columns counted, then each with its length before it."""
    rows = copied[HEAD_BYTES : len(copied) - END_BYTES]
    if not rows:
        return Templates.none(0)
    dimension = int(np.frombuffer(rows, ">i2", 1, offset=30)[0])
    row = np.dtype([*IDS, ("template", ">f2", (dimension,))])
    read = np.frombuffer(rows, row)
    vectors = read["template"].astype(np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Templates(read["id"].astype(np.int64), read["photo"].astype(np.int64), vectors)
