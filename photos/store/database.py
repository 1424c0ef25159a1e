"""Bytes in the columns of their row, an original's beside it in pieces: one backup holds
everything, and no disk is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from findme import space
from photos.store import blobs, pieces
from photos.store.contract import CHUNK, DATABASE, Content, Place, length_of
from photos.store.faults import StoreUnavailable
from photos.store.models import every_kind

# Below it a value goes with the statement: sending it ahead costs two statements more.
STAGED_FROM_BYTES = 64 * 2**10


@dataclass(frozen=True)
class PreparedColumns:
    pictures: Mapping[str, Content]

    def fields(self) -> dict[str, Any]:
        """Sends the bytes. Nothing of it lasts unless the transaction does."""
        columns = {
            column: _value(kind, data)
            for kind, data in self.pictures.items()
            if (column := _column(kind))
        }
        return {"store": DATABASE, "folder": "", **columns}

    def attach(self, row_id: int) -> None:
        for kind, data in self.pictures.items():
            if not _column(kind):
                pieces.write(row_id, data)

    def abandon(self) -> None:
        """Nothing was stored."""


class DatabaseStore:
    name = DATABASE
    readable_before_commit = False

    def prepare(self, folder: str, pictures: Mapping[str, Content]) -> PreparedColumns:
        demand_space(sum(map(length_of, pictures.values())))
        return PreparedColumns(pictures)

    def read(self, place: Place, kind: str) -> bytes | None:
        if column := _column(kind):
            return blobs.fetch(place.table, column, place.row_id)
        return pieces.read(place.row_id)

    def chunks(
        self, place: Place, kind: str, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        while stop is None or start < stop:
            piece = _part(place, _column(kind), start, stop)
            if not piece:
                return
            yield piece
            start += len(piece)

    def address(self, place: Place, kind: str, overrides: Mapping[str, str]) -> str | None:
        return None


def demand_space(byte_count: int) -> None:
    """Raise `StoreUnavailable` where so much would use up the reserve."""
    if not space.takes(byte_count):
        raise StoreUnavailable("store_full", "reserve")


def _column(kind: str) -> str:
    """Empty for what is in pieces."""
    return every_kind()[kind].column


def _part(place: Place, column: str, start: int, stop: int | None) -> bytes | None:
    """As much as is read at once."""
    if not column:
        return pieces.read(place.row_id, start, pieces.end_of_chunk(start, stop))
    length = CHUNK if stop is None else min(CHUNK, stop - start)
    return blobs.fetch(place.table, column, place.row_id, start, length)


def _value(kind: str, data: Content) -> Any:
    if isinstance(data, bytes) and len(data) < STAGED_FROM_BYTES:
        return data
    return blobs.staged(data, kind)
