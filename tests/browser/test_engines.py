"""The main walk in stock Firefox and WebKit: from the link to the own photos, and through them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from faces.models import Consent
from findme.env import DEMO_SELFIE
from tests.browser import engines
from tests.workers import run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The photo in the viewer, by the address. It is whole once its picture is there, and no likeness or
# thumbnail stands in for it: on a screen of one pixel a point the medium one needs no other.
VIEWED = (
    r"() => document.querySelector('.pswp--open') && location.pathname.match(/\d+(?=\/$)/)?.[0]"
)
SHARP = r"""() => [...document.querySelectorAll(".pswp__item[aria-hidden=false] img")]
    .some((image) => image.complete && /(medium|preview)\.jpg$/.test(image.currentSrc))"""
THUMBNAILS = """(least) => [...document.querySelectorAll(".tile img")]
    .filter((image) => image.complete && image.naturalWidth).length >= least"""
CLOSED = "() => !document.querySelector('.pswp') && location.pathname.endsWith('/mine/')"


@pytest.fixture(params=[engines.firefox, engines.webkit], ids=["firefox", "webkit"])
def engine(request, tmp_path):
    with request.param(tmp_path) as engine:
        engine.resize(390, 844)
        yield engine
        with suppress(engines.EngineGone):
            assert engine.errors() == []


def join(engine, live_server, event):
    engine.open(live_server.url + event.get_join_url())
    engine.click("input[name=name]")
    engine.write("Camille")
    engine.click("input[name=email]")
    engine.write("camille@example.com")
    engine.click("button", "See the photos")
    engine.arrive("/selfie/")


def find_me(engine):
    """By a file, as there is no camera."""
    engine.choose_file(engine.find("input[type=file]"), DEMO_SELFIE)
    engine.until("() => document.querySelector('.selfie-form').dataset.mood === 'good'")
    engine.click("button", "Yes, look for my face")
    engine.arrive("/mine/")
    assert Consent.objects.in_force().count() == 1


def look_through(engine):
    """The viewer: open, next, by its own buttons too, closed and opened by the way back."""
    engine.click(".tile > a")
    first = engine.until(VIEWED)
    engine.until(SHARP)
    engine.write(engines.RIGHT)
    engine.until(f"(first) => ({VIEWED})() !== first", first)
    engine.until(SHARP)
    engine.click("button.pswp__button--close")
    engine.until(CLOSED)
    engine.click(".tile > a")
    engine.until(VIEWED)
    engine.call("() => { history.back(); }")
    engine.until(CLOSED)


def walk(engine, live_server, demo):
    run_jobs()
    join(engine, live_server, demo)
    engine.click("nav a", "General")
    engine.arrive("/e/demo/")
    engine.until(THUMBNAILS, 6)
    engine.click("nav a", "My Photos")
    engine.arrive("/mine/")  # General has a link of these words too
    engine.click("a", "selfie")
    engine.arrive("/selfie/")
    find_me(engine)
    run_jobs()
    engine.until(THUMBNAILS, 2)
    look_through(engine)


def test_a_guest_comes_in_finds_the_photos_and_looks_through_them(engine, live_server, demo):
    try:
        walk(engine, live_server, demo)
    except engines.EngineGone as error:
        pytest.skip(f"the browser itself ended: {error}")
