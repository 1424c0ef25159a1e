"""How smoothly phones scroll: python benchmarks/scrolling.py [--photos 5000] [--json]

General in headless Chromium as a phone (390 x 844 points, three pixels each, its processor four
times slower), scrolled at the speed of a brisk thumb from the first photo to the last, with real
thumbnails over the whole stack, in two ways. The glide scrolls as a finger does, which browsers do
beside the page's own work: how many frames are drawn. The walk scrolls by script, so that each
frame waits for all that work: what the work is. Two yardsticks: the walk's first seconds for its
last, as whatever a page keeps of the photos passed must not slow down those to come; and one plain
page of as many photos without any script, which is what a gallery costs the browser by itself.

Chromium paints on the processor here, which the web server and the database use too: a phone's own
numbers are better than these.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from pipeline import SAMPLES, free_port, wait_for_web
from scratch import ROOT, report, scratch_database, signed_in

PHONE = {"width": 390, "height": 844}
SLOWER = 4
PIXELS_PER_SECOND = 2_500
PART_MS = 15_000
GLIDE_PIXELS = 40_000
# What Chromium's compositor notes once for each frame that it draws.
DRAWN = "Scroll Delta This Frame"
SLUG = "b"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

ROWS = """
INSERT INTO photos_photo (event_id, sha256, name, content_type, byte_size, width, height, taken_at,
                          uploaded_at, status, failure_code, hidden, moderation, store, folder,
                          blurhash, thumbnail_data, medium_data, published, highlight,
                          binned_hidden)
SELECT %(event)s, lpad(to_hex(n), 64, '0'), 'IMG_' || n || '.jpg', 'image/jpeg', 4000000,
       CASE WHEN n %% 3 = 0 THEN 4000 ELSE 6000 END, CASE WHEN n %% 3 = 0 THEN 6000 ELSE 4000 END,
       timestamptz '2026-06-20 08:00+00' + n * interval '7 seconds', now(), 'ready', '',
       false, '', 'database', '', %(blurhash)s, %(thumbnail)s, %(medium)s, true,
       false, false
  FROM generate_series(1, %(photos)s) AS n
"""

WATCH = """
window.longTasks = [];
window.shift = 0;
const observe = (type, note) => {
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
  observer.observe({ type, buffered: true });
};
observe("longtask", ({ startTime, duration }) => longTasks.push([startTime, duration]));
observe("layout-shift", (entry) => (shift += entry.hadRecentInput ? 0 : entry.value));
"""
# By the time that passed, so that a slow frame is followed by a long step, as under a thumb.
WALK = """
async ([speed, deadline]) => {
  const frames = [], most = { tiles: 0, elements: 0 };
  let looks = 0, waits = 0, last = performance.now();
  const begun = last;
  while (performance.now() - begun < deadline) {
    const now = await new Promise(requestAnimationFrame);
    frames.push([last, now - last]);
    const atEnd = scrollY >= document.documentElement.scrollHeight - innerHeight - 2;
    if (atEnd && !document.querySelector(".pages a[rel=next]")) break;
    if (frames.length % 20 === 0) {
      looks += 1;
      const there = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
      waits += atEnd || there?.matches(".gallery-page:empty") ? 1 : 0;
      most.tiles = Math.max(most.tiles, document.getElementsByClassName("tile").length);
      most.elements = Math.max(most.elements, document.getElementsByTagName("*").length);
    }
    window.scrollBy({ top: (speed * (now - last)) / 1000, behavior: "instant" });
    last = now;
  }
  const pages = document.querySelectorAll(".gallery-page").length;
  return { frames, most, looks, waits, longTasks, shift, pages,
           isAtEnd: !document.querySelector(".pages a[rel=next]") };
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        cookie = make_event(options.photos)
        port = free_port()
        with server(port, page_size=options.photos):
            wait_for_web(port)
            plain = walk(port, cookie, with_scripts=False)
        port = free_port()
        with server(port):
            wait_for_web(port)
            rows = summary(walk(port, cookie, with_scripts=True), plain)
    title = f"Scrolling {options.photos} photos on a phone, {os.cpu_count()} cores"
    report(title, rows, as_json=options.json)


def make_event(count: int) -> str:
    """The event; returns the session of a guest."""
    from datetime import date

    from django.db import connection

    from events.models import Event, Membership, User
    from findme.running import preparation
    from photos.imaging import images, renditions

    preparation.collect_static_files()
    made = renditions.make(images.decode(min(SAMPLES.glob("*.jpg")).read_bytes(), min_side=None))
    day = date(2026, 6, 20)
    event = Event.objects.create(name="Benchmark", slug=SLUG, starts_on=day, ends_on=day)
    user = User.objects.create(email="guest@example.com", name="Guest")
    Membership.objects.create(user=user, event=event)
    pictures = {
        "blurhash": made.blurhash,
        "thumbnail": made.thumbnail,
        "medium": made.medium,
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"event": event.pk, "photos": count, **pictures})
        cursor.execute("VACUUM ANALYZE")
    return signed_in(user)


def served() -> Callable[..., Any]:
    """The product with pages of as many photos as `server` says."""
    from django.core.wsgi import get_wsgi_application

    sys.path.insert(0, str(ROOT))
    application = get_wsgi_application()
    from photos.gallery import paging

    paging.PAGE_SIZE = int(os.environ.get("BENCHMARK_PAGE_SIZE", paging.PAGE_SIZE))
    return application


