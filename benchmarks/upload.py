"""Taking photos in: python benchmarks/upload.py [--photos 100] [--backlog 60] [--json]

100 photos of about 4 MB over HTTP, as the organizers' upload page sends them: hashes asked first,
then a request a photo, three at once, until all are accepted and queued; three rounds of it. The
limit, before and after each: a bare WSGI view behind the same server that reads the same bytes and
syncs them to disk. The original took under 5 s. Then the same once more while workers scan a
backlog, on all cores and with the priority that `bin/run` gives them.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
from pipeline import free_port, make_photos, mean_megabytes, wait_for_web
from scratch import ROOT, report, scratch_database, signed_in

ROUNDS = 3
AT_ONCE = 3  # as static/photos/intake/upload/run.js
ASKED_AT_ONCE = 40
QUIET_SECONDS = 0.5
NICE = 10  # of workers beside a web server, as `bin/run` has them
TOKEN = "t" * 32

Send = Callable[[http.client.HTTPConnection, Path], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--backlog", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        photos = make_photos(Path(folder), options.photos)
        print(f"{len(photos)} photos, {mean_megabytes(photos):.1f} MB each")
        event_id, cookie = make_event()
        rows = in_turns(event_id, cookie, photos)
        with busy_workers(photos[: options.backlog]):
            change(photos)
            beside = product(event_id, cookie, photos)
    rows["seconds_beside_busy_workers"] = beside["seconds"]
    report(f"Upload, {options.photos} photos, {os.cpu_count()} cores", rows, as_json=options.json)


def in_turns(event_id: int, cookie: str, photos: list[Path]) -> dict[str, float]:
    """Medians of some rounds. Shared machines change their speed within a minute: each round is
    compared with the limits on both sides of it."""
    limits, rounds = [bare(photos)], []
    for _ in range(ROUNDS):
        change(photos)
        rounds.append(product(event_id, cookie, photos))
        limits.append(bare(photos))
        limit = statistics.mean(limits[-2:])
        rounds[-1] |= {
            "bare_view_seconds": limit,
            "ratio_to_bare_view": limit / rounds[-1]["seconds"],
        }
    return {name: statistics.median(row[name] for row in rounds) for name in rounds[0]}


def bare(photos: list[Path]) -> float:
    """Seconds of the bare view. It writes where the database writes: to a disk, not to memory."""
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        os.environ["BARE_UPLOAD_DIR"] = folder
        with server("bare_upload:application") as (port, _):
            # The server asks what an address takes, and whether somebody is signed in.
            send = post_to("/admin/photos/photo/upload/1/file/", cookie="-")
            send_all(port, photos[:AT_ONCE], send)
            return send_all(port, photos, send)


def disk() -> Path:
    from findme.running import embedded_postgres

    home = embedded_postgres.home()
    return home if home.exists() else ROOT


def product(event_id: int, cookie: str, photos: list[Path]) -> dict[str, float]:
    from photos.models import Photo

    page = f"/admin/photos/photo/upload/{event_id}/"
    with server("findme.wsgi:application") as (port, memory):
        warm_up(port, page, cookie, photos[: 2 * AT_ONCE])
        hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in photos]
        known = Photo.objects.count()
        warm, cpu = memory.peak_mb, memory.cpu_seconds()
        database = cpu_of_database()
        started = time.perf_counter()
        ask(port, page, cookie, hashes)
        half = len(photos) // 2
        send_all(port, photos[:half], post_to(f"{page}file/", cookie))
        halfway = memory.peak_mb
        send_all(port, photos[half:], post_to(f"{page}file/", cookie))
        seconds = time.perf_counter() - started
        peak, cpu = memory.peak_mb, memory.cpu_seconds() - cpu
        database = cpu_of_database() - database
    if (accepted := Photo.objects.count() - known) != len(photos):
        sys.exit(f"{accepted} photos, not {len(photos)}")
    return {
        "seconds": seconds,
        "megabytes_per_second": sum(path.stat().st_size for path in photos) / 1e6 / seconds,
        "cpu_ms_a_photo_web": 1000 * cpu / len(photos),
        "cpu_ms_a_photo_database": 1000 * database / len(photos),
        "peak_mb_web_process_before": warm,
        "peak_mb_web_process_halfway": halfway,
        "peak_mb_web_process": peak,
    }


def cpu_of_database() -> float:
    """Seconds of the server's processes for this database's clients, if it runs on this machine;
    workers are none where they are not started yet."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = [pid for (pid,) in cursor.fetchall()]
    return sum(cpu_seconds(psutil.Process(pid)) for pid in pids if psutil.pid_exists(pid))


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def change(photos: list[Path]) -> None:
    """The same pictures in other bytes: what follows a JPEG's end does not matter."""
    for path in photos:
        with path.open("ab") as file:
            file.write(b"-")


