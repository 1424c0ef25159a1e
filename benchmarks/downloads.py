"""Slow guests at once: python benchmarks/downloads.py [--guests 200] [--seconds 60] [--json]

Each takes 50 photos of 3.4 MB home as the archive's script does: the list, then one by one, two at
a time, over a line of 200 kB/s for both, and comes back where the server says when. That would take
a quarter of an hour; what is measured is a window of it, with the load of each second as it would
be. Beside it one guest looks at General, before and meanwhile. Afterwards 20 guests without
JavaScript ask for the server's own ZIP of the same photos at once, and wait on its page where they
have to, which asks again by itself. The server is the one that
`bin/run` starts; `--server COMMAND` tries another ({port} is its port).
"""

from __future__ import annotations

import argparse
import asyncio
import html
import http.client
import json
import os
import random
import re
import shlex
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import free_port
from scratch import ROOT, report, scratch_database, signed_in

PHOTOS = 50
PHOTO_BYTES = 3_400_000
LINE = 200_000  # bytes a second, of a guest
AT_ONCE = 2
PIECE = 2**14
ARCHIVES = 20
IDLE_SECONDS = 10
TOKEN = "t" * 32
EVENT = "b"
REFRESH = re.compile(rb'http-equiv="refresh" content="(\d+); url=([^"]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guests", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--server", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--crowd", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crowd:
        port, kind = int(options.crowd[0]), options.crowd[1]
        print(json.dumps(asyncio.run(crowd(port, kind, json.load(sys.stdin), options.seconds))))
        return
    os.environ["SECRET_KEY"] = "only-for-measuring-only-for-measuring"
    with scratch_database():
        sessions = make_event(options.guests)
        with server(options.server) as (port, web):
            rows = measure(port, web, sessions, options.seconds)
    title = f"Downloads, {options.guests} guests, {os.cpu_count()} cores"
    report(title, rows, as_json=options.json)


def measure(port: int, web: int, sessions: list[str], seconds: int) -> dict[str, object]:
    looks(port, sessions[0], 3)  # warms up
    idle = looks(port, sessions[0], IDLE_SECONDS)
    with sampled(web) as most:
        crowded = start(port, "photos", sessions, seconds)
        time.sleep(5)  # until all are under way
        meanwhile = looks(port, sessions[0], seconds - 5)
        photos = json.loads(crowded.communicate()[0])
    with sampled(web) as most_of_archives:
        archives = start(port, "archives", sessions[:ARCHIVES], 25)
        beside = looks(port, sessions[0], 25)
        whole = json.loads(archives.communicate()[0])
    return {
        "photos_fetched": photos.get("200", 0),
        "came_back_when_told": photos.get("503", 0),
        "refused_or_broken": total_of_others(photos, "200", "503"),
        "general_p95_ms_idle": p95(idle),
        "general_p95_ms_meanwhile": p95(meanwhile),
        "ratio": p95(meanwhile) / p95(idle),
        "web_memory_MB_idle_and_most": f"{most['first']:.0f}, {most['memory']:.0f}",
        "temporary_files_MB_most": most["disk"],
        "server_zips_of_170_MB_begun": whole.get("200", 0),
        "server_zips_still_waited_for": ARCHIVES - sum(whole.values()),
        "server_zips_refused": total_of_others(whole, "200"),
        "general_p95_ms_beside_the_zips": p95(beside),
        "temporary_files_MB_of_zips_most": most_of_archives["disk"],
    }


def total_of_others(counts: dict[str, int], *names: str) -> int:
    return sum(count for name, count in counts.items() if name not in names)


def p95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def make_event(guests: int) -> list[str]:
    """An event of 50 photos that leave as they came; the sessions of its guests."""
    from datetime import date

    from events.models import Event, Membership, User
    from photos.delivery.downloads import stripped_size
    from photos.models import Photo
    from photos.store import pieces

    today = date(2026, 1, 1)
    event = Event.objects.create(
        name="Benchmark", slug=EVENT, starts_on=today, ends_on=today, downloads="original"
    )
    users = [User.objects.create_user(email=f"g{n}@example.com") for n in range(guests)]
    Membership.objects.bulk_create(Membership(user=user, event=event) for user in users)
    picture = jpeg()
    for n in range(PHOTOS):
        noise = random.Random(n).randbytes(PHOTO_BYTES).replace(b"\xff", b"\0")
        data = picture[:-2] + noise + picture[-2:]  # a picture that codes on and on
        fields = {"sha256": f"{n:064x}", "name": f"{n}.jpg", "content_type": "image/jpeg"}
        fields |= {"width": 4000, "height": 3000, "status": Photo.Status.READY}
        fields |= {"byte_size": len(data), "stripped_size": stripped_size(data)}
        pictures = {"thumbnail_data": picture, "preview_data": picture}
        pieces.write(Photo.objects.create(event=event, **fields, **pictures).pk, data)
    return [signed_in(user) for user in users]


def jpeg() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(out, "JPEG")
    return out.getvalue()


@contextmanager
def server(command: str) -> Iterator[tuple[int, int]]:
    """Its port, and the process that has started it."""
    from findme.management.commands.run import answers
    from findme.running import preparation
    from findme.serving import web

    preparation.collect_static_files()
    port = free_port()
    ours = web.command(port)
    process = subprocess.Popen(shlex.split(command.format(port=port)) or ours, cwd=ROOT)
    try:
        while not answers(("127.0.0.1", port), "localhost"):
            if process.poll() is not None:
                sys.exit("the web server did not start")
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def looks(port: int, session: str, seconds: float) -> list[float]:
    """Milliseconds of each look at General, one after the other, a tenth of a second apart."""
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with suppress(OSError):  # it counts with the time that was waited in vain
            connection.request("GET", f"/e/{EVENT}/", headers={"Cookie": f"sessionid={session}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit(f"General: {answer.status}")
        connection.close()
        found.append((time.perf_counter() - started) * 1000)
        time.sleep(0.1)
    return found


def start(port: int, kind: str, sessions: list[str], seconds: int) -> subprocess.Popen[str]:
    """The crowd, in a process of its own: its work is not to delay the one who looks."""
    command = [sys.executable, __file__, "--crowd", str(port), kind, "--seconds", str(seconds)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    assert process.stdin
    process.stdin.write(json.dumps(sessions))
    process.stdin.close()
    process.stdin = None
    return process


@contextmanager
def sampled(root: int) -> Iterator[dict[str, float]]:
    """The most memory and unlinked files of the server's processes, in MB."""
    most: dict[str, float] = {"memory": 0.0, "disk": 0.0}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.5):
            memory, disk = weights(root)
            most.setdefault("first", memory)
            most["memory"] = max(most["memory"], memory)
            most["disk"] = max(most["disk"], disk)

    thread = threading.Thread(target=look)
    most["first"] = weights(root)[0]
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def weights(root: int) -> tuple[float, float]:
    import psutil

    memory = disk = 0
    process = psutil.Process(root)
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, OSError):
            memory += one.memory_info().rss
            for file in Path(f"/proc/{one.pid}/fd").iterdir():
                with suppress(OSError):
                    if str(file.readlink()).endswith("(deleted)"):
                        disk += file.stat().st_size
    return memory / 1e6, disk / 1e6


async def crowd(port: int, kind: str, sessions: list[str], seconds: float) -> dict[str, int]:
    """How often each status was answered, or what else happened, until the time is over."""
    counts: Counter[str] = Counter()
    guests = [guest(port, kind, session, counts) for session in sessions]
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*guests), seconds)
    return dict(counts)


