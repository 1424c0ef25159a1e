"""Which folders of the bucket are to be emptied. The bucket itself is not asked here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from photos.store import windows
from photos.store.contract import S3
from photos.store.faults import StoreUnavailable
from photos.store.models import StoredObjectRemoval, holders

# Longer than bringing a picture takes, a browser's upload with its pauses included.
RESERVED_FOR = timedelta(days=1)
# Folders emptied with one request. S3 takes a thousand names at most, and a folder may hold one of
# each kind.
AT_ONCE = 200
LONGEST_DELAY_MINUTES = 60


@dataclass
class PreparedObjects:
    """Objects that are in the bucket already, and that nothing refers to yet."""

    folder: str
    reservation: int

    def fields(self) -> dict[str, Any]:
        release(self.reservation)
        return {"store": S3, "folder": self.folder}

    def attach(self, row_id: int) -> None:
        """All is in the folder."""

    def abandon(self) -> None:
        hasten(self.folder)


def reserve(folder: str, upload_id: str = "") -> int:
    """Book a folder for removal before anything is put into it; a row that holds it cancels."""
    return StoredObjectRemoval.objects.create(
        folder=folder, upload_id=upload_id, available_at=timezone.now() + RESERVED_FOR
    ).pk


def extend(folder: str) -> None:
    """Put a booked removal off: something is still being brought into the folder."""
    StoredObjectRemoval.objects.filter(folder=folder, attempts=0).update(
        available_at=timezone.now() + RESERVED_FOR
    )


def hasten(folder: str) -> None:
    """Nobody will hold it: a booked removal is due now."""
    booked = StoredObjectRemoval.objects.filter(folder=folder, attempts=0)
    if not booked.update(available_at=timezone.now()):
        request([folder])


def release(reservation: int) -> None:
    """Cancel a removal, in the transaction of the row that holds the folder from then on.

    Raises `StoreUnavailable` where it has begun: the objects may be gone.
    """
    deleted, _ = StoredObjectRemoval.objects.filter(pk=reservation, attempts=0).delete()
    if not deleted:
        raise StoreUnavailable("store_unreachable", "brought too slowly")


def request(folders: Iterable[str]) -> None:
    """Have folders emptied soon, unless rows hold them."""
    StoredObjectRemoval.objects.bulk_create(
        StoredObjectRemoval(folder=folder) for folder in folders
    )


def postpone_until_addresses_expire(folder: str) -> None:
    """Keep what a moved row left behind while pages with its signed addresses are open."""
    lifetime = timedelta(seconds=windows.lifetime_seconds())
    StoredObjectRemoval.objects.filter(folder=folder, attempts=0).update(
        available_at=timezone.now() + lifetime
    )


def claim() -> list[StoredObjectRemoval]:
    """Some due removals, for this process alone until their next attempt is due.

    The attempt is counted here, so that one which never succeeds comes up ever more rarely.
    """
    with transaction.atomic():
        due = StoredObjectRemoval.objects.due().order_by("available_at", "pk")
        rows = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
        for row in rows:
            row.attempts += 1
            minutes = min(2 ** min(row.attempts, 10), LONGEST_DELAY_MINUTES)
            row.available_at = timezone.now() + timedelta(minutes=minutes)
        StoredObjectRemoval.objects.bulk_update(rows, ["attempts", "available_at"])
    return rows


def in_use(folders: Iterable[str]) -> set[str]:
    """Which folders rows hold."""
    among = list(folders)
    found: set[str] = set()
    for model in holders():
        rows = model._default_manager.filter(store=S3, folder__in=among)
        found.update(rows.values_list("folder", flat=True))
    return found
