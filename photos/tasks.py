"""Jobs that the queue runs for photos, and their sweeps."""

from findme import sweeps
from photos.delivery import turns
from photos.desk import hide_requests
from photos.gallery import versions
from photos.intake import batches, direct_upload
from photos.store import emptying


def remove_objects(_: int) -> None:
    """One job does every removal that is due, whoever asked for it."""
    emptying.drain()


def hide_answer(request_id: int) -> None:
    hide_requests.tell(request_id)


sweeps.register(batches.sweep, direct_upload.sweep, emptying.sweep, versions.fold, turns.sweep)
