"""Whether every row's pictures are there and what they should be, and what no row holds."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from botocore import exceptions as boto
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import NegatedExpression
from django.db.models.functions import Length
from django.db.models.lookups import IsNull

from photos.imaging import formats
from photos.store import removals, stores, trial
from photos.store.configured import storage
from photos.store.contract import DATABASE
from photos.store.faults import as_store_unavailable, is_missing
from photos.store.models import OriginalPiece, StoredObjectRemoval, StoredPictures, holders

# What every picture of our own making is; only originals may be something else.
OURS = {"JPEG", "WEBP"}


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
    return set().union(*(_unowned(page) for page in _folders()))


def orphans_behind(folder: str, most: int) -> set[str]:
    """`orphans` among the objects that follow a folder in the bucket: one page of its listing.

    Raises `StoreUnavailable`.
    """
    bucket = storage()
    parent = folder.partition("/")[0]
    with as_store_unavailable():
        page = bucket.client.list_objects_v2(
            Bucket=bucket.bucket_name,
            Prefix=bucket.key(f"{parent}/"),
            StartAfter=bucket.key(folder),
            MaxKeys=most,
        )
    return _unowned(_folders_of(page))


def lacking(model: type[StoredPictures], *kinds: str) -> QuerySet[Any]:
    """Rows that are to have their pictures in the database, and lack one of these kinds there. A
    look at each row, and at nobody's bytes."""
    absent = [Q(_absent(model, kind)) for kind in kinds]
    return model.with_pictures().filter(reduce(or_, absent), store=DATABASE)


def lengths(rows: Collection[StoredPictures], kind: str) -> Mapping[int, int | None]:
    """How long a kind of picture is where it is kept, by row of one model; None where there is
    none. No bytes are read: one query for those in the database, one request for each other.

    Raises `StoreUnavailable`.
    """
    found: dict[int, int | None] = {}
    here = [row for row in rows if row.store == DATABASE]
    if here:
        model = type(here[0])
        measured = model._default_manager.filter(pk__in=[row.pk for row in here])
        found |= dict(measured.values_list("pk", _length(model, kind)))
    for row in rows:
        if row.store != DATABASE:
            found[row.pk] = _length_in_bucket(row, kind)
    return found


def _absent(model: type[StoredPictures], kind: str) -> IsNull | NegatedExpression[Any]:
    """Whatever is in pieces has a first one."""
    if column := model.kinds[kind].column:
        return IsNull(F(column), True)
    return ~Exists(OriginalPiece.objects.filter(photo_id=OuterRef("pk"), number=0))


def _length(model: type[StoredPictures], kind: str) -> Length | Subquery:
    """PostgreSQL knows it of a value without reading it."""
    if column := model.kinds[kind].column:
        return Length(column)
    own = OriginalPiece.objects.filter(photo_id=OuterRef("pk")).order_by().values("photo_id")
    return Subquery(own.annotate(length=Sum(Length("data"))).values("length"))


def sample(model: type[StoredPictures], store: str, size: int) -> list[Any]:
    """Some of the rows whose pictures are in a store, wherever they lie."""
    rows = model.with_pictures().filter(store=store)
    ends = rows.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return []
    span = range(ends["first"], ends["last"] + 1)
    drawn = random.sample(span, min(4 * size, len(span)))
    return [*rows.filter(pk__in=drawn)[:size]]


def _length_in_bucket(row: StoredPictures, kind: str) -> int | None:
    bucket = storage()
    key = bucket.key(f"{row.folder}/{row.kinds[kind].object_name}")
    try:
        answer = bucket.client.head_object(Bucket=bucket.bucket_name, Key=key)
    except (boto.BotoCoreError, boto.ClientError) as error:
        if isinstance(error, boto.ClientError) and is_missing(error):
            return None
        with as_store_unavailable():
            raise
    return int(answer["ContentLength"])


def _problems(row: StoredPictures) -> list[Problem]:
    looked_at = ((kind, _wrong(row, kind)) for kind in row.expected_kinds())
    return [Problem(row, kind, what) for kind, what in looked_at if what]


def _wrong(row: StoredPictures, kind: str) -> str:
    """What is wrong with one picture, in words; empty where nothing is."""
    digest, start, length = hashlib.sha256(), b"", 0
    with as_store_unavailable():
        for piece in stores.named(row.store).chunks(row.place, kind):
            start = start or piece[: formats.START_BYTES]
            length += len(piece)
            digest.update(piece)
    if not length:
        return "is missing"
    expected = row.sha256_of(kind)
    if expected is None:
        return "" if formats.kind_of(bytes(start)) in OURS else "is not the picture we made"
    return "" if digest.hexdigest() == expected else f"has other bytes than accepted ({length})"


def _changed(row: StoredPictures) -> bool:
    now = type(row)._default_manager.filter(pk=row.pk).first()
    return now is None or now.place != row.place


def _unowned(folders: set[str]) -> set[str]:
    """Those that neither a row holds nor anybody is about to remove."""
    booked = StoredObjectRemoval.objects.filter(folder__in=folders)
    found = folders - removals.in_use(folders) - set(booked.values_list("folder", flat=True))
    # Looked at once more: a row may have taken its folder between the two questions.
    return found - removals.in_use(found)


def _folders() -> Iterator[set[str]]:
    """The folders with objects, a page of the bucket's listing at a time.

    Among them those that a check left which was killed in its trial.
    """
    bucket = storage()
    pages = bucket.client.get_paginator("list_objects_v2")
    with as_store_unavailable():
        for parent in (*(model.folder_parent for model in holders()), trial.FOLDER_PARENT):
            prefix = bucket.key(f"{parent}/")
            for page in pages.paginate(Bucket=bucket.bucket_name, Prefix=prefix):
                yield _folders_of(page)


def _folders_of(page: Mapping[str, Any]) -> set[str]:
    root = storage().key("")
    names = [item["Key"].removeprefix(root) for item in page.get("Contents", [])]
    return {name.rpartition("/")[0].lstrip("/") for name in names}
