"""Jobs that the queue runs for photos, and their sweeps."""

from findme import sweeps
from photos.gallery import versions
from photos.intake import direct_upload
from photos.store import emptying


def remove_objects(_: int) -> None:
    """One job does every removal that is due, whoever asked for it."""
    emptying.drain()


sweeps.register(direct_upload.sweep, emptying.sweep, versions.fold)
