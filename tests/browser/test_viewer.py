"""The viewer in a gallery that was entered somewhere in the middle."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from photos import galleries
from tests.browser.conftest import wait_until
from tests.builders import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REMEMBER_VIEWER = """
    document.addEventListener("viewer:ui", (event) => { window.viewer = event.detail; });
"""


def press_until(page, key, photo):
    """Through the viewer, one photo after the other, as soon as it knows the next."""
    for _ in range(40):
        if page.evaluate("window.viewer.currSlide.data.id") == f"photo-{photo.pk}":
            return page.wait_for_url(f"**/photos/{photo.pk}/")
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    return pytest.fail(f"{key} does not lead to photo {photo.pk}")


def test_the_viewer_leads_to_newer_photos_and_back_to_older_ones(
    page, live_server, event, guest, as_user, monkeypatch
):
    """Each photo once, and in order, over the borders of pages that were put before."""
    call_command("createcachetable", verbosity=0)
    monkeypatch.setattr(galleries, "PAGE_SIZE", 6)
    photos = [make_photo(event) for _ in range(24)]
    session = as_user(guest).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.add_init_script(REMEMBER_VIEWER)
    page.goto(f"{live_server.url}/e/{event.slug}/{galleries.page_from(photos[8])}")
    page.locator(f"#photo-{photos[8].pk} > a").click()
    wait_until(page, "window.viewer?.opener.isOpen")
    page.evaluate("""() => {
        window.seen = [];
        viewer.on("change", () => {
            const { id } = viewer.currSlide.data;
            if (window.seen.at(-1) !== id) { window.seen.push(id); }
        });
    }""")
    press_until(page, "ArrowLeft", photos[23])
    assert page.evaluate("window.seen") == [f"photo-{p.pk}" for p in photos[9:]]
    shown = page.locator(".pswp__item[aria-hidden=false] .pswp__img").last
    expect(shown).to_have_attribute("src", f"/e/{event.slug}/photos/{photos[23].pk}/preview.jpg")
    press_until(page, "ArrowRight", photos[0])
    assert page.evaluate("window.viewer.getNumItems()") == 24
    page.keyboard.press("Escape")
    expect(page.locator(f"#photo-{photos[0].pk}")).to_be_in_viewport()
