"""Whether every row's pictures are there and what they should be, and what no row holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from photos.store import removals, stores, trial
from photos.store.configured import storage
from photos.store.faults import as_store_unavailable
from photos.store.models import StoredObjectRemoval, StoredPictures, holders

# What every picture of our own making begins with; only originals are something else.
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Problem:
    row: StoredPictures
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.row._meta.label_lower} {self.row.pk}: {self.kind} {self.what}"


def to_read(event_id: int | None) -> Iterator[tuple[type[StoredPictures], int]]:
    """Every row that should hold pictures."""
    for model in holders():
        ids = model.with_pictures(event_id).order_by("pk").values_list("pk", flat=True)
        yield from ((model, pk) for pk in list(ids))


def problems(model: type[StoredPictures], pk: int) -> list[Problem]:
    """What is wrong with a row's pictures: each is read to its end. Empty if the row is gone.

    Raises `StoreUnavailable`.
    """
    row = model.with_pictures().filter(pk=pk).first()
    found = [] if row is None else _problems(row)
    if row is not None and found and _changed(row):
        return problems(model, pk)  # moved while it was read
    return found


def orphans() -> set[str]:
    """Folders with objects that no row holds, and that nobody will remove.

    Raises `StoreUnavailable`.
    """
    found: set[str] = set()
    for page in _folders():
        booked = StoredObjectRemoval.objects.filter(folder__in=page)
        found |= page - removals.in_use(page) - set(booked.values_list("folder", flat=True))
    # Looked at once more: a row may have taken its folder between the two questions.
    return found - removals.in_use(found)


def _problems(row: StoredPictures) -> list[Problem]:
    looked_at = ((kind, _wrong(row, kind)) for kind in row.expected_kinds())
    return [Problem(row, kind, what) for kind, what in looked_at if what]


def _wrong(row: StoredPictures, kind: str) -> str:
    """What is wrong with one picture, in words; empty where nothing is."""
    digest, start, length = hashlib.sha256(), b"", 0
    with as_store_unavailable():
        for piece in stores.named(row.store).chunks(row.place, kind):
            start = start or piece[: len(JPEG)]
            length += len(piece)
            digest.update(piece)
    if not length:
        return "is missing"
    expected = row.sha256_of(kind)
    if expected is None:
        return "" if start == JPEG else "is not the picture we made"
    return "" if digest.hexdigest() == expected else f"has other bytes than accepted ({length})"


def _changed(row: StoredPictures) -> bool:
    now = type(row)._default_manager.filter(pk=row.pk).first()
    return now is None or now.place != row.place


def _folders() -> Iterator[set[str]]:
    """The folders with objects, a page of the bucket's listing at a time.

    Among them those that a check left which was killed in its trial.
    """
    bucket = storage()
    root = bucket.key("")
    pages = bucket.client.get_paginator("list_objects_v2")
    with as_store_unavailable():
        for parent in (*(model.folder_parent for model in holders()), trial.FOLDER_PARENT):
            prefix = bucket.key(f"{parent}/")
            for page in pages.paginate(Bucket=bucket.bucket_name, Prefix=prefix):
                names = [item["Key"].removeprefix(root) for item in page.get("Contents", [])]
                yield {name.rpartition("/")[0].lstrip("/") for name in names}
