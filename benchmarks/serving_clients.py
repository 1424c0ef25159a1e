"""The clients of `serving.py`, in processes of their own; imports nothing of the product."""

from __future__ import annotations

import heapq
import json
import random
import resource
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

BODY = 3_400_000
EACH = 100


@dataclass
class Visitor:
    """One connection, kept, on which one request is under way."""

    port: int
    socket: socket.socket = field(init=False)
    wanted: tuple[bytes, int] = (b"", 200)
    sent_at: float = 0.0
    got: bytearray = field(default_factory=bytearray)
    missing: int | None = None

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, wanted: tuple[bytes, int], now: float) -> None:
        self.wanted, self.sent_at = wanted, now
        self.got.clear()
        self.missing = None
        self.socket.sendall(wanted[0])

    def receive(self) -> bool | None:
        """Whether the answer is the right one; None while it is not there as a whole."""
        piece = self.socket.recv(2**18)
        if not piece:
            return False
        if self.missing is not None:
            self.missing -= len(piece)
        else:
            self.got += piece
            head, end, body = bytes(self.got).partition(b"\r\n\r\n")
            if not end:
                return None
            length = [x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")]
            self.missing = (int(length[0].split(b":")[1]) if length else 0) - len(body)
        if self.missing > 0:
            return None
        return int(self.got[9:12]) == self.wanted[1]


def requests_of(task: dict[str, Any]) -> list[tuple[bytes, int]]:
    found = []
    for request in task["requests"]:
        lines = [f"{name}: {value}\r\n" for name, value in request["headers"].items()]
        head = f" HTTP/1.1\r\nHost: localhost\r\n{''.join(lines)}\r\n"
        found.append(
            [(f"GET {path}{head}".encode(), request["status"]) for path in request["paths"]]
        )
    most = max(map(len, found))
    return [paths[n % len(paths)] for n in range(most) for paths in found]


def load(task: dict[str, Any]) -> tuple[float, float, int]:
    """All ask until the time is over; with `think`, each waits a while (exponential) in between."""
    wanted, chance, think = requests_of(task), random.Random(1), float(task.get("think", 0))
    selector, waiting, taken = selectors.DefaultSelector(), [], []
    errors = asked = 0
    began = time.perf_counter()
    for number in range(task["connections"]):
        visitor = Visitor(task["port"])
        selector.register(visitor.socket, selectors.EVENT_READ, visitor)
        heapq.heappush(waiting, (began + chance.random() * think, number, visitor))
    began = time.perf_counter()
    until = began + task["seconds"]
    while (now := time.perf_counter()) < until:
        while waiting and waiting[0][0] <= now:
            visitor = heapq.heappop(waiting)[2]
            visitor.ask(wanted[asked % len(wanted)], now)
            asked += 1
        rest = waiting[0][0] - now if waiting else until - now
        for key, _ in selector.select(max(min(rest, until - now), 0)):
            visitor = key.data
            if (right := visitor.receive()) is None:
                continue
            now = time.perf_counter()
            if right:
                taken.append(now - visitor.sent_at)
            else:
                errors += 1
                selector.unregister(visitor.socket)
                visitor.connect()
                selector.register(visitor.socket, selectors.EVENT_READ, visitor)
            pause = chance.expovariate(1 / think) if think else 0
            heapq.heappush(waiting, (now + pause, asked + id(visitor), visitor))
    taken.sort()
    p95 = 1000 * taken[int(len(taken) * 0.95)] if taken else 0.0
    return len(taken) / task["seconds"], p95, errors


def half_an_upload(port: int, cookie: str) -> socket.socket:
    head = (
        "POST /admin/photos/photo/upload/1/file/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: sessionid={cookie}\r\nContent-Length: {BODY}\r\n\r\n"
    )
    return connected(port, head.encode() + bytes(BODY // 2))


def half_the_headers(port: int, cookie: str) -> socket.socket:
    return connected(
        port, f"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}".encode()
    )


def a_slow_reader(port: int, cookie: str, path: str) -> socket.socket:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\n\r\n"
    slow = connected(port, head.encode(), small=True)
    if slow.recv(12) != b"HTTP/1.1 200":
        sys.exit(f"{path}: no original")
    return slow


def connected(port: int, data: bytes, *, small: bool = False) -> socket.socket:
    client = socket.socket()
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    client.connect(("127.0.0.1", port))
    client.sendall(data)
    return client


def stall(task: dict[str, Any]) -> None:
    """Say when all are there; then move a little each second, and come again when sent away."""
    port, cookie, paths = task["port"], task["cookie"], task["originals"]
    starts = (
        [lambda: half_an_upload(port, cookie)] * EACH
        + [lambda: half_the_headers(port, cookie)] * EACH
        + [lambda n=n: a_slow_reader(port, cookie, paths[n % len(paths)]) for n in range(EACH)]
    )
    clients = [begin() for begin in starts]
    print("stalled", flush=True)
    for client in clients:
        client.setblocking(False)
    while True:
        time.sleep(1)
        for number, client in enumerate(clients):
            try:
                if client.recv(1024):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            client.close()
            clients[number] = starts[number]()
            clients[number].setblocking(False)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    given = json.loads(sys.stdin.readline())
    if sys.argv[1] == "stall":
        stall(given)
    else:
        print(json.dumps(load(given)))
