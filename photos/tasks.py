"""Jobs that the queue runs for photos, and their sweeps."""

from findme import sweeps
from photos import binning
from photos.delivery import turns
from photos.desk import approval_mails, hide_requests
from photos.gallery import versions
from photos.intake import batches, direct_upload, upload_log
from photos.store import emptying


def remove_objects(_: int) -> None:
    """One job does every removal that is due, whoever asked for it."""
    emptying.drain()


def hide_answer(request_id: int) -> None:
    hide_requests.tell(request_id)


def approval_mail(membership_id: int) -> None:
    approval_mails.send(membership_id)


sweeps.register(batches.sweep, direct_upload.sweep, emptying.sweep, versions.fold, turns.sweep)
sweeps.register(approval_mails.sweep, binning.sweep, upload_log.sweep)
