"""Things that go wrong with a service far away, on demand."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from tests.rekognition.server.wire import Refused

NOT_FOUND = "faceId was not found in the collection."
# Kinds that are an error answer, given instead of doing anything.
ANSWERS = {
    "throughput": ("ProvisionedThroughputExceededException", "Provisioned rate exceeded.", 400),
    "throttling": ("ThrottlingException", "Slow down; sudden increase in rate of requests.", 400),
    "throttling_500": ("ThrottlingException", "Service unavailable. Please retry.", 500),
    "server_error": ("InternalServerError", "Internal server error", 500),
    "access_denied": ("AccessDeniedException", "User is not authorized to perform this.", 400),
    "quota": ("ServiceQuotaExceededException", "Number of faces exceeds the allowed limit.", 400),
    # What a face indexed a moment ago may get, until all of the service knows of it.
    "not_settled": ("InvalidParameterException", NOT_FOUND, 400),
}
# The work is done and the connection closed without an answer; the connection is reset before
# anything is done; the answer takes its time.
DEEDS = ("lost_reply", "reset", "slow_reply")
KINDS = (*ANSWERS, *DEEDS)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong, and when: without more, with every request from now on.

    Of the requests for the operation (of all, where none is named) the first `after` go well;
    of the others a share goes wrong, by chance, or all; and after so many `times` none any more.
    `seconds` is how long a slow reply takes.
    """

    kind: str
    operation: str | None = None
    share: float = 1.0
    times: int | None = None
    after: int = 0
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is none of {', '.join(KINDS)}")

    @property
    def answer(self) -> Refused | None:
        return Refused(*ANSWERS[self.kind]) if self.kind in ANSWERS else None

    @property
    def delay_seconds(self) -> float:
        return self.seconds if self.kind == "slow_reply" else 0.0


class Script:
    """Faults in the order they were given; a request meets the first that is due.

    With the same seed the same requests go wrong, as long as they come in the same order.
    """

    def __init__(self, faults: tuple[Fault, ...] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._plans = [_Plan(fault, random.Random(f"{seed}/{i}")) for i, fault in enumerate(faults)]

    def next(self, operation: str) -> Fault | None:
        with self._lock:
            return next((p.fault for p in self._plans if p.is_due(operation)), None)


@dataclass
class _Plan:
    fault: Fault
    chance: random.Random
    seen: int = 0
    done: int = 0

    def is_due(self, operation: str) -> bool:
        fault = self.fault
        if fault.operation not in (None, operation):
            return False
        self.seen += 1
        if self.seen <= fault.after or self.done == fault.times:
            return False
        is_due = self.chance.random() < fault.share
        self.done += is_due
        return is_due
