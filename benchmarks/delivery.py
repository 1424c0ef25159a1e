"""Delivering pictures: python benchmarks/delivery.py [--thumbnails 500] [--json]

Thumbnails from the database over HTTP, through log-in, access rules and queries, as a ratio to a
bare view of the same server that returns the same bytes from memory. And 200 signed addresses for a
page from a bucket, as a ratio to 200 addresses of our own; no bucket is asked, so none is needed.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from scratch import ROOT, report, scratch_database, signed_in

CLIENTS = 4
ROUNDS = 6
ADDRESSES = 200
THUMBNAIL_BYTES = 35_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--thumbnails", type=int, default=500, help="requests a round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ |= {
        "MEDIA_S3_BUCKET": "benchmark",
        "MEDIA_S3_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIABENCHMARK",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "SECRET_KEY": "only-for-measuring-only-for-measuring",
    }
    with scratch_database():
        rows = thumbnails(options.thumbnails) | signed_addresses()
    report(f"Delivery, {os.cpu_count()} cores", rows, as_json=options.json)


def thumbnails(count: int) -> dict[str, float]:
    """Requests a second, in turns, so that both views see the same machine."""
    event, photo_ids, cookie = make_gallery()
    chance = random.Random(7)
    paths = [
        f"/e/{event.slug}/photos/{chance.choice(photo_ids)}/thumbnail.jpg" for _ in range(count)
    ]
    speeds: dict[str, list[float]] = {"database": [], "memory": []}
    with server() as port:
        for n in range(ROUNDS + 1):
            for name, asked in [("database", paths), ("memory", ["/bare"] * count)]:
                speed = requests_a_second(port, cookie, asked)
                if n:  # the first round warms up
                    speeds[name].append(speed)
    database, memory = (statistics.median(speeds[name]) for name in ("database", "memory"))
    return {
        "thumbnails_a_second_from_the_database": database,
        "bare_view_a_second_from_memory": memory,
        "ratio_to_the_bare_view": database / memory,
    }


def make_gallery() -> tuple[object, list[int], str]:
    """200 photos with thumbnails of a usual size, and a guest's session."""
    from datetime import date

    from events.models import Event, Membership, User
    from photos.models import Photo

    today = date(2026, 1, 1)
    event = Event.objects.create(name="Benchmark", slug="b", starts_on=today, ends_on=today)
    guest = User.objects.create_user(email="g@example.com")
    Membership.objects.create(user=guest, event=event)
    photos = [new_photo(event, n) for n in range(ADDRESSES)]
    Photo.objects.bulk_create(photos)
    return event, [photo.pk for photo in photos], signed_in(guest)


def new_photo(event: object, number: int) -> object:
    from photos.models import Photo

    return Photo(
        event=event,
        sha256=f"{number:064x}",
        name=f"{number}.jpg",
        content_type="image/jpeg",
        byte_size=1,
        width=4000,
        height=3000,
        status=Photo.Status.READY,
        thumbnail_data=random.Random(number).randbytes(THUMBNAIL_BYTES),
    )


@contextmanager
def server() -> Iterator[int]:
    """The web server as `bin/run` starts it, with one more view."""
    from findme.management.commands.run import answers
    from findme.serving import web

    port = free_port()
    command = web.command(port, application="bare:application")
    path = {"PYTHONPATH": str(ROOT / "benchmarks")}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | path)
    try:
        while not answers(("127.0.0.1", port), "localhost"):
            if process.poll() is not None:
                sys.exit("the web server did not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def requests_a_second(port: int, cookie: str, paths: list[str]) -> float:
    shares = [paths[n::CLIENTS] for n in range(CLIENTS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        done = sum(clients.map(lambda share: fetch_all(port, cookie, share), shares))
    return done / (time.perf_counter() - started)


def fetch_all(port: int, cookie: str, paths: list[str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for path in paths:
        connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
        answer = connection.getresponse()
        if answer.status != 200 or len(answer.read()) != THUMBNAIL_BYTES:
            sys.exit(f"{path}: {answer.status}")
    connection.close()
    return len(paths)


def signed_addresses() -> dict[str, float]:
    """Milliseconds for a page's addresses: signed anew by boto3, by us first and again, plain."""
    from django.urls import reverse

    from photos.delivery import addresses
    from photos.models import Photo
    from photos.store import bucket, signing

    photos = list(Photo.objects.all()[:ADDRESSES])
    for photo in photos:
        photo.store, photo.folder = "s3", f"photos/1/{photo.pk:032x}"
    storage = bucket.storage()
    keys = [f"{photo.folder}/thumbnail.webp" for photo in photos]
    addresses.signed(photos[0], "thumbnail")
    first = milliseconds(
        lambda: [addresses.signed(photo, "thumbnail") for photo in photos],
        before=signing.signed.cache_clear,
    )
    again = milliseconds(lambda: [addresses.signed(photo, "thumbnail") for photo in photos])
    plain = milliseconds(lambda: [reverse("thumbnail", args=["b", photo.pk]) for photo in photos])
    boto3 = milliseconds(lambda: [storage.url(key) for key in keys])
    return {
        "ms_for_200_addresses_signed_each_time_by_boto3": boto3,
        "ms_for_200_first_in_a_window": first,
        "ms_for_200_again": again,
        "ms_for_200_plain": plain,
        "ratio_again_to_plain": again / plain,
        "ratio_again_to_boto3": again / boto3,
    }


def milliseconds(run: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median of some runs."""
    times = []
    for _ in range(11):
        before()
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
