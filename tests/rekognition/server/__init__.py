"""Rekognition for tests: its wire protocol over real HTTP, for unmodified boto3.

    with RekognitionServer(eyes=SquareEyes()) as server:
        os.environ.update(server.environment)
        boto3.client("rekognition").create_collection(CollectionId="party")
        assert server.calls == {"CreateCollection": 1}

Or as a process of its own: `python -m tests.rekognition.server --help`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from botocore import xform_name
from botocore.model import OperationModel

from tests.rekognition.server import signatures, wire
from tests.rekognition.server.account import Account
from tests.rekognition.server.eyes import Eyes, LocalEyes, SeenFace, SquareEyes
from tests.rekognition.server.faults import ANSWERS, Fault, Script
from tests.rekognition.server.pictures import Objects, no_objects
from tests.rekognition.server.stored import StoredFace, User
from tests.rekognition.server.transport import Reply, Request, Transport
from tests.rekognition.server.wire import Refused, Structure

__all__ = ["Fault", "LocalEyes", "Recorded", "RekognitionServer", "SeenFace", "SquareEyes"]

ACCESS_KEY = "AKIAFINDMETESTSERVER"
SECRET_KEY = "not-a-secret/only-the-test-server-knows-it"
# Of what this server plays; the rest is free. Those on users are taken to cost as much.
BILLABLE = (
    "AssociateFaces",
    "CompareFaces",
    "DetectFaces",
    "DisassociateFaces",
    "IndexFaces",
    "SearchFaces",
    "SearchFacesByImage",
    "SearchUsers",
    "SearchUsersByImage",
)


@dataclass
class Recorded:
    """A request. Parameters have sizes in place of pictures; empty where they were not read.

    `outcome` is "ok", the code of the error answered, or the fault that left it without answer.
    """

    operation: str
    parameters: Structure = field(default_factory=dict)
    outcome: str = "ok"
    at: float = field(default_factory=time.monotonic)


class RekognitionServer:
    """One account. Give `objects` to have pictures in S3: what is stored as (bucket, key).

    - `calls`: per operation, work that was done, its answer lost or not. `billable_calls` sums up
      those that cost money.
    - `requests`: per operation, everything that came in; `log` has each of them.
    - `settling_seconds`: how long a face just indexed is unknown to searches and lists.
    - `updating_seconds`: how long a user whose faces changed is found as it was before.
    - `calls_per_second`: more than so many of an operation within a second are throttled.
    - `clock_skew`: how far the service's clock is ahead of ours.
    """

    def __init__(
        self,
        *,
        eyes: Eyes | None = None,
        objects: Objects = no_objects,
        port: int = 0,
        seed: int = 0,
        region: str = "us-east-1",
        report: Callable[[Recorded], None] | None = None,
    ) -> None:
        self.keys = signatures.Keys(ACCESS_KEY, SECRET_KEY, region)
        self.calls: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.log: list[Recorded] = []
        self.calls_per_second: float | None = None
        self.clock_skew = timedelta()
        # Bugs of the server itself: leaving it raises the first.
        self.mistakes: list[Exception] = []
        self._account = Account(SquareEyes() if eyes is None else eyes, objects, region)
        self._seed, self._report = seed, report
        self._script = Script()
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._transport = Transport(port, self._answer)
        self.url = f"http://127.0.0.1:{self._transport.server_port}"

    def __enter__(self) -> Self:
        serve = self._transport.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._transport.stop()
        if self.mistakes and error is None:
            raise AssertionError("the test server itself is wrong") from self.mistakes[0]

    @property
    def environment(self) -> dict[str, str]:
        """What makes boto3, in this process or another, talk to this server."""
        return {
            "AWS_ENDPOINT_URL_REKOGNITION": self.url,
            "AWS_ACCESS_KEY_ID": self.keys.access_key,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret_key,
            "AWS_DEFAULT_REGION": self.keys.region,
        }

    @property
    def billable_calls(self) -> int:
        return sum(self.calls[operation] for operation in BILLABLE)

    @property
    def collections(self) -> dict[str, list[StoredFace]]:
        """A copy of what is stored: faces by collection, in the order they came."""
        with self._account.lock:
            stored = self._account.collections.items()
            return {name: list(collection.faces.values()) for name, collection in stored}

    @property
    def settling_seconds(self) -> float:
        return self._account.settling_seconds

    @settling_seconds.setter
    def settling_seconds(self, seconds: float) -> None:
        self._account.settling_seconds = seconds

    @property
    def users(self) -> dict[str, dict[str, User]]:
        """A copy of what is stored: users by id, by collection."""
        with self._account.lock:
            stored = self._account.collections.items()
            return {name: dict(collection.users) for name, collection in stored}

    @property
    def updating_seconds(self) -> float:
        return self._account.updating_seconds

    @updating_seconds.setter
    def updating_seconds(self, seconds: float) -> None:
        self._account.updating_seconds = seconds

    def script(self, *faults: Fault) -> None:
        """What goes wrong from now on, in place of what went wrong until now."""
        self._script = Script(faults, self._seed)

    def reset(self, *, keep_collections: bool = False) -> None:
        """As it was started: counts, log, faults, limits and what is stored."""
        self.script()
        self.settling_seconds = self.updating_seconds = 0.0
        self.calls_per_second = None
        self.clock_skew = timedelta()
        with self._lock, self._account.lock:
            for kept in (self.calls, self.requests, self.log, self._recent):
                kept.clear()
            self._account.answered.clear()
            if not keep_collections:
                self._account.collections.clear()

    def _answer(self, request: Request) -> Reply:
        target = request.headers.get("X-Amz-Target", "")
        record = Recorded(target.removeprefix(wire.TARGET_PREFIX))
        reply = self._reply(record, request, target)
        with self._lock:
            self.requests[record.operation] += 1
            self.log.append(record)
        if self._report:
            self._report(record)
        return reply

    def _reply(self, record: Recorded, request: Request, target: str) -> Reply:
        fault = None
        try:
            now = datetime.now(UTC) + self.clock_skew
            signatures.check(self.keys, request.url, request.headers, request.body, now)
            operation = wire.operation_model(target)
            parameters = wire.read_request(operation, request.body)
            record.parameters = wire.without_bytes(parameters)
            fault = self._script.next(operation.name)
            self._refuse(operation.name, fault)
            if fault and fault.kind == "reset":
                return _unanswered(record, fault)
            reply = Reply(body=self._work(operation, parameters))
        except Refused as error:
            record.outcome = error.code
            reply = Reply(error.status, wire.write_error(error))
        except Exception as error:  # noqa: BLE001 - raised again where the server is left
            self.mistakes.append(error)
            record.outcome = "TestServerMistake"
            reply = Reply(400, wire.write_error(Refused(record.outcome, repr(error))))
        if fault and fault.kind == "lost_reply":
            return _unanswered(record, fault)
        return replace(reply, delay_seconds=fault.delay_seconds if fault else 0)

    def _refuse(self, operation: str, fault: Fault | None) -> None:
        """Raises `Refused` where a fault or the quota wants it."""
        if fault and fault.answer:
            raise fault.answer
        if self.calls_per_second is None:
            return
        now = time.monotonic()
        with self._lock:
            recent = self._recent.setdefault(operation, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= self.calls_per_second:
                raise Refused(*ANSWERS["throughput"])
            recent.append(now)

    def _work(self, operation: OperationModel, parameters: Structure) -> bytes:
        do = getattr(self._account, xform_name(operation.name), None)
        if do is None:
            text = f"{operation.name} is not among what this server plays"
            raise Refused("UnknownOperationException", text)
        response = wire.write_response(operation, do(parameters))
        with self._lock:
            self.calls[operation.name] += 1
        return response


def _unanswered(record: Recorded, fault: Fault) -> Reply:
    record.outcome = fault.kind
    return Reply(ending="reset" if fault.kind == "reset" else "close")
