"""The contract of a store: what it takes and gives, whatever keeps the bytes behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

DATABASE = "database"
S3 = "s3"

# Large enough for the database's and the network's taste, small enough to hold a few at once.
CHUNK = 2**20

# Bytes, or a file of them that can be read from its start more than once.
Content = bytes | BinaryIO


def length_of(data: Content) -> int:
    """Bytes in all; a file is then at its start."""
    if isinstance(data, bytes):
        return len(data)
    length = data.seek(0, os.SEEK_END)
    data.seek(0)
    return length


@dataclass(frozen=True)
class Place:
    """Where the pictures of one row are. `folder` is empty where the database holds them."""

    store: str
    table: str
    row_id: int
    folder: str


class PreparedPictures(Protocol):
    """Pictures on their way into a row."""

    def fields(self) -> dict[str, Any]:
        """What the row has to be saved with, in the running transaction, to hold them."""

    def attach(self, row_id: int) -> None:
        """Bring what is kept beside the row, right after it was saved with those fields."""

    def abandon(self) -> None:
        """No row will hold them: what was stored of them already is removed soon."""


class Store(Protocol):
    """One place for bytes. Whatever asks a service raises `faults.StoreUnavailable`."""

    name: str
    # Whether what was prepared can be read before the row's transaction.
    readable_before_commit: bool

    def prepare(self, folder: str, pictures: Mapping[str, Content]) -> PreparedPictures:
        """Bring pictures, by kind, to where a row can hold them. Outside any transaction."""

    def read(self, place: Place, kind: str) -> bytes | None:
        """A whole picture; None where there is none."""

    def chunks(
        self, place: Place, kind: str, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        """The bytes from `start` to before `stop` or the end, as far as they are there."""

    def address(self, place: Place, kind: str, overrides: Mapping[str, str]) -> str | None:
        """A signed address that browsers can fetch the picture from; None if there is none.

        `overrides` are response headers, as query parameters of the S3 API.
        """
