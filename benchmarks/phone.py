"""The guest's phone: python benchmarks/phone.py [--rounds 2] [--json]

Join, My Photos and the viewer in headless Chromium as a phone (360 x 780 points, three pixels each)
on a slow mobile network (1.6 Mbit/s down, 0.75 up, 150 ms) with a processor four times slower; an
event of 100 photos, 46 of which are the guest's, and nothing in the browser's cache. In turns with
a bare page of the same server: the same pictures in plain HTML, without style and script, which is
what they cost by themselves. Every figure is the median of the rounds.

The table is ready for docs/benchmarks.md. Chromium waits for the network within itself, so what
else the machine does matters little, but a server that is kept waiting counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import phone_watch
from pipeline import SAMPLES, free_port, wait_for_web
from scratch import ROOT, report, scratch_database, signed_in

# What pages call their parts. Who rebuilds a page looks here.
PHOTO = ".tile img"
PHOTO_LINK = ".tile > a"
CHOOSE = "[data-action=select]"
CHOOSING = ".is-selecting"
VIEWER_PICTURE = ".pswp__item:not([aria-hidden=true]) .pswp__img:not(.pswp__img--placeholder)"
PICTURES_IN_HTML = re.compile(r'<img src="[^"]*/thumbnail\.jpg"[^>]*>')
PREVIEW_IN_HTML = re.compile(r'data-preview="([^"]+)"')

PHONE = {"width": 360, "height": 780}
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
PHOTOS, MINE = 100, 46
# So many photos make a first impression: two rows on a phone.
FIRST = 3
SLUG = "b"
LANGUAGES = {"english": "en-US", "french": "fr-FR"}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BARE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Bare</title>'
    '<meta name="viewport" content="width=device-width"></head><body>{}</body></html>'
)
# By measure: the aim, and its unit.
AIMS = {
    "join_first_view": (8, "kB"),
    "first_photos": (2.0, "s"),
    "first_screen": (300, "kB"),
    "choose_works": (2.5, "s"),
    "viewer_sharp": (1.2, "s"),
    # The most of join, My Photos and General.
    "shift_english": (0, ""),
    "shift_french": (0, ""),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        cookie, join = make_event()
        port = free_port()
        with server(port, Path(folder)):
            wait_for_web(port)
            write_bare(port, cookie, Path(folder))
            rows = measured(port, cookie, join, options.rounds)
    title = f"A guest's phone on 4G, {os.cpu_count()} cores"
    report(title, {name: value for name, value in rows.items() if value is not None}, as_json=False)
    print(f"\n{table(rows)}")
    if options.json:
        print(json.dumps(rows))


def make_event() -> tuple[str, str]:
    """The event; returns the session of a guest who is in some photos, and the invitation."""
    from datetime import UTC, date, datetime, timedelta

    from events.models import Event, Membership, User
    from faces.models import FaceMatch
    from findme.running import preparation
    from photos.models import Photo

    preparation.collect_static_files()
    day = date(2026, 6, 20)
    event = Event.objects.create(
        name="Anna & Ben", slug=SLUG, starts_on=day, ends_on=day, welcome="Thank you for coming!"
    )
    user = User.objects.create_user(email="guest@example.com", name="Guest")
    Membership.objects.create(user=user, event=event)
    noon = datetime(2026, 6, 20, 12, tzinfo=UTC)
    looks = itertools.cycle(pictures())
    photos = [
        Photo.objects.create(
            event=event,
            sha256=f"{number:064x}",
            name=f"{number}.jpg",
            content_type="image/jpeg",
            byte_size=4_000_000,
            taken_at=noon + number * timedelta(minutes=4),
            status=Photo.Status.READY,
            **next(looks),
        )
        for number in range(PHOTOS)
    ]
    FaceMatch.objects.bulk_create(
        FaceMatch(
            user=user, photo=one, event=event, taken_at=one.taken_at, similarity=95, band="sure"
        )
        for one in photos[-MINE:]
    )
    enroll(event, user)
    return signed_in(user), event.get_join_url()


def enroll(event: Any, user: Any) -> None:
    """My Photos is shown to those who gave a selfie and agreed."""
    import numpy as np

    from faces.index.indexes import index_of
    from faces.models import Enrollment, Selfie
    from faces.privacy import consenting

    consenting.give(user=user, event=event, words=consenting.words(event))
    selfie = Selfie.objects.create(user=user, ordinal=1, sha256=f"{user.pk:064x}")
    template = np.ones(128) / 128**0.5
    Enrollment.objects.create(
        selfie=selfie, event=event, index_name=index_of(event).name, template=template
    )


def pictures() -> Iterator[dict[str, Any]]:
    """Real renditions, of parts of the party photos, wide and upright."""
    import numpy as np

    from photos.imaging import images, renditions
    from photos.imaging.images import DecodedImage

    for path in sorted(SAMPLES.glob("sample*.jpg")):
        whole = images.decode(path.read_bytes(), min_side=None).pixels
        for part in (whole, whole[:, 200:1100], whole[:, 900:1800], whole[:, ::-1]):
            made = renditions.make(DecodedImage(np.ascontiguousarray(part)))
            height, width = part.shape[:2]
            yield {
                "width": width,
                "height": height,
                "blurhash": made.blurhash,
                "thumbnail_data": made.thumbnail,
                "medium_data": made.medium,
                "preview_data": made.preview,
                "preview_size": len(made.preview),
            }


def served() -> Callable[..., Any]:
    """The product, and beside it the bare pages, which lie in a folder."""
    from django.core.wsgi import get_wsgi_application

    sys.path.insert(0, str(ROOT))
    application = get_wsgi_application()
    from csp.decorators import csp_exempt
    from django.http import HttpRequest, HttpResponse
    from django.urls import get_resolver, path

    folder = Path(os.environ["BENCHMARK_BARE"])

    @csp_exempt()
    def bare(request: HttpRequest, name: str) -> HttpResponse:
        return HttpResponse((folder / f"{name}.html").read_text())

    get_resolver().url_patterns.append(path("bare/<slug:name>", bare))
    return application


@contextmanager
def server(port: int, folder: Path) -> Iterator[None]:
    """The web server as `bin/run` starts it."""
    from findme.serving import web

    command = web.command(port, application="phone:served()")
    more = {"PYTHONPATH": str(ROOT / "benchmarks"), "BENCHMARK_BARE": str(folder)}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | more)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def write_bare(port: int, cookie: str, folder: Path) -> None:
    """The pictures of My Photos as they stand there, two in a row, and the way to the first."""
    address = f"http://localhost:{port}/e/{SLUG}/mine/"
    asked = urllib.request.Request(address, headers={"Cookie": f"sessionid={cookie}"})
    html = urllib.request.urlopen(asked, timeout=30).read().decode()
    found = PICTURES_IN_HTML.findall(html)
    if len(found) < MINE:
        raise SystemExit(f"My Photos has {len(found)} pictures instead of {MINE}")
    images = [re.sub(r' (width|height|data-blurhash|alt)="[^"]*"', "", one) for one in found]
    body = "".join(one.replace("<img", '<img width="166" height="124"') for one in images)
    (folder / "mine.html").write_text(BARE.format(body))
    preview = PREVIEW_IN_HTML.findall(html)[0]
    (folder / "viewer.html").write_text(BARE.format(f'<a href="{preview}">Photo</a>'))
    (folder / "join.html").write_text(BARE.format("<h1>Anna &amp; Ben</h1>"))


def measured(port: int, cookie: str, join: str, rounds: int) -> dict[str, float | None]:
    """The medians of what each round saw, by name."""
    from playwright.sync_api import sync_playwright

    site, seen = f"http://localhost:{port}", defaultdict(list)
    mine, bare = f"/e/{SLUG}/mine/", "/bare/mine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(rounds):
            with opened(browser, site, join) as page:
                seen["join_first_view"].append(page.text_kilobytes())
            with opened(browser, site, "/bare/join") as page:
                seen["bare_join_first_view"].append(page.text_kilobytes())
            for name, address, photo in (("", mine, PHOTO), ("bare_", bare, "img")):
                with opened(browser, site, address, cookie=cookie, photo=photo) as page:
                    seen[f"{name}first_photos"].append(page.painted(FIRST))
                    seen[f"{name}first_screen"].append(page.screen_kilobytes())
                    seen[f"{name}all_that_came"].append(page.kilobytes())
            with opened(browser, site, mine, cookie=cookie, choose=(CHOOSE, CHOOSING)) as page:
                seen["choose_works"].append(page.choosing())
            with opened(browser, site, mine, cookie=cookie, photo=PHOTO) as page:
                seen["viewer_sharp"].append(page.sharp_after_tap(PHOTO_LINK, VIEWER_PICTURE))
            with opened(browser, site, "/bare/viewer", cookie=cookie) as page:
                seen["bare_viewer_sharp"].append(page.shown_after_tap("a"))
        for language, locale in LANGUAGES.items():
            for address, who in ((join, ""), (mine, cookie), (f"/e/{SLUG}/", cookie)):
                with opened(browser, site, address, cookie=who, locale=locale) as page:
                    page.demand_language(locale[:2])
                    seen[f"shift_{language}"].append(page.shift())
        browser.close()
    return {
        name: max(values) if name.startswith("shift") else statistics.median(values)
        for name, values in seen.items()
    }


def opened(browser: Any, site: str, address: str, **more: Any) -> Any:
    return phone_watch.opened(
        browser, site, address, screen=PHONE, network=NETWORK, slower=SLOWER, **more
    )


def table(rows: dict[str, float | None]) -> str:
    """As docs/benchmarks.md has it."""
    lines = ["| | product | bare page | ratio | aim |", "|---|---|---|---|---|"]
    for name, (aim, unit) in AIMS.items():
        value, bare = rows[name] or 0.0, rows.get(f"bare_{name}")
        beside = f"{bare:.1f} {unit} | {value / bare:.2f}" if bare else "| "
        mark = "" if value <= aim else ", missed"
        words, shown = name.replace("_", " "), f"{value:.1f} {unit}" if unit else f"{value:.3f}"
        lines.append(f"| {words} | {shown}{mark} | {beside} | {aim} {unit} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