@contextmanager
def busy_workers(backlog: list[Path]) -> Iterator[None]:
    """Workers in the middle of scanning an event, with enough left to do for all that follows."""
    from events.models import Event
    from faces.models import PhotoScan
    from photos.intake.ingest import ingest

    today = date(2026, 1, 1)
    event = Event.objects.create(name="Backlog", slug="l", starts_on=today, ends_on=today)
    for number, path in enumerate(backlog):
        data = path.read_bytes() + b"backlog %d" % number
        ingest(event=event, data=data, name=path.name, uploader=None)
    scans = PhotoScan.objects.all()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "WORKER_NICE": str(NICE)},
    )
    try:
        while scans.filter(state="done").count() < os.cpu_count() * 2:
            time.sleep(0.1)
        yield
        if not scans.exclude(state__in=["done", "failed"]).exists():
            sys.exit("the workers were done too soon: give a longer --backlog")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def make_event() -> tuple[int, str]:
    """An event, and the session cookie of its organizer."""
    from events.models import Event, Membership, User

    today = date(2026, 1, 1)
    event = Event.objects.create(name="Benchmark", slug="b", starts_on=today, ends_on=today)
    organizer = User.objects.create_user(email="o@example.com", is_staff=True)
    Membership.objects.create(user=organizer, event=event, role=Membership.Role.ORGANIZER)
    return event.pk, signed_in(organizer)


def warm_up(port: int, page: str, cookie: str, photos: list[Path]) -> None:
    """The first questions to a process load its modules, and its first photos; as in the bare view,
    some are sent before it counts."""
    for _ in range(4):
        ask(port, page, cookie, ["0" * 64])
    send_all(port, photos, post_to(f"{page}file/", cookie))
    change(photos)


def ask(port: int, page: str, cookie: str, hashes: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for start in range(0, len(hashes), ASKED_AT_ONCE):
        body = json.dumps({"sha256": hashes[start : start + ASKED_AT_ONCE]})
        connection.request("POST", f"{page}known/", body, headers_of(cookie))
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200 or json.loads(answer)["known"]:
            sys.exit(f"question: {response.status} {answer[:300]!r}")
    connection.close()


def post_to(address: str, cookie: str = "") -> Send:
    def send(connection: http.client.HTTPConnection, path: Path) -> None:
        headers = headers_of(cookie) | {
            "Content-Type": "application/octet-stream",
            "X-File-Name": path.name,
        }
        connection.request("POST", address, path.read_bytes(), headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200 or json.loads(answer)["state"] != "accepted":
            sys.exit(f"{path.name}: {response.status} {answer[:300]!r}")

    return send


def headers_of(cookie: str) -> dict[str, str]:
    return {"Cookie": f"sessionid={cookie}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}


def send_all(port: int, photos: list[Path], send: Send) -> float:
    """Seconds for all, over a few connections that stay open, as a browser's do."""
    started = time.perf_counter()

    def run(share: list[Path]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for path in share:
            send(connection, path)
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, [photos[n::AT_ONCE] for n in range(AT_ONCE)]))
    return time.perf_counter() - started


class Memory(threading.Thread):
    """Peak resident MB of any process of a server, looked at twenty times a second.

    Which processes it has is asked once a second: it takes a look at all of the machine.
    """

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.peak_mb = 0.0
        self.ended = threading.Event()

    def cpu_seconds(self) -> float:
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(map(cpu_seconds, processes))

    def wait_until_idle(self) -> None:
        """The first process answers while the others still load what they need."""
        before = -1.0
        while (now := self.cpu_seconds()) > before:
            before = now
            time.sleep(QUIET_SECONDS)

    def run(self) -> None:
        for look in itertools.count():
            if self.ended.wait(0.05):
                return
            if look % 20 == 0:
                processes = [self.process, *self.process.children(recursive=True)]
            for process in processes:
                try:
                    self.peak_mb = max(self.peak_mb, process.memory_info().rss / 1e6)
                except psutil.Error:
                    continue  # it ended between two looks


@contextmanager
def server(application: str) -> Iterator[tuple[int, Memory]]:
    """The web server as `bin/run` starts it, with another application where asked."""
    from findme.serving import web

    port = free_port()
    command = web.command(port, application=application)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths})
    memory = Memory(psutil.Process(process.pid))
    memory.start()
    try:
        wait_for_web(port)
        memory.wait_until_idle()
        yield port, memory
    finally:
        memory.ended.set()
        process.send_signal(signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    main()
