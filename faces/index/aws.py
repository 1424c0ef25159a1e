"""Calls to Amazon Rekognition: in turn, counted, and their errors told apart by whose fault it is.

Limits and error codes: Amazon Rekognition's developer guide and botocore's service model.
"""

from __future__ import annotations

import logging
import os
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
)
from django.conf import settings
from django.db import connection

from faces.errors import IndexRefused, IndexUnavailable
from photos.imaging.images import UnusableImage

logger = logging.getLogger(__name__)

ATTEMPTS = 6
CONNECT_SECONDS, READ_SECONDS = 3, 10
# Who would wait longer for a turn puts the work back, and leaves the worker to others.
LONGEST_WAIT_SECONDS = 30
# No attempt begins later than this after the first: within the time a job may take.
LAST_ATTEMPT_SECONDS = 45
# After a throttling answer everybody pauses, not only who got it.
PAUSE_SECONDS = 1

BUSY = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
    }
)
THROTTLED = BUSY - {"InternalServerError", "ServiceUnavailable"}
# What the picture is to blame for; `InvalidParameterException` is what a face that is too small,
# or none, is called.
UNUSABLE = frozenset(
    {
        "ImageTooLargeException",
        "InvalidImageFormatException",
        "InvalidParameterException",
        "InvalidS3ObjectException",
    }
)
REFUSED = {
    "AccessDeniedException": "index_access_denied",
    "ExpiredTokenException": "index_access_denied",
    "IncompleteSignatureException": "index_access_denied",
    "InvalidSignatureException": "index_access_denied",
    "UnrecognizedClientException": "index_access_denied",
    "ServiceQuotaExceededException": "index_quota",
    "LimitExceededException": "index_quota",
}
# An answer that was lost on its way: the work may be done, and billed.
LOST = (ConnectionClosedError, ReadTimeoutError)
# Slots of 1/rate seconds, handed out one after the other, for all processes and hosts; one that
# passed unused is lost. Who would wait too long takes none (no row): else those who give up would
# push the next slot ever further away. The row is locked for this statement only.
NEXT_TURN = """
    INSERT INTO faces_calllimit AS slot (name, next_at)
    VALUES (%(name)s, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE
       SET next_at = GREATEST(slot.next_at, clock_timestamp()) + %(seconds)s * interval '1 second'
     WHERE slot.next_at <= clock_timestamp() + %(longest)s * interval '1 second'
    RETURNING extract(epoch FROM next_at - clock_timestamp()) - %(seconds)s
"""
PAUSE = """
    UPDATE faces_calllimit
       SET next_at = GREATEST(next_at, clock_timestamp() + %s * interval '1 second')
     WHERE name = %s
"""
COUNT = """
    INSERT INTO faces_remotecalls AS counted (event_id, operation, day, count)
    SELECT id, %(operation)s, (clock_timestamp() AT TIME ZONE 'UTC')::date, 1
      FROM events_event WHERE id = %(event)s
    ON CONFLICT (event_id, operation, day) DO UPDATE SET count = counted.count + 1
"""
LIMIT_NAME = "rekognition"


class CollectionMissing(IndexRefused):
    """The collection is not there: never made, or deleted behind our back."""

    def __init__(self) -> None:
        super().__init__("index_missing")


class CollectionExists(IndexRefused):
    def __init__(self) -> None:
        super().__init__("index_error")


class Conflict(IndexUnavailable):
    """What is to be made is there already, or is being changed just now."""


class Rejected(UnusableImage):
    """The service will not have this picture or face; `reason` is what it says."""

    def __init__(self, reason: str) -> None:
        super().__init__("refused_by_index")
        self.reason = reason


@dataclass(frozen=True)
class Call:
    """What is asked just now, for the hooks that botocore calls at each attempt."""

    operation: str
    event_id: int | None
    until: float


_current: ContextVar[Call] = ContextVar("rekognition_call")


def ask(operation: str, *, event_id: int | None, **parameters: Any) -> dict[str, Any]:
    """An API operation. Each attempt waits its turn, and is counted if AWS may bill it.

    Raises `UnusableImage`, `IndexRefused`, `IndexUnavailable`. Outside transactions: a turn is
    given by a row that everybody needs.
    """
    until = time.monotonic() + LAST_ATTEMPT_SECONDS
    token = _current.set(Call(operation, event_id, until))
    try:
        answer: dict[str, Any] = getattr(client(), xform_name(operation))(**parameters)
    except ClientError as error:
        raise _meaning(operation, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        logger.warning("index_error operation=%s code=%s", operation, type(error).__name__)
        raise IndexRefused("index_access_denied") from error
    except BotoCoreError as error:
        logger.warning("index_unreachable operation=%s error=%s", operation, type(error).__name__)
        raise IndexUnavailable(type(error).__name__) from error
    finally:
        _current.reset(token)
    return answer


def client() -> Any:
    """This process's client: threads may share one, forked processes may not."""
    if not settings.REKOGNITION_REGION:
        raise IndexRefused("index_not_configured")
    return _client_of(os.getpid())


def forget_client() -> None:
    """Make another at the next call: this one has an endpoint or credentials of the past."""
    _client_of.cache_clear()


def wait_for_turn(longest: float = LONGEST_WAIT_SECONDS) -> None:
    with connection.cursor() as cursor:
        seconds = 1 / settings.REKOGNITION_CALLS_PER_SECOND
        bounds = {"name": LIMIT_NAME, "seconds": seconds, "longest": longest}
        cursor.execute(NEXT_TURN, bounds)
        turn = cursor.fetchone()
    if turn is None:
        raise IndexUnavailable("rate limit")
    time.sleep(max(0.0, float(turn[0])))


@cache
def _client_of(pid: int) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=10,
    )
    made = boto3.client("rekognition", region_name=settings.REKOGNITION_REGION, config=config)
    # The turn is taken before the request is signed: a signature does not wait.
    made.meta.events.register_first("request-created.rekognition", _before_attempt)
    made.meta.events.register("response-received.rekognition", _after_attempt)
    return made


def _before_attempt(**_: Any) -> None:
    left = _current.get().until - time.monotonic()
    if left <= 0:
        raise IndexUnavailable("busy")
    wait_for_turn(min(LONGEST_WAIT_SECONDS, left))


def _after_attempt(
    *, parsed_response: dict[str, Any] | None, exception: Exception | None, **_: Any
) -> None:
    call = _current.get()
    was_answered = parsed_response is not None and "Error" not in parsed_response
    if call.event_id is not None and (was_answered or isinstance(exception, LOST)):
        _count(call.event_id, call.operation)


def _meaning(operation: str, error: ClientError) -> Exception:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    logger.warning("index_error operation=%s code=%s", operation, code)
    if code in THROTTLED:
        _pause()
    if code in BUSY or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return IndexUnavailable(code)
    if code == "ResourceNotFoundException":
        return CollectionMissing()
    if code == "ResourceAlreadyExistsException":
        return CollectionExists()
    if code == "ConflictException":
        return Conflict(code)
    if code in REFUSED:
        return IndexRefused(REFUSED[code])
    if code in UNUSABLE:
        return Rejected(message)
    return IndexRefused("index_error")


def _pause() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PAUSE, [PAUSE_SECONDS, LIMIT_NAME])


def _count(event_id: int, operation: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"event": event_id, "operation": operation})