async def guest(port: int, kind: str, session: str, counts: Counter[str]) -> None:
    form = f"csrfmiddlewaretoken={TOKEN}&size=original&photos=" + ",".join(
        map(str, range(1, PHOTOS + 1))
    )
    if kind == "archives":
        led = await fetch(port, session, f"POST /e/{EVENT}/download/", counts, LINE, form)
        while isinstance(led, Waits):
            await asyncio.sleep(led.seconds)
            led = await fetch(port, session, f"GET {led.address}", counts, LINE)
        return
    await asyncio.sleep(random.random() * 5)  # nobody presses at the same moment
    listed = await fetch(port, session, f"POST /e/{EVENT}/download/", Counter(), 0, form)
    found = json.loads(listed)
    waiting = [found["address"].replace("/0/", f"/{photo[0]}/") for photo in found["photos"]]

    async def line() -> None:
        while waiting:
            path = waiting.pop(0)
            while await fetch(port, session, f"GET {path}", counts, LINE / AT_ONCE) is None:
                await asyncio.sleep(5)

    await asyncio.gather(*[line() for _ in range(AT_ONCE)])


@dataclass
class Waits:
    """Where and when a browser asks again by itself."""

    seconds: int
    address: str


async def fetch(
    port: int, session: str, what: str, counts: Counter[str], rate: float, body: str = ""
) -> Any:
    """The body, read at so many bytes a second; None where one is to come back later, and where a
    browser does so by itself, when."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=PIECE)
    except OSError as error:
        counts[type(error).__name__] += 1
        return None
    try:
        kind = "application/json" if not rate else "*/*"
        head = f"{what} HTTP/1.1\r\nHost: localhost\r\nAccept: {kind}\r\nConnection: close\r\n"
        head += f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answered = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = answered.split()[1]
        if status == "503":
            counts[status] += 1
            return None
        if status == "302":
            return Waits(0, answered.partition("\nLocation:")[2].split()[0])
        found = await paced(reader, rate)
        if asked := REFRESH.search(found):
            return Waits(int(asked[1]), html.unescape(asked[2].decode()))
        length = answered.lower().partition("content-length:")[2].split()
        is_whole = not length or int(length[0]) == len(found)
        counts[status if is_whole else "broken off"] += 1
        return bytes(found)
    except (OSError, asyncio.IncompleteReadError) as error:
        counts[type(error).__name__] += 1
        return None
    except asyncio.CancelledError:
        # The time is over: an archive that has begun counts as begun.
        if rate == LINE and "status" in locals() and "application/zip" in answered:
            counts[status] += 1
        raise
    finally:
        writer.close()


async def paced(reader: asyncio.StreamReader, rate: float) -> bytearray:
    found = bytearray()
    began = time.perf_counter()
    while piece := await reader.read(PIECE):
        found += piece
        if rate and (ahead := len(found) / rate - (time.perf_counter() - began)) > 0:
            await asyncio.sleep(ahead)
    return found


if __name__ == "__main__":
    main()
