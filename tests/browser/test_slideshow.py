"""The screen at the venue: two layers, one picture, and a code that is read from far away."""

from datetime import timedelta

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from events.entrance import qr
from events.models import Event
from photos.models import Photo
from tests.browser.conftest import wait_until
from tests.browser.gallery import DESKTOP, fill
from tests.builders import NOON, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = [(360, 780), (780, 360), (1080, 1920), (1920, 1080), (1440, 900)]
# A screen 1.25 m high, seen from ten metres by a phone of 4032 pixels over 69 degrees.
SEEN_FROM_TEN_METRES_PX = 365

# Fades stand still after a quarter of their time, until `LET_GO`.
HOLD = """
    document.addEventListener("transitionrun", ({ target }) => {
        for (const fade of target.matches(".slide") ? target.getAnimations() : []) {
            fade.pause();
            fade.currentTime = 250;
        }
    });
"""
HELD = """() => {
    const layers = [...document.querySelectorAll(".slide")];
    return String(layers.map((layer) => getComputedStyle(layer).opacity)) === "0.75,0.25";
}"""
LET_GO = """() => {
    const layers = [...document.querySelectorAll(".slide")];
    layers.flatMap((layer) => layer.getAnimations()).forEach((fade) => fade.finish());
}"""
# Of each layer: whether its fill is what one sees where the photo is not, and the photo is ready.
LAYERS = """() => [...document.querySelectorAll(".slide")].map((layer) => {
    const { x, y, width, height } = layer.querySelector(".fill").getBoundingClientRect();
    const photo = layer.querySelector(".photo");
    const isWhole = String([x, y, width, height]) === String([0, 0, innerWidth, innerHeight]);
    return isWhole && photo.complete && photo.naturalWidth > 0;
})"""
DRIFTS = "() => getComputedStyle(document.querySelector('.photo')).animationName"
# Whether words and code are on the screen, beside each other or one above the other.
LAID_OUT = """() => {
    const [words, code] = [".words", ".join"].map((name) =>
        document.querySelector(name).getBoundingClientRect());
    const isSeen = [words, code].every((box) =>
        box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight);
    const isApart = words.right <= code.left || code.bottom <= words.top;
    return isSeen && isApart && document.documentElement.scrollWidth === innerWidth;
}"""
SMALLEST_TEXT = """() => Math.min(...[".event", ".contact", ".by", ".join"].map((name) =>
    parseFloat(getComputedStyle(document.querySelector(name)).fontSize) / innerHeight))"""


@pytest.fixture
def screen(page, live_server, event):
    """The slideshow, once it is opened: `screen()`."""

    def opened():
        page.set_viewport_size(DESKTOP)
        page.goto(live_server.url + event.get_live_url())
        expect(page.locator("canvas.fill")).to_have_count(1)
        return page

    return opened


def code_on(page, height=None):
    """What OpenCV reads of a page, or of a picture of it that is so high."""
    shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    if height:
        size = (shot.shape[1] * height // shot.shape[0], height)
        shot = cv2.resize(shot, size, interpolation=cv2.INTER_AREA)
    return cv2.QRCodeDetector().detectAndDecode(shot)[0]


def test_one_photo_becomes_another_in_two_layers_that_fill_the_screen(page, screen, event):
    photos = fill(event, 3)
    page.add_init_script(HOLD)
    screen().keyboard.press("ArrowRight")
    wait_until(page, HELD)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(LAYERS) == [True, True]
    page.evaluate(LET_GO)
    wait_until(page, HELD)  # the third waited for its turn
    page.evaluate(LET_GO)
    expect(page.locator(".slide")).to_have_count(1)
    expect(page.locator(".slide")).to_have_attribute("data-id", str(photos[2].pk))
    assert page.evaluate(DRIFTS) == "drift"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(DRIFTS) == "none"


def test_the_slideshow_shows_what_is_new_and_drops_what_is_hidden(page, screen, event):
    photos = fill(event, 3)
    shown = screen().locator(f".slide[data-id='{photos[0].pk}']")
    expect(shown).to_be_visible()
    Photo.objects.filter(pk=photos[0].pk).update(hidden=True)
    expect(shown).to_have_count(0)
    new = make_photo(event, taken_at=NOON + timedelta(days=1))
    expect(page.locator(f".slide[data-id='{new.pk}']")).to_be_visible()
    expect(page.locator(".join")).to_be_visible()
    Event.objects.update(closed_at=NOON)
    expect(page.locator(".join")).to_be_hidden()
    assert page.context.cookies() == []


def test_words_and_code_are_read_from_ten_metres_on_every_screen(page, screen, event, organizer):
    make_photo(event, uploader=organizer, preview_data=fill(event, 1)[0].preview_data)
    screen()
    for percent in (100, 200):
        page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{percent}%'; }}")
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(LAID_OUT), (width, height, percent)
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    assert page.evaluate(SMALLEST_TEXT) >= 0.022
    assert code_on(page) == code_on(page, SEEN_FROM_TEN_METRES_PX) == qr.link(event)
    expect(page.locator(".is-idle .controls")).to_have_css("opacity", "0")
