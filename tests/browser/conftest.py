"""Headless Chromium against a live server, with a real worker on the same database."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from events.models import Event
from faces.models import PhotoScan
from photos.gallery import paging
from photos.models import Photo
from tests.browser.gallery import PHONE
from tests.workers import start_worker, stop_worker

# The same engine without a window around it takes half the time; it has no camera.
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser"])), None)
SHELL = shutil.which("chromium-headless-shell")
SHOWN = "--use-file-for-fake-video-capture"

REMEMBER_VIEWER = """
    document.addEventListener("viewer:ui", (event) => { window.viewer = event.detail; });
"""

# Playwright's loop runs in the thread of the test, which also uses the ORM: no two at a time.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PATIENCE_SECONDS = 5

# How long something may take to appear, on a machine that is busy with other tests.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if CHROMIUM is None:
        if os.environ.get("FINDME_REQUIRE_BROWSER"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    return {"executable_path": SHELL or CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def browser_with(playwright, browser_type_launch_args, tmp_path_factory):
    """`browser_with(film)` has a camera that shows it; each is started once."""
    started = {}

    def start(film):
        if film not in started:
            file = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
            file.write_bytes(film)
            fake = ["--use-fake-device-for-media-stream", f"{SHOWN}={file}"]
            args = [*browser_type_launch_args["args"], *fake]
            started[film] = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        return started[film]

    yield start
    for browser in started.values():
        browser.close()


@pytest.fixture(autouse=True)
def answered():
    """What a page still asked for as it was closed is answered while there is a database.

    Begun before every page, this ends after them.
    """
    yield
    end = time.monotonic() + PATIENCE_SECONDS
    quiet = 0  # looks in a row: a request that was just accepted has no thread yet
    while quiet < 3 and time.monotonic() < end:
        quiet = 0 if is_answering() else quiet + 1
        time.sleep(0.01)


def is_answering():
    """Whether a thread of the live server has a browser at its other end."""
    return any("process_request_thread" in thread.name for thread in threading.enumerate())


@pytest.fixture
def worker(transactional_db):
    """`manage.py worker` on the test database: real queue, real recognition."""
    process = start_worker()
    yield process
    stop_worker(process)


@pytest.fixture
def demo(samples, transactional_db):
    """The demo event, with real photos that nobody has looked at yet."""
    call_command("createcachetable", verbosity=0)
    call_command("demo", verbosity=0)
    return Event.objects.get(slug="demo")


def wait_until(page, expression, arg=None, timeout_seconds=15):
    """Until JavaScript says so. The pages' policy forbids what `wait_for_function` does for it."""
    for _ in range(timeout_seconds * 20):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not true within {timeout_seconds} s: {expression}")


def names_shown(page):
    """Names of the photos whose thumbnails the page shows."""
    sources = page.locator("img[src*='/thumbnail']").evaluate_all("all => all.map(i => i.src)")
    ids = {int(re.search(r"/photos/(\d+)/", source)[1]) for source in sources}
    return sorted(Photo.objects.filter(pk__in=ids).values_list("name", flat=True))


def wait_until_all_is_looked_at(page):
    for _ in range(120):
        if not PhotoScan.objects.filter(state__in=["queued", "running"]).exists():
            return
        page.wait_for_timeout(500)
    pytest.fail("the photos were not all looked at within a minute")


@pytest.fixture
def page(page):
    """A page on which an error in the console fails the test."""
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(15_000)
    yield page
    assert errors == []


@pytest.fixture
def as_guest(page, live_server, as_user, guest):
    """A browser in which the guest is signed in: `as_guest(path)` opens a page."""

    def open_page(path, on=page, until="load"):
        cookie = as_user(guest).cookies["sessionid"].value
        on.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        on.add_init_script(REMEMBER_VIEWER)
        on.goto(live_server.url + path, wait_until=until)

    return open_page


@pytest.fixture
def small_pages(monkeypatch):
    """Where it does not matter how many photos a page has: 20."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 20)


class Finger:
    """A finger on the screen, by the protocol: Playwright itself only taps."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)

    def _send(self, kind, *points):
        at = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def down(self, point):
        self._send("touchStart", point)

    def move(self, point):
        self._send("touchMove", point)

    def up(self):
        self._send("touchEnd")

    def swipe(self, start, end):
        self.down(start)
        for step in range(1, 11):
            self.move([a + (b - a) * step / 10 for a, b in zip(start, end, strict=True)])
        self.up()


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()
