"""A picture's bytes, wherever they are, also while they are moved."""

from __future__ import annotations

from collections.abc import Iterator

from photos.store import stores
from photos.store.contract import Place
from photos.store.faults import PictureMissing
from photos.store.models import StoredPictures


def read(model: type[StoredPictures], row_id: int, kind: str) -> bytes | None:
    """The bytes of one of a row's `kinds`; None where there are none."""
    row = model._default_manager.only("store", "folder").filter(pk=row_id).first()
    return None if row is None else read_of(row, kind)


def read_of(row: StoredPictures, kind: str) -> bytes | None:
    """A picture of a row, also while it is being moved from one store to the other."""
    place: Place | None = row.place
    while place is not None:
        data = stores.named(place.store).read(place, kind)
        if data is not None:
            return data
        place = _place_if_moved(row, place)
    return None


def stream(row: StoredPictures, kind: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` to before `stop`, a piece at a time; a move in between is no matter.

    Raises `PictureMissing` where they end too early.
    """
    place: Place | None = row.place
    while start < stop:
        if place is None:
            raise PictureMissing(f"{kind} of {row._meta.label_lower} {row.pk}")
        for piece in stores.named(place.store).chunks(place, kind, start, stop):
            start += len(piece)
            yield piece
        place = _place_if_moved(row, place)


def _place_if_moved(row: StoredPictures, before: Place) -> Place | None:
    """Where the row's pictures are now, if that is another place than before."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    now = rows.only("store", "folder").first()
    return None if now is None or now.place == before else now.place
