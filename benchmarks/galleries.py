"""How fast galleries are: python benchmarks/galleries.py [--photos 200000] [--json]

One event with 200,000 photos, 600,000 matches and 2,000 guests. Server time of General (200 photos
a page: first, deep, revalidated, and right after a change) and of My Photos (150 and 8,000 photos),
through the whole stack from WSGI on, in turns with three yardsticks in the same run: the bare SQL,
a view that renders nothing, and the original's way (matches loaded with the photos, pictures not
deferred; then its two steps, ids first). Then 50 guests at once over HTTP.

Rows are generated; photos that are shown have real pictures.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import crowd
from pipeline import SAMPLES, free_port, wait_for_web
from scratch import ROOT, report, scratch_database, signed_in

PAGE = 200
GUESTS = 2_000
MATCHES = 600_000
FEW, MANY = 150, 8_000
ROUNDS = 30
SLUG = "b"

ROWS = """
INSERT INTO photos_photo (event_id, sha256, name, content_type, byte_size, width, height, taken_at,
                          uploaded_at, status, failure_code, hidden, moderation, store, folder,
                          blurhash, published, highlight, binned_hidden)
SELECT %(event)s, lpad(to_hex(n), 64, '0'), 'IMG_' || n || '.jpg', 'image/jpeg', 4000000,
       CASE WHEN n %% 3 = 0 THEN 4000 ELSE 6000 END, CASE WHEN n %% 3 = 0 THEN 6000 ELSE 4000 END,
       timestamptz '2026-06-20 08:00+00' + n * interval '1.3 seconds', now(), 'ready', '',
       n %% 50 = 0, '', 'database', '', 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', true, false, false
  FROM generate_series(1, %(photos)s) AS n
"""
# A guest's photos lie all over the event; the steps share no factor with the number of photos.
MATCH_ROWS = """
INSERT INTO faces_facematch (user_id, photo_id, event_id, taken_at, similarity, band, verdict,
                             found_at)
SELECT guest.id, photo.id, %(event)s, photo.taken_at, 95, 'sure', '', now()
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM events_user
         WHERE email LIKE 'guest%%') AS guest
 CROSS JOIN LATERAL generate_series(1, CASE guest.place WHEN 1 THEN %(few)s WHEN 2 THEN %(many)s
                                                        ELSE %(others)s END) AS k
  JOIN photos_photo photo
    ON photo.id = %(first)s
                + (guest.place * 7919 + k * (CASE guest.place WHEN 2 THEN 23 ELSE 661 END))
                              %% %(photos)s
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Guest:
    user_id: int
    cookie: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        application = served()
        few, many = make_event(options.photos)
        rows = server_times(application, few, many)
        rows |= throughput(few)
    title = f"Galleries, {options.photos} photos, {MATCHES} matches, {os.cpu_count()} cores (ms)"
    report(title, rows, as_json=options.json)


