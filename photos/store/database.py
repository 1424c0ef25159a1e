"""Bytes in the columns of their row: one backup holds everything, and no disk is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from photos.store import blobs
from photos.store.contract import CHUNK, DATABASE, Content, Place
from photos.store.models import every_kind

# Below it a value goes with the statement: sending it ahead costs two statements more.
STAGED_FROM_BYTES = 64 * 2**10


@dataclass(frozen=True)
class PreparedColumns:
    pictures: Mapping[str, Content]

    def fields(self) -> dict[str, Any]:
        """Sends the bytes. Nothing of it lasts unless the transaction does."""
        columns = {_column(kind): _value(kind, data) for kind, data in self.pictures.items()}
        return {"store": DATABASE, "folder": "", **columns}

    def abandon(self) -> None:
        """Nothing was stored."""


class DatabaseStore:
    name = DATABASE
    readable_before_commit = False

    def prepare(self, folder: str, pictures: Mapping[str, Content]) -> PreparedColumns:
        return PreparedColumns(pictures)

    def read(self, place: Place, kind: str) -> bytes | None:
        return blobs.fetch(place.table, _column(kind), place.row_id)

    def chunks(
        self, place: Place, kind: str, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        while stop is None or start < stop:
            length = CHUNK if stop is None else min(CHUNK, stop - start)
            piece = blobs.fetch(place.table, _column(kind), place.row_id, start, length)
            if not piece:
                return
            yield piece
            start += len(piece)

    def address(self, place: Place, kind: str, overrides: Mapping[str, str]) -> str | None:
        return None


def _column(kind: str) -> str:
    return every_kind()[kind].column


def _value(kind: str, data: Content) -> Any:
    if isinstance(data, bytes) and len(data) < STAGED_FROM_BYTES:
        return data
    return blobs.staged(data, kind)
