"""The jobs of the face room, which load by id and call one service, and its sweeps.

A face service that is away fails no job: what it left undone is in the rows, and the sweep has it
done later.
"""

import logging
from collections.abc import Callable
from functools import wraps

from events.models import Event
from faces.errors import IndexRefused, IndexUnavailable
from faces.finding import (
    claims,
    enrolling,
    reindexing,
    renewing,
    scanning,
    searching,
    tidying,
)
from faces.index.indexes import index_of
from faces.models import Consent
from faces.notices import mailing, ready
from faces.privacy import event_removal, receipts, unclaimed
from faces.working import leases
from findme import sweeps

logger = logging.getLogger(__name__)


def put_off_without_the_index(job: Callable[[int], None]) -> Callable[[int], None]:
    @wraps(job)
    def attempt(object_id: int) -> None:
        try:
            job(object_id)
        except (IndexUnavailable, IndexRefused) as error:
            logger.warning("job_put_off job=%s id=%s reason=%s", job.__name__, object_id, error)

    return attempt


def scan(scan_id: int) -> None:
    scanning.run(scan_id)


@put_off_without_the_index
def enroll(event_id: int) -> None:
    enrolling.enroll_event(event_id)


def rematch(event_id: int) -> None:
    """Match anew; after a change of threshold what was kept of the faces may not be enough."""
    event = Event.objects.filter(pk=event_id).first()
    finished = renewing.rematch(event) if event else None
    if event is None or finished is None:
        return
    event.refresh_from_db()  # the photos are compared with models of the newest threshold
    if finished.rescans and not searching.is_enough_kept(event):
        scanning.scan_again(event)
    renewing.end(finished)


@put_off_without_the_index
def rescan(event_id: int) -> None:
    """Look again after a change of who is looked for. A remote collection that holds everybody's
    faces is left for a new one, and with it those who never agreed."""
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        return
    index = index_of(event)
    if index.is_remote:
        reindexing.start(event, index.row.kind, anew=True)
    else:
        scanning.scan_again(event)


@put_off_without_the_index
def search_guest(consent_id: int) -> None:
    consent = Consent.objects.in_force().filter(pk=consent_id).first()
    if consent is not None and consent.event is not None:
        searching.search_guests(consent.event, [consent.user_id])
        renewing.renew_for(consent.event, consent.user_id)


def renew(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event is not None:
        renewing.renew_due(event)


@put_off_without_the_index
def settle(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event is not None:
        searching.settle(event)


@put_off_without_the_index
def reindex(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event is not None:
        reindexing.go_on(event)


def tidy(index_id: int) -> None:
    tidying.tidy(index_id)


def forget_unclaimed(event_id: int) -> None:
    unclaimed.forget(event_id)


def remove_event(event_id: int) -> None:
    event_removal.remove(event_id)


def notice(request_id: int) -> None:
    mailing.send(request_id)


def tell_ready(event_id: int) -> None:
    ready.send_some(event_id)


def receipt(receipt_id: int) -> None:
    receipts.send(receipt_id)


sweeps.register(claims.return_stale)
sweeps.register(scanning.enqueue_lost, event_removal.sweep, for_lost_jobs=True)
sweeps.register(
    enrolling.sweep,
    renewing.sweep,
    searching.sweep,
    reindexing.sweep,
    tidying.sweep,
    mailing.sweep,
    ready.sweep,
    receipts.sweep,
    unclaimed.sweep,
    leases.sweep,
)
