"""The jobs of the face room: load by id, call one service."""

from events.models import Event
from faces import enrolling, matching, notices, receipts, scanning


def scan(scan_id: int) -> None:
    scanning.run(scan_id)


def enroll(event_id: int) -> None:
    enrolling.enroll_event(event_id)


def rematch(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        return
    if event.indexing == Event.Indexing.GUESTS_ONLY:
        scanning.scan_again(event)
    else:
        matching.match_everybody(event)


def rescan(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event is not None:
        scanning.scan_again(event)


def sweep() -> None:
    scanning.sweep()
    enrolling.sweep()
    notices.sweep()
    receipts.sweep()


def notice(request_id: int) -> None:
    notices.send(request_id)


def receipt(receipt_id: int) -> None:
    receipts.send(receipt_id)