@contextmanager
def server(port: int, *, page_size: int | None = None) -> Iterator[None]:
    """The web server as `bin/run` starts it."""
    from findme.serving import web

    command = web.command(port, application="scrolling:served()")
    path = {"PYTHONPATH": str(ROOT / "benchmarks")}
    sized = {"BENCHMARK_PAGE_SIZE": str(page_size)} if page_size else {}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | path | sized)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def walk(port: int, cookie: str, *, with_scripts: bool) -> dict[str, Any]:
    """Through the gallery in a browser of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page, devtools = open_gallery(browser, port, cookie, with_scripts=with_scripts)
        glided = glide(browser, page, devtools)
        page.close()
        page, devtools = open_gallery(browser, port, cookie, with_scripts=with_scripts)
        before = totals(devtools)
        seen: dict[str, Any] = page.evaluate(WALK, [PIXELS_PER_SECOND, 300_000])
        seen["spent"] = {name: took - before[name] for name, took in totals(devtools).items()}
        seen["glide"] = glided
        browser.close()
    if not seen["isAtEnd"]:
        raise SystemExit(f"only {seen['pages']} pages in five minutes")
    return seen


def open_gallery(browser: Any, port: int, cookie: str, *, with_scripts: bool) -> tuple[Any, Any]:
    """General on the phone, and its developer tools."""
    site = f"http://localhost:{port}"
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=3, is_mobile=True, has_touch=True
    )
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    context.add_init_script(WATCH)
    page = context.new_page()
    if not with_scripts:
        page.route("**/*.js", lambda route: route.abort())
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(f"{site}/e/{SLUG}/")
    page.wait_for_timeout(3_000)
    return page, devtools


def glide(browser: Any, page: Any, devtools: Any) -> list[float]:
    """Milliseconds between the frames drawn while the gallery is scrolled from its beginning."""
    tracing = browser.new_browser_cdp_session()
    ended: list[Any] = []
    tracing.on("Tracing.tracingComplete", lambda event: ended.append(event))
    config = {"includedCategories": ["cc", "disabled-by-default-devtools.timeline"]}
    tracing.send("Tracing.start", {"transferMode": "ReturnAsStream", "traceConfig": config})
    gesture = {"x": 195, "y": 600, "yDistance": -GLIDE_PIXELS, "speed": PIXELS_PER_SECOND}
    gesture |= {"gestureSourceType": "mouse", "preventFling": True}
    devtools.send("Input.synthesizeScrollGesture", gesture)
    tracing.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(100)
    if page.evaluate("scrollY") < GLIDE_PIXELS / 2:
        raise SystemExit("the page was not scrolled")
    events = json.loads("".join(pieces(tracing, ended[0]["stream"])))["traceEvents"]
    drawn = sorted(event["ts"] for event in events if event["name"] == DRAWN)
    return [(after - before) / 1000 for before, after in pairwise(drawn)]


def pieces(tracing: Any, stream: str) -> Iterator[str]:
    while True:
        part = tracing.send("IO.read", {"handle": stream, "size": 2**22})
        yield part["data"]
        if part.get("eof"):
            return


def totals(devtools: Any) -> dict[str, float]:
    """Seconds of the page's main thread so far, by what it did."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    names = {
        "ScriptDuration": "scripts",
        "LayoutDuration": "layout",
        "RecalcStyleDuration": "styles",
        "TaskDuration": "all",
    }
    return {names[one["name"]]: one["value"] for one in metrics if one["name"] in names}


def summary(seen: dict[str, Any], plain: dict[str, Any]) -> dict[str, float]:
    frames = seen["frames"]
    begun, ended = frames[0][0], frames[-1][0]
    parts = {"first": (begun, begun + PART_MS), "last": (ended - PART_MS, ended)}
    rows: dict[str, float] = {"seconds": (ended - begun) / 1000, "pages": seen["pages"]}
    for name, (start, end) in parts.items():
        taken = sorted(length for at, length in frames if start <= at < end)
        tasks = [length for at, length in seen["longTasks"] if start <= at < end]
        rows |= {
            f"frame_median_ms_{name}": statistics.median(taken),
            f"frame_95th_ms_{name}": taken[int(len(taken) * 0.95)],
            f"long_tasks_ms_a_second_{name}": sum(tasks) / (PART_MS / 1000),
            f"longest_task_ms_{name}": max(tasks, default=0),
        }
    for measure in ("frame_median_ms", "frame_95th_ms", "long_tasks_ms_a_second"):
        rows[f"ratio_last_to_first_{measure}"] = (
            rows[f"{measure}_last"] / rows[f"{measure}_first"] if rows[f"{measure}_first"] else 0.0
        )
    rows["yardstick_plain_page_frame_median_ms"] = statistics.median(
        length for _, length in plain["frames"]
    )
    rows["yardstick_plain_page_elements"] = plain["most"]["elements"]
    rows["ratio_last_to_plain_page_frame_median_ms"] = (
        rows["frame_median_ms_last"] / rows["yardstick_plain_page_frame_median_ms"]
    )
    for name, gaps in (("glide", seen["glide"]), ("yardstick_plain_page_glide", plain["glide"])):
        rows[f"{name}_frames_a_second"] = 1000 * len(gaps) / sum(gaps)
        rows[f"{name}_frame_95th_ms"] = sorted(gaps)[int(len(gaps) * 0.95)]
    rows["ratio_glide_to_plain_page_frames"] = (
        rows["glide_frames_a_second"] / rows["yardstick_plain_page_glide_frames_a_second"]
    )
    rows |= {f"main_thread_{name}_s": took for name, took in seen["spent"].items()}
    return rows | {
        "tiles_at_most": seen["most"]["tiles"],
        "elements_at_most": seen["most"]["elements"],
        "layout_shift": seen["shift"],
        "waiting_for_photos_percent": 100 * seen["waits"] / max(1, seen["looks"]),
    }


if __name__ == "__main__":
    main()
