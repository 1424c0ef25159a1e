"""What it costs that pages ask again: python benchmarks/asking.py [--rounds 30] [--json]

What is asked for most: a thumbnail, and "did anything change?" of General, My Photos, their news, a
thumbnail and the slideshow. Each from the WSGI application on, without a server: processor time a
request in Python and, where the database is on this machine, in PostgreSQL, and statements a
request; for sessions with and without a proof, and with `findme.serving.shortcuts` turned off. In
turns, in the same run, with three yardsticks: a bare WSGI application, a Django view with no
middleware, and one behind all of the product's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import galleries
from galleries import SLUG, Guest, make_event, request, served
from scratch import report, scratch_database, signed_in

PHOTOS = 5_000
galleries.MATCHES = 60_000
galleries.MANY = 3_000
# Requests of one kind after each other: PostgreSQL's clock is read before and after.
BATCH = 20
REVALIDATED = {
    "general": "/e/{slug}/",
    "my_photos": "/e/{slug}/mine/",
    "general_news": "/e/{slug}/news/?shown=3",
    "my_photos_news": "/e/{slug}/mine/news/?shown=3",
    "slideshow": "{live}slides.json",
    "thumbnail_known": "{thumbnail}",
}

Application = Callable[..., Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help=f"of {BATCH} requests of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        application = served()
        proven, _ = make_event(PHOTOS)
        asks = yardsticks(application) | requests(application, proven, "")
        whole = with_middleware(lambda name: name != "findme.serving.shortcuts.Shortcuts")
        asks |= requests(whole, proven, "_whole_way")
        asks |= requests(application, without_proof(proven), "_without_proof")
        rows = measure(asks, options.rounds)
    report("What asking again costs (ms of processor time)", rows, as_json=options.json)


def without_proof(guest: Guest) -> Guest:
    """The same guest in a session that only typed the address."""
    from events.models import Event, User

    user = User.objects.get(pk=guest.user_id)
    return Guest(user.pk, signed_in(user, unproven_in=Event.objects.get(slug=SLUG)))


def requests(application: Application, guest: Guest, suffix: str) -> dict[str, Callable[[], Any]]:
    from django.urls import reverse

    from events.models import Event
    from photos.models import Photo

    shown = Photo.objects.visible().newest_first()[:1].get()
    thumbnail = reverse("thumbnail", args=[SLUG, shown.pk])
    parts = {
        "slug": SLUG,
        "live": Event.objects.get(slug=SLUG).get_live_url(),
        "thumbnail": thumbnail,
    }
    asks: dict[str, Callable[[], Any]] = {
        f"thumbnail{suffix}": lambda: request(application, guest, thumbnail)
    }
    for name, pattern in REVALIDATED.items():
        path = pattern.format(**parts)
        etag = [request(application, guest, path)[1] for _ in range(2)][-1]
        asks[f"{name}{suffix}"] = lambda path=path, etag=etag: request(
            application, guest, path, etag=etag, status=304
        )
    return asks


def with_middleware(wanted: Callable[[str], bool]) -> Application:
    """The product behind a part of its middleware."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if wanted(name)]):
        return WSGIHandler()


def yardsticks(application: Application) -> dict[str, Callable[[], Any]]:
    """Each says hello."""
    import galleries_urls
    from django.http import HttpResponse
    from django.urls import path

    galleries_urls.urlpatterns.insert(0, path("hello", lambda _: HttpResponse("hello")))
    plain = with_middleware(lambda name: False)
    nobody = Guest(0, "")
    applications = {"bare_wsgi": bare, "bare_view": plain, "view_behind_middleware": application}
    return {
        name: lambda one=one: request(one, nobody, "/hello") for name, one in applications.items()
    }


def bare(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return Closed([b"hello"])


class Closed(list[bytes]):
    def close(self) -> None:
        """As an answer of Django's has it."""


def measure(asks: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Medians of batches, and ratios to the bare view."""
    statements = {name: statements_of(ask) for name, ask in asks.items()}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in asks}
    for _ in range(rounds):
        for name, ask in asks.items():
            cpu, database = time.process_time(), database_cpu()
            for _ in range(BATCH):
                ask()
            cpu, database = time.process_time() - cpu, database_cpu() - database
            taken[name].append((cpu * 1000 / BATCH, database * 1000 / BATCH))
    rows: dict[str, float] = {}
    for name, times in taken.items():
        python, database = (statistics.median(column) for column in zip(*times, strict=True))
        rows |= {f"{name}": python, f"{name}_in_postgresql": database}
        rows[f"{name}_statements"] = statements[name]
    for name in requests_of(asks):
        rows[f"{name}_as_part_of_the_bare_view"] = rows["bare_view"] / rows[name]
    return rows


def requests_of(asks: dict[str, Any]) -> list[str]:
    return [name for name in asks if name in {"thumbnail", *REVALIDATED}]


def statements_of(ask: Callable[[], Any]) -> int:
    from django.db import connection

    for _ in range(10):
        ask()  # warm: PostgreSQL keeps a function's plans from the sixth time on
    seen: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        ask()
    return len(seen)


def database_cpu() -> float:
    """Seconds that this connection's server process has computed; 0 where it is elsewhere."""
    from django.db import connection

    connection.ensure_connection()
    schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        return int(schedule.read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


if __name__ == "__main__":
    main()