def served() -> Callable[..., Any]:
    """The product with pages of 200 photos and, beside its own, the yardsticks' addresses."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    sys.path.insert(0, str(ROOT / "benchmarks"))
    settings.ROOT_URLCONF = "galleries_urls"
    application = get_wsgi_application()
    from photos.gallery import paging

    paging.PAGE_SIZE = PAGE
    return application


def make_event(count: int) -> tuple[Guest, Guest]:
    """The event, with the guests whose My Photos are measured."""
    from datetime import date

    from django.db import connection

    from events.models import Event, Membership, User

    day = date(2026, 6, 20)
    event = Event.objects.create(name="Benchmark", slug=SLUG, starts_on=day, ends_on=day)
    users = [User(email=f"guest{n:05}@example.com", name=f"Guest {n}") for n in range(GUESTS)]
    users = User.objects.bulk_create(users)
    Membership.objects.bulk_create(Membership(user=user, event=event) for user in users)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"event": event.pk, "photos": count})
        cursor.execute("SELECT min(id) FROM photos_photo")
        (first,) = cursor.fetchone()
        amounts = {
            "few": FEW,
            "many": min(MANY, count),
            "others": (MATCHES - FEW - MANY) // (GUESTS - 2),
        }
        ids = {"event": event.pk, "first": first, "photos": count}
        cursor.execute(MATCH_ROWS, ids | amounts)
        add_pictures(event, users[:2])
        enroll(event, users[:2])
        cursor.execute("VACUUM ANALYZE")
    few, many = (Guest(user.pk, signed_in(user)) for user in users[:2])
    return few, many


def add_pictures(event: Any, users: list[Any]) -> None:
    """Real renditions for the pages that are measured."""
    from photos.imaging import images, renditions
    from photos.models import Photo

    sample = images.decode(next(iter(sorted(SAMPLES.glob("*.jpg")))).read_bytes(), min_side=None)
    made = renditions.make(sample)
    shown = Photo.objects.in_event(event).visible().newest_first()
    pages = [shown, shown[60_000:], *(shown.filter(matches__user=user) for user in users)]
    ids = {pk for page in pages for pk in page.values_list("pk", flat=True)[:PAGE]}
    Photo.objects.filter(pk__in=ids).update(
        preview_data=made.preview, medium_data=made.medium, thumbnail_data=made.thumbnail
    )


def enroll(event: Any, users: list[Any]) -> None:
    """My Photos is shown to those who gave a selfie."""
    import numpy as np

    from faces.index.indexes import index_of
    from faces.models import Consent, Enrollment, Selfie

    for user in users:
        Consent.objects.create(user=user, event=event, text_version="-", language="en")
        selfie = Selfie.objects.create(user=user, ordinal=1, sha256=f"{user.pk:064x}")
        template = np.ones(128) / 128**0.5
        Enrollment.objects.create(
            selfie=selfie, event=event, index_name=index_of(event).name, template=template
        )


def server_times(application: Callable[..., Any], few: Guest, many: Guest) -> dict[str, float]:
    """Medians, and the fastest, in milliseconds.

    Each round measures everything once, so that all share the machine's weather.
    """
    from photos.gallery import paging
    from photos.models import Photo

    photos = Photo.objects.filter(event__slug=SLUG).visible().newest_first()
    deep = paging.page_from(photos[60_000 if photos.count() > 60_000 else 300])
    hide = Photo.objects.filter(pk=photos.last().pk)
    base = f"/e/{SLUG}/"
    ask = lambda guest, path, **more: lambda: request(application, guest, path, **more)  # noqa: E731
    etags = {path: ask(few, path)()[1] for path in (base, f"{base}mine/") for _ in range(2)}
    measured = {
        "general_first": ask(few, base),
        "general_deep": ask(few, base + deep),
        "general_revalidated": ask(few, base, etag=etags[base], status=304),
        "my_photos_150": ask(few, f"{base}mine/"),
        "my_photos_150_revalidated": ask(
            few, f"{base}mine/", etag=etags[f"{base}mine/"], status=304
        ),
        "my_photos_8000": ask(many, f"{base}mine/"),
        "yardstick_sql_general": lambda: bare_sql(few, mine=False),
        "yardstick_sql_my_photos_8000": lambda: bare_sql(many, mine=True),
        "yardstick_empty_view": ask(few, f"/yardstick/{SLUG}/empty/"),
        "original_general": ask(few, f"/yardstick/{SLUG}/original/"),
        "original_my_photos_150": ask(few, f"/yardstick/{SLUG}/original/mine/"),
        "original_my_photos_8000": ask(many, f"/yardstick/{SLUG}/original/mine/"),
        "original_in_two_steps_general": ask(few, f"/yardstick/{SLUG}/two-steps/"),
        "original_in_two_steps_my_photos_8000": ask(many, f"/yardstick/{SLUG}/two-steps/mine/"),
    }
    rows = measure(measured)

    changed = []
    for _ in range(ROUNDS // 3):
        hide.update(hidden=False)  # any update counts: the version is another one
        changed.append(timed(ask(few, base)))
    rows["general_first_after_a_change"] = statistics.median(changed)
    return rows | ratios(rows)


def measure(measured: dict[str, Callable[[], Any]]) -> dict[str, float]:
    for one in measured.values():
        one()  # warm: connections, plans, templates
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for number in range(ROUNDS):
        for name, one in measured.items():
            if name.startswith("original") and number % 5:
                continue  # slow, and not less certain for it
            taken[name].append(timed(one))
    # On a machine that others use too the fastest is nearer to what the code takes.
    fastest = {f"{name}_fastest": min(times) for name, times in taken.items()}
    return {name: statistics.median(times) for name, times in taken.items()} | fastest


def ratios(rows: dict[str, float]) -> dict[str, float]:
    return {
        "times_faster_than_original_general": rows["original_general"] / rows["general_first"],
        "times_faster_than_original_my_photos_8000": rows["original_my_photos_8000"]
        / rows["my_photos_8000"],
        "times_the_bare_sql_general": rows["general_first"] / rows["yardstick_sql_general"],
        "times_the_empty_view_revalidated": rows["general_revalidated"]
        / rows["yardstick_empty_view"],
    }


def timed(one: Callable[[], Any]) -> float:
    started = time.perf_counter()
    one()
    return (time.perf_counter() - started) * 1000


def request(
    application: Callable[..., Any], guest: Guest, path: str, *, etag: str = "", status: int = 200
) -> tuple[bytes, str]:
    """One request through the whole stack. Returns body and ETag."""
    answer: dict[str, Any] = {}

    def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        answer.update(status=int(line[:3]), etag=dict(headers).get("ETag", ""))

    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": f"sessionid={guest.cookie}; csrftoken={'t' * 32}",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    if etag:
        environ["HTTP_IF_NONE_MATCH"] = etag
    response = application(environ, start)
    body = b"".join(response)
    response.close()
    if answer["status"] != status:
        raise SystemExit(f"{path}: {answer['status']} instead of {status}")
    return body, answer["etag"]


def bare_sql(guest: Guest, *, mine: bool) -> None:
    """The page's own query, its rows fetched as tuples."""
    from django.db import connection

    wanted = (
        "AND id IN (SELECT photo_id FROM faces_facematch WHERE user_id = %s"
        " AND band = 'sure' AND verdict <> 'not_me')"
        if mine
        else "AND %s > 0"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, width, height, taken_at, blurhash FROM photos_photo"
            " WHERE event_id = (SELECT id FROM events_event WHERE slug = %s)"
            f" AND status = 'ready' AND NOT hidden {wanted}"
            f" ORDER BY taken_at DESC, id DESC LIMIT {PAGE + 1}",
            [SLUG, guest.user_id],
        )
        cursor.fetchall()


def throughput(guest: Guest) -> dict[str, float]:
    """Requests a second of 50 guests at once, each asking again as soon as it is answered.

    The clients run on the same cores, so the numbers are lower than a server's alone.
    """
    port = free_port()
    paths = {
        "general": f"/e/{SLUG}/",
        "general_revalidated": f"/e/{SLUG}/",
        "yardstick_empty_view": f"/yardstick/{SLUG}/empty/",
        "original_in_two_steps_general": f"/yardstick/{SLUG}/two-steps/",
    }
    with server(port):
        wait_for_web(port)
        return {
            f"requests_per_second_{name}": crowd.load(
                port, guest.cookie, path, revalidate="revalidated" in name
            )
            for name, path in paths.items()
        }


@contextmanager
def server(port: int) -> Iterator[None]:
    """The web server as `bin/run` starts it, with the yardsticks."""
    from findme.serving import web

    command = web.command(port, application="galleries:served()")
    path = {"PYTHONPATH": str(ROOT / "benchmarks")}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | path)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    main()
