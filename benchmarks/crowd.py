"""Guests at once over HTTP, each asking again as soon as it is answered."""

from __future__ import annotations

import http.client
import threading
import time

AT_ONCE = 50
SECONDS = 8.0


def load(port: int, cookie: str, path: str, *, revalidate: bool) -> float:
    """Requests a second for one path, of guests who all have the same session."""
    headers = {"Cookie": f"sessionid={cookie}; csrftoken={'t' * 32}"}
    if revalidate:
        headers["If-None-Match"] = once(port, path, headers)[1]
    counts = [0] * AT_ONCE
    until = time.perf_counter() + SECONDS

    def visit(number: int) -> None:
        while time.perf_counter() < until:
            status, _ = once(port, path, headers)
            if status != (304 if revalidate else 200):
                raise SystemExit(f"{path}: {status}")
            counts[number] += 1

    threads = [threading.Thread(target=visit, args=[n]) for n in range(AT_ONCE)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def once(port: int, path: str, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers.get("ETag", "")
