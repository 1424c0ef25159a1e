"""What compiled queries save: python benchmarks/compiled_queries.py [--rounds 1000] [--json]

General and My Photos revalidated (304), and a thumbnail revalidated, through the whole stack from
WSGI on, as they were before one statement asked for all of it (decision 22): with the queries of
every request compiled once (`findme.compiled_query`), and with the same queries built anew by
Django each time, as its own session store and backend do. In turns, in the same run; process time
too, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import galleries
from galleries import SLUG, Guest, make_event, request, served
from scratch import report, scratch_database

PHOTOS = 5_000
galleries.MATCHES = 60_000
galleries.MANY = 3_000
WARM_UP = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        served()
        application = on_its_whole_way()
        guest, _ = make_event(PHOTOS)
        rows = measure(revalidations(application, guest), options.rounds)
    report("Revalidated answers, queries compiled and not (ms)", rows, as_json=options.json)


def on_its_whole_way() -> Callable[..., Any]:
    """The product without short ways, which asks one thing after the other."""
    from asking import with_middleware

    from events.entrance import sessions

    sessions.event_slug = lambda request: None
    return with_middleware(lambda name: name != "findme.serving.shortcuts.Shortcuts")


def revalidations(application: Callable[..., Any], guest: Guest) -> dict[str, Callable[[], Any]]:
    """One request each, with the ETag that the answer before had."""
    from django.urls import reverse

    from photos.models import Photo

    shown = Photo.objects.visible().newest_first()[:1].get()
    paths = {
        "general": reverse("general", args=[SLUG]),
        "my_photos": reverse("my_photos", args=[SLUG]),
        "thumbnail": reverse("thumbnail", args=[SLUG, shown.pk]),
    }
    asks: dict[str, Callable[[], Any]] = {}
    for name, path in paths.items():
        etag = [request(application, guest, path)[1] for _ in range(2)][-1]
        asks[name] = lambda path=path, etag=etag: request(
            application, guest, path, etag=etag, status=304
        )
    return asks


def ways() -> dict[str, Callable[[], None]]:
    """What makes the queries of every request go one way or the other."""
    from django.contrib.auth.backends import ModelBackend
    from django.contrib.sessions.backends import db

    from events.entrance.backends import DeskBackend
    from events.entrance.sessions import SessionStore
    from findme.compiled_query import CompiledQuery

    readers = [
        (CompiledQuery, BuiltAnew, "first"),
        (SessionStore, db.SessionStore, "_get_session_from_db"),
        (DeskBackend, ModelBackend, "get_user"),
    ]
    ours = [(owner, name, vars(owner)[name]) for owner, _, name in readers]
    djangos = [(owner, name, vars(other)[name]) for owner, other, name in readers]

    def use(methods: list[tuple[type, str, Any]]) -> None:
        for owner, name, method in methods:
            setattr(owner, name, method)

    return {"compiled": lambda: use(ours), "built_anew": lambda: use(djangos)}


class BuiltAnew:
    """Stands for a `CompiledQuery`."""

    build: Callable[..., Any]

    def first(self, *values: int | str) -> Any:
        return self.build(*values).first()


def measure(asks: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Medians and the fastest, and by what part the compiled ones are less."""
    choices = list(ways().items())
    taken: dict[str, list[float]] = {}
    for number in range(WARM_UP + rounds):
        for name, ask in asks.items():
            for way, choose in choices if number % 2 else reversed(choices):
                choose()
                began, began_cpu = time.perf_counter(), time.process_time()
                ask()
                cpu, wall = time.process_time() - began_cpu, time.perf_counter() - began
                if number >= WARM_UP:
                    taken.setdefault(f"{name}_{way}", []).append(wall * 1000)
                    taken.setdefault(f"{name}_cpu_{way}", []).append(cpu * 1000)
    rows = {name: statistics.median(times) for name, times in taken.items()}
    rows |= {f"{name}_fastest": min(times) for name, times in taken.items()}
    for name in asks:
        for kind in (name, f"{name}_cpu"):
            rows[f"{kind}_saved"] = 1 - rows[f"{kind}_compiled"] / rows[f"{kind}_built_anew"]
            fastest = rows[f"{kind}_compiled_fastest"] / rows[f"{kind}_built_anew_fastest"]
            rows[f"{kind}_saved_fastest"] = 1 - fastest
    return rows


if __name__ == "__main__":
    main()
