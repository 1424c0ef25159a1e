"""Moving the pictures of rows from one store to the other, while galleries are served."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.db import transaction

from photos.store import removals, stores
from photos.store.contract import S3, Place
from photos.store.faults import PictureMissing, PictureSpoilt, as_store_unavailable
from photos.store.models import StoredPictures, holders, new_folder

logger = logging.getLogger(__name__)

# Pictures up to this size are carried in memory, larger ones through a file.
IN_MEMORY_BYTES = 2**20


class Damaged(PictureSpoilt):
    """What is stored is not what was accepted, or did not arrive as it was sent."""

    def __init__(self, picture: str) -> None:
        super().__init__("picture_damaged", picture)


@dataclass(frozen=True)
class Carried:
    """One picture on its way: its bytes in a file, and their SHA-256."""

    file: BinaryIO
    sha256: str


def to_move(target: str, event_id: int | None) -> Iterator[tuple[type[StoredPictures], list[int]]]:
    """The ids of each model's rows that are elsewhere."""
    for model in holders():
        rows = model.with_pictures(event_id).exclude(store=target).order_by("pk")
        yield model, list(rows.values_list("pk", flat=True))


def move(model: type[StoredPictures], pk: int, target: str) -> bool:
    """Move one row's pictures; False where it is gone, or there already.

    The source is given up in the transaction that points the row to its copy, which was read back
    and compared before; a kill at any moment leaves the row with one whole set. Raises `Damaged`,
    `PictureMissing` and `StoreUnavailable`; the row stays where it is then.
    """
    while row := model.with_pictures().filter(pk=pk).exclude(store=target).first():
        with ExitStack() as files:
            pictures = {
                kind: carried
                for kind in model.kinds
                if (carried := _carry(row, kind, files)) is not None
            }
            _expect(row, pictures)
            if _repoint(row, target, pictures):
                return True
    return False


def _carry(row: StoredPictures, kind: str, files: ExitStack) -> Carried | None:
    """A copy of a picture outside both stores; None where there is none."""
    with as_store_unavailable():
        spooled = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (below)
        file = files.enter_context(spooled)
        digest = hashlib.sha256()
        for piece in stores.named(row.store).chunks(row.place, kind):
            digest.update(piece)
            file.write(piece)
        return Carried(cast(BinaryIO, file), digest.hexdigest()) if file.tell() else None


def _expect(row: StoredPictures, pictures: dict[str, Carried]) -> None:
    """Raise where a picture is missing, or an original is not what was accepted."""
    for kind in row.expected_kinds():
        if kind not in pictures:
            raise PictureMissing(f"{kind} of {row._meta.label_lower} {row.pk}")
        if row.sha256_of(kind) not in (None, pictures[kind].sha256):
            raise Damaged(f"{kind} of {row._meta.label_lower} {row.pk}")


def _repoint(row: StoredPictures, target: str, pictures: dict[str, Carried]) -> bool:
    """Bring the copies, compare them, point the row to them. False where it changed meanwhile."""
    destination = stores.named(target)
    folder = new_folder(*row.folder_parents()) if target == S3 else ""
    files = {kind: carried.file for kind, carried in pictures.items()}
    prepared = destination.prepare(folder, files)
    there = Place(target, row._meta.db_table, row.pk, folder)
    if destination.readable_before_commit:
        _compare(there, pictures)
    with as_store_unavailable(), transaction.atomic():
        unchanged = type(row)._default_manager.filter(pk=row.pk, **_state(row))
        emptied = dict.fromkeys(row.columns(), None)
        moved = unchanged.update(**(emptied | prepared.fields()))
        if moved:
            prepared.attach(row.pk)
            if not destination.readable_before_commit:
                _compare(there, pictures)
            if row.store == S3:
                removals.postpone_until_addresses_expire(row.folder)
    if not moved:
        prepared.abandon()
    return bool(moved)


def _compare(place: Place, pictures: dict[str, Carried]) -> None:
    """Read back what was stored."""
    for kind, carried in pictures.items():
        digest = hashlib.sha256()
        for piece in stores.named(place.store).chunks(place, kind):
            digest.update(piece)
        if digest.hexdigest() != carried.sha256:
            raise Damaged(f"copy of {kind} of {place.table} {place.row_id}")


def _state(row: StoredPictures) -> dict[str, Any]:
    """The fields by which a later update notices that the row changed meanwhile."""
    return {name: getattr(row, name) for name in ("store", "folder", *row.progress_fields)}
