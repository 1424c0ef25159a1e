"""What the web server answers, and to whom: python benchmarks/serving.py [--rounds 5] [--json]

Two processes of the web server as `bin/run` starts it, with the real site, and in the same
processes a bare hello-world of WSGI and one of Django. Requests a second and the 95th percentile of
16 connections that ask again as soon as they are answered, in turns alone and beside 300 clients
who stall: 100 half-sent uploads, 100 half-sent headers, 100 who fetch an original of 2.6 MB and
hardly read. Then 1,000 guests who look for a while before they ask again.

The clients are processes of their own (`serving_clients.py`), on the same cores.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import scratch
from galleries import ROWS, SLUG, Guest, add_pictures, enroll
from pipeline import free_port, wait_for_web
from scratch import ROOT, report, scratch_database, signed_in

scratch.NAME = "findme_benchmark_serving"
CLIENTS = str(ROOT / "benchmarks" / "serving_clients.py")
PHOTOS, MATCHES, ORIGINALS = 2_000, 150, 8
CONNECTIONS = 16
GUESTS, THINK_SECONDS = 1_000, 20.0
MEASURED = [
    "bare",
    "django_hello",
    "thumbnails",
    "general",
    "revalidated",
    "my_photos",
    "my_photos_revalidated",
]
# Of a hundred requests of guests who look around.
VISIT = {"revalidated": 35, "news": 30, "thumbnails": 25, "general": 5, "my_photos": 5}
Rows = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure of a round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        guest, photos, originals = make_event()
        with server() as (port, web):
            rows = rounds(port, web, guest, photos, originals, options)
            rows |= guests(port, what_is_asked(port, guest, photos))
            rows["web_memory_mb_at_the_end"] = memory_of(web)
    report(f"Serving, {os.cpu_count()} cores", rows, as_json=options.json)


def served() -> Callable[..., Iterable[bytes]]:
    """The site, and beside it what answers without it and with Django alone."""
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import get_resolver, path

    site = get_wsgi_application()

    def hello(request: HttpRequest) -> HttpResponse:
        return HttpResponse("hello", content_type="text/plain")

    get_resolver().url_patterns.append(path("hello", hello))

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/bare":
            answer: Iterable[bytes] = site(environ, start)
            return answer
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"hello"]

    return application


def make_event() -> tuple[Guest, list[int], list[int]]:
    """A guest with My Photos; the photos with pictures, and those with an original too."""
    from datetime import date

    from django.db import connection

    from events.models import Event, Membership, User
    from faces.models import FaceMatch
    from photos.models import Photo

    day = date(2026, 6, 20)
    event = Event.objects.create(
        name="Benchmark", slug=SLUG, starts_on=day, ends_on=day, downloads=Event.Downloads.ORIGINAL
    )
    guest = User.objects.create_user(email="guest@example.com", name="Guest")
    Membership.objects.create(user=guest, event=event)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"event": event.pk, "photos": PHOTOS})
    originals = list(with_originals(event))
    photos = list(Photo.objects.in_event(event).visible().newest_first())
    FaceMatch.objects.bulk_create(
        FaceMatch(
            user=guest, photo=one, event=event, taken_at=one.taken_at, similarity=95, band="sure"
        )
        for one in photos[:: len(photos) // MATCHES]
    )
    add_pictures(event, [guest])
    enroll(event, [guest])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    shown = Photo.objects.in_event(event).filter(thumbnail_data__isnull=False)
    return Guest(guest.pk, signed_in(guest)), list(shown.values_list("pk", flat=True)), originals


def with_originals(event: Any) -> Iterator[int]:
    """Noise compresses badly: 2.6 MB each."""
    import numpy as np
    from PIL import Image

    from photos.intake.ingest import ingest
    from photos.models import Photo

    for number in range(ORIGINALS):
        chance = np.random.default_rng(number)
        noise = chance.integers(0, 256, (1400, 2100, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).save(file, "JPEG", quality=90)
        taken = ingest(event=event, data=file.getvalue(), name=f"{number}.jpg", uploader=None)
        Photo.objects.filter(pk=taken.photo.pk).update(status=Photo.Status.READY)
        yield taken.photo.pk


@contextmanager
def server() -> Iterator[tuple[int, psutil.Process]]:
    """The web server as `bin/run` starts it."""
    from findme.serving import web

    port = free_port()
    command = web.command(port, application="serving:served()")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "benchmarks"), "WEB_CONCURRENCY": "2"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for_web(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def what_is_asked(port: int, guest: Guest, photos: list[int]) -> dict[str, dict[str, Any]]:
    """By name: the paths that are asked in turns, the headers, and the status that is right."""
    import crowd
    from django.urls import reverse

    chance = random.Random(7)
    cookie = {"Cookie": f"sessionid={guest.cookie}; csrftoken={'t' * 32}"}
    general, mine = f"/e/{SLUG}/", reverse("my_photos", args=[SLUG])
    known = {path: crowd.once(port, path, cookie)[1] for path in (general, mine) for _ in "12"}
    pictures = [f"{general}photos/{chance.choice(photos)}/thumbnail.jpg" for _ in range(200)]

    def ask(*paths: str, etag: str = "") -> dict[str, Any]:
        headers = cookie | ({"If-None-Match": etag} if etag else {})
        return {"paths": paths, "headers": headers, "status": 304 if etag else 200}

    return {
        "bare": ask("/bare"),
        "django_hello": ask("/hello"),
        "thumbnails": ask(*pictures),
        "general": ask(general),
        "revalidated": ask(general, etag=known[general]),
        "my_photos": ask(mine),
        "my_photos_revalidated": ask(mine, etag=known[mine]),
        "news": ask(f"{general}news/?after={photos[-1]}"),
    }


def rounds(
    port: int,
    web: psutil.Process,
    guest: Guest,
    photos: list[int],
    originals: list[int],
    options: argparse.Namespace,
) -> Rows:
    """Alone and beside the stalled in turns, so that both see the same machine; the medians, also
    of the ratios of each turn to the next."""
    taken: dict[str, list[float]] = {"web_memory_mb": [], "web_memory_mb_beside_300_stalled": []}

    def measure(suffix: str) -> None:
        requests = what_is_asked(port, guest, photos)  # anew: a download changes the versions
        for name in MEASURED:
            before = cpu_of(web)
            rate, p95, errors = load(port, [requests[name]], options.seconds)
            used = 1000 * (cpu_of(web) - before) / max(rate * options.seconds, 1)
            found = {"a_second": rate, "p95_ms": p95, "cpu_ms": used}
            for what, figure in found.items():
                taken.setdefault(f"{name}_{what}{suffix}", []).append(figure)
            taken.setdefault(f"errors{suffix}", []).append(errors)
        taken[f"web_memory_mb{suffix}"].append(memory_of(web))

    warm = what_is_asked(port, guest, photos)
    load(port, list(warm.values()), options.seconds)
    for _ in range(options.rounds):
        measure("")
        with stalled(port, guest, originals):
            measure("_beside_300_stalled")
    errors = {name: sum(counts) for name, counts in taken.items() if name.startswith("errors")}
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return medians | errors | ratios(taken)


@contextmanager
def stalled(port: int, guest: Guest, originals: list[int]) -> Iterator[None]:
    """300 who hold a connection each."""
    paths = [f"/e/{SLUG}/photos/{pk}/download?size=original" for pk in originals]
    process = start("stall", {"port": port, "cookie": guest.cookie, "originals": paths})
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.communicate()
        time.sleep(1)


def load(port: int, requests: list[dict[str, Any]], seconds: float) -> tuple[float, float, int]:
    """Requests a second, the 95th percentile in milliseconds, and how many failed."""
    task = {"port": port, "requests": requests, "connections": CONNECTIONS, "seconds": seconds}
    return finished(start("load", task))


def guests(port: int, requests: dict[str, dict[str, Any]]) -> Rows:
    looked_at = [requests[name] for name, share in VISIT.items() for _ in range(share)]
    random.Random(7).shuffle(looked_at)
    task = {"port": port, "requests": looked_at, "connections": GUESTS, "seconds": 20.0}
    rate, p95, errors = finished(start("load", task | {"think": THINK_SECONDS}))
    return {"guests_a_second": rate, "guests_p95_ms": p95, "errors_of_guests": errors}


def start(kind: str, task: dict[str, Any]) -> subprocess.Popen[bytes]:
    command = [sys.executable, CLIENTS, kind]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(task)}\n".encode())
    process.stdin.flush()
    return process


def finished(process: subprocess.Popen[bytes]) -> tuple[float, float, int]:
    rate, p95, errors = json.loads(process.communicate()[0])
    return rate, p95, errors


def memory_of(web: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in web.children()) / 1e6


def cpu_of(web: psutil.Process) -> float:
    """Seconds of the web processes up to now: the better measure where others use the machine."""
    return sum(sum(one.cpu_times()[:2]) for one in web.children())


def ratios(taken: dict[str, list[float]]) -> Rows:
    """What the site answers of what the server could, and beside the stalled of what alone."""
    found = {}

    def ratio(name: str, upper: str, lower: str) -> None:
        pairs = zip(taken[upper], taken[lower], strict=True)
        found[f"ratio_{name}"] = statistics.median(one / other for one, other in pairs)

    for name in MEASURED[2:]:
        alone = f"{name}_a_second"
        ratio(f"{name}_to_bare", alone, "bare_a_second")
        ratio(f"{name}_to_django_hello", alone, "django_hello_a_second")
        beside = f"{name}_beside_300_stalled_to_alone"
        ratio(beside, f"{alone}_beside_300_stalled", alone)
        ratio(f"{beside}_by_cpu", f"{name}_cpu_ms", f"{name}_cpu_ms_beside_300_stalled")
    return found


if __name__ == "__main__":
    main()
