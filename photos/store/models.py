"""The store's own rows: what every row with pictures says of them, and what is to be removed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from photos.store.contract import DATABASE, S3, Place


@dataclass(frozen=True)
class StoredAs:
    """Where the bytes of one kind of picture are: in that column of their row, or where that is
    empty in pieces (`OriginalPiece`); or in the object of that name in the row's folder."""

    column: str
    object_name: str


class StoredPictures(models.Model):
    """A row that holds pictures of its `kinds`, in its own columns or in a folder of the bucket.

    When such a row goes, or leaves its folder, a trigger of the table (see the migrations) adds
    the folder to those to remove, whoever deletes and however.
    """

    class StoreName(models.TextChoices):
        DATABASE = DATABASE, _("database")
        S3 = S3, _("bucket")

    # The keys are names that no two models share.
    kinds: ClassVar[Mapping[str, StoredAs]]
    # What the folders of the rows lie in, in a bucket; no two models share it either.
    folder_parent: ClassVar[str]
    # The fields of which one changes when pictures are added to a row.
    progress_fields: ClassVar[tuple[str, ...]]

    store = models.CharField(
        _("stored in"), max_length=10, choices=StoreName, default=DATABASE, editable=False
    )
    folder = models.CharField(max_length=100, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    @property
    def place(self) -> Place:
        return Place(self.store, self._meta.db_table, self.pk, self.folder)

    @classmethod
    def with_pictures(cls, event_id: int | None = None) -> models.QuerySet[Any]:
        """The rows that should hold any: all, or those of one event."""
        raise NotImplementedError

    @classmethod
    def columns(cls) -> list[str]:
        """The names of the columns that hold bytes."""
        return [stored.column for stored in cls.kinds.values() if stored.column]

    def defer_pictures(self) -> None:
        """Be as if read by the manager: a later save leaves pictures as they are by then."""
        for column in self.columns():
            self.__dict__.pop(column, None)

    def folder_parents(self) -> tuple[object, ...]:
        """What the row's folder in a bucket lies in, from the outermost."""
        return (self.folder_parent,)

    def expected_kinds(self) -> Collection[str]:
        """The kinds of pictures that the row should have now."""
        return self.kinds

    def sha256_of(self, kind: str) -> str | None:
        """The SHA-256 that a picture must have, where it is known."""
        return None


class OriginalPiece(models.Model):
    """A part of a photo's original, where the database is its store (`photos.store.pieces`).

    No foreign key: its check of each row would cost 5 ms a photo. Triggers of the photos' table
    remove the pieces of a row that goes, or that leaves the database.
    """

    pk = models.CompositePrimaryKey("photo_id", "number")
    photo_id = models.BigIntegerField()
    number = models.IntegerField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"piece {self.number} of photo {self.photo_id}"


class RemovalQuerySet(models.QuerySet["StoredObjectRemoval"]):
    def due(self) -> Self:
        return self.filter(available_at__lte=timezone.now())


class StoredObjectRemoval(models.Model):
    """A folder of the bucket to empty, unless by then a row holds it.

    Added by a trigger with the transaction that deletes a row or takes it out of its folder, and
    ahead of everything that is brought to the bucket, for the case that no row ever refers to it.
    """

    folder = models.CharField(max_length=100)
    # Names an upload in parts into the folder, which is aborted if it was never completed.
    # (The database has defaults because the triggers name the folder only.)
    upload_id = models.CharField(max_length=1024, blank=True, default="", db_default="")
    available_at = models.DateTimeField(default=timezone.now, db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    failure_code = models.CharField(max_length=40, blank=True, default="", db_default="")

    objects = RemovalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["available_at"], name="removal_due")]

    def __str__(self) -> str:
        return f"removal {self.pk} of {self.folder}"


def new_folder(*parents: object) -> str:
    """A folder's name: 128 random bits, so that nobody guesses it from another's."""
    return "/".join([*map(str, parents), secrets.token_hex(16)])


def bytes_where_the_row_says(kinds: Mapping[str, StoredAs]) -> models.Q:
    """The condition of a constraint: a row with a folder has no bytes in its columns."""
    columns = [stored.column for stored in kinds.values() if stored.column]
    emptied = {f"{column}__isnull": True for column in columns}
    in_bucket = models.Q(store=S3, **emptied) & ~models.Q(folder="")
    return models.Q(store=DATABASE, folder="") | in_bucket


def holders() -> list[type[StoredPictures]]:
    """Every model whose rows hold pictures, of this room and of those above."""
    return [model for model in apps.get_models() if issubclass(model, StoredPictures)]


@cache
def every_kind() -> Mapping[str, StoredAs]:
    """The kinds of all models."""
    return {name: stored for model in holders() for name, stored in model.kinds.items()}


def objects_in(folder: str) -> set[str]:
    """The names of what a folder may hold; of any kind where it belongs to no model."""
    parent = folder.partition("/")[0]
    declared = [model.kinds for model in holders() if model.folder_parent == parent]
    return {stored.object_name for kinds in declared or [every_kind()] for stored in kinds.values()}
