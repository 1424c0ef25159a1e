"""The invitation fits its screen: the cover, and all of the form without scrolling."""

import pytest

from events.models import Event
from tests.builders import make_face, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WELCOME = "Dear friends, what a day it was! " * 12
PLACES = """() => {
    const of = (selector) => document.querySelector(selector).getBoundingClientRect();
    const height = (item) => item.getBoundingClientRect().height;
    const steps = document.querySelector(".invitation-steps");
    const line = parseFloat(getComputedStyle(steps).lineHeight);
    return {
        cover: of(".invitation-cover").toJSON(),
        name: of("h1").toJSON(),
        button: of(".invitation-form .button").toJSON(),
        lines: [...steps.children].map((item) => Math.round(height(item) / line)),
        sideways: document.documentElement.scrollWidth - innerWidth,
        picture: document.querySelector(".invitation-cover img").naturalWidth,
    };
}"""


@pytest.fixture(params=["en-US", "fr-FR"])
def invited(browser, live_server, event, request):
    """`invited(width, height)`: where things are on the page of an event with a cover."""
    make_face(make_photo(event))
    Event.objects.update(welcome=WELCOME)
    context = browser.new_context(locale=request.param)
    page = context.new_page()
    page.goto(live_server.url + event.get_join_url())

    def places(width, height):
        page.set_viewport_size({"width": width, "height": height})
        return page.evaluate(PLACES)

    yield places
    context.close()


def test_it_fits_each_screen(invited):
    for width, height in [(360, 780), (780, 360), (1440, 900)]:
        seen = invited(width, height)
        assert seen["sideways"] == 0
        assert seen["cover"]["y"] == 0
        assert seen["picture"] > 0
        assert seen["button"]["bottom"] <= height
        assert seen["name"]["bottom"] <= seen["cover"]["bottom"]
        assert seen["lines"] == [1, 1, 1]
        is_upright = width < height
        part = (1, 0.45) if is_upright else (0.5, 1)
        assert seen["cover"]["width"] == pytest.approx(width * part[0], abs=1)
        assert seen["cover"]["height"] == pytest.approx(height * part[1], abs=1)
