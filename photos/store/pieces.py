"""Originals that the database holds: in pieces of a page each, in a table of their own.

Read and written by COPY, in PostgreSQL's binary format, some pieces at a time
(the figures are in decision 23).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from django.db import connection

from findme import space
from photos.store import blobs
from photos.store.contract import CHUNK, Content
from photos.store.models import OriginalPiece

# With the row's header, its key and the length of the value 8,136 bytes: one row fills a page of
# 8,192, and fits into one that a removed row has left.
PIECE_BYTES = 8096
PAGE_BYTES = 8192
AT_ONCE = CHUNK // PIECE_BYTES
# Copied at once: they stay in the processor's caches (with as many as are read at once it takes 5
# ms of a process of ours a photo, not 2).
WRITTEN_AT_ONCE = 16

# A row of three counted values, as COPY has it: the photo's id, the piece's number, its bytes.
_HEAD = struct.Struct("!hiqiii")


def write(photo_id: int, data: Content) -> None:
    """Send an original to where its photo's row was saved, in the same transaction."""
    blobs.copy_in(
        OriginalPiece._meta.db_table, ("photo_id", "number", "data"), _rows(photo_id, data)
    )


def read(photo_id: int, start: int = 0, stop: int | None = None) -> bytes | None:
    """The bytes from `start` to before `stop` or the end; None where there are none."""
    first = start // PIECE_BYTES
    where = f"photo_id = {int(photo_id)} AND number >= {first}"
    if stop is not None:
        where += f" AND number <= {(stop - 1) // PIECE_BYTES}"
    values = blobs.copy_out(
        f"SELECT data FROM {OriginalPiece._meta.db_table} WHERE {where} ORDER BY number"  # noqa: S608
    )
    offset = first * PIECE_BYTES
    whole = b"".join(value for value in values if value is not None)
    return whole[start - offset : None if stop is None else stop - offset] or None


def end_of_chunk(start: int, stop: int | None) -> int:
    """How far to read at once: to the border of a piece, that none is read twice."""
    end = (start // PIECE_BYTES + AT_ONCE) * PIECE_BYTES
    return end if stop is None else min(end, stop)


@space.register
def reusable() -> int:
    """The bytes of pages that hold no piece, by PostgreSQL's last look at the table: none where it
    has grown since, for then they are used up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpages, reltuples::bigint, pg_relation_size(oid) / %s FROM pg_class"
            " WHERE oid = %s::regclass",
            [PAGE_BYTES, OriginalPiece._meta.db_table],
        )
        pages, pieces, pages_now = cursor.fetchone()
    return max(0, pages - max(pieces, 0)) * PAGE_BYTES if pages_now <= pages else 0


def _rows(photo_id: int, data: Content) -> Iterator[bytes]:
    """The rows of an original, as COPY has them, some pieces at a time."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    file.seek(0)
    number = 0
    while block := memoryview(file.read(WRITTEN_AT_ONCE * PIECE_BYTES)):
        rows: list[bytes | memoryview] = []
        for at in range(0, len(block), PIECE_BYTES):
            piece = block[at : at + PIECE_BYTES]
            rows += [_HEAD.pack(3, 8, photo_id, 4, number, len(piece)), piece]
            number += 1
        yield b"".join(rows)
