"""What the log of an event says of originals that were taken home.

A download comes in many requests, as what broke off is gone on with: it is one line within an hour.
Photos that are taken one by one are one line an hour with how many they were, and which grows: a
line for each would bury all others.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

from events import audit
from events.access import user_of
from events.models import Event

logger = logging.getLogger(__name__)

ONCE = timedelta(hours=1)


def download(
    request: HttpRequest, answer: HttpResponseBase, event: Event, did: str, *, what: str, count: int
) -> None:
    """An archive, or a table, of so many photos. `what` is the hash of all that is in it."""
    user = user_of(request)
    if not _takes(request, answer):
        return
    if cache.add(f"exported:{event.pk}:{user.pk}:{what}", True, ONCE.total_seconds()):
        audit.record(event, did, by=user, count=count)
        logger.info("%s event=%s count=%s", did, event.pk, count)


def single_file(request: HttpRequest, answer: HttpResponseBase, event: Event) -> None:
    """One that was gone on with counts twice: to know which they were, each had to be kept."""
    if _takes(request, answer):
        audit.count_one_more(event, "single_originals_exported", by=user_of(request), within=ONCE)
        logger.info("single_originals_exported event=%s count=1", event.pk)


def _takes(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Programs ask for one byte to learn whether they could go on: nobody takes home what that is.
    A redirect leads to the file in the bucket."""
    is_sent = answer.status_code in (200, 302) or (
        answer.status_code == 206 and answer.headers.get("Content-Length") != "1"
    )
    return request.method == "GET" and is_sent
