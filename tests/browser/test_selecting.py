"""Selecting photos by a finger: at the thumb, over many at once, and back again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from events.models import Event
from tests.browser.conftest import Finger, wait_until
from tests.browser.gallery import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHARE_SHEET = """
    window.shared = [];
    navigator.canShare = () => true;
    navigator.share = async ({ files }) => window.shared.push(files.length);
"""
CHOSEN = "document.querySelectorAll('.tile.is-selected').length"
FOCUS_SEEN = "document.querySelector(':focus-visible')?.textContent.trim()"
# Of the bar at the thumb: what is too small for it, lies on another, stands out of the bar, or in a
# second row or column of it.
TROUBLES = """
    () => {
        const box = (one) => one.getBoundingClientRect();
        const bar = document.querySelector("#selection");
        const parts = [...bar.querySelectorAll("p, button")].filter((one) => one.checkVisibility());
        const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return parts.filter((one, at) => {
            const { left, right, top, bottom, width, height } = box(one);
            return (one.matches("button") && Math.min(width, height) < 44)
                || parts.slice(at + 1).some((other) => covers(box(one), box(other)))
                || left < box(bar).left || right > box(bar).right + 1
                || top < box(bar).top || bottom > box(bar).bottom + 1
                || Math.min(Math.abs(left + right - box(bar).left - box(bar).right),
                    Math.abs(top + bottom - box(bar).top - box(bar).bottom)) > 12;
        }).map((one) => one.textContent.trim());
    }
"""


def middle(page, photo):
    box = page.locator(f"#photo-{photo.pk}").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 3


def test_a_finger_that_rests_selects_and_goes_on_and_back_ends_it(phone, event, as_guest):
    photos = fill(event, 40)
    as_guest(f"/e/{event.slug}/", on=phone)
    address = phone.url
    finger = Finger(phone)
    finger.down(middle(phone, photos[1]))
    expect(phone.get_by_text("1 chosen")).to_be_visible()
    finger.move(middle(phone, photos[6]))
    expect(phone.get_by_text("6 chosen")).to_be_visible()
    finger.move(middle(phone, photos[3]))
    expect(phone.get_by_text("3 chosen")).to_be_visible()
    finger.move((195, 840))  # at the edge the gallery moves on
    wait_until(phone, "window.scrollY > 200 && " + CHOSEN + " > 12")
    finger.up()
    assert phone.evaluate(FOCUS_SEEN) is None
    phone.evaluate("history.back()")
    expect(phone.locator(".tile-check")).to_have_count(0)
    assert (phone.url, phone.evaluate(CHOSEN)) == (address, 0)
    assert phone.evaluate("window.scrollY > 200")


def test_what_is_done_with_a_selection_is_at_the_thumb(phone, event, as_guest):
    photos = fill(event, 4)
    as_guest(f"/e/{event.slug}/", on=phone)
    phone.get_by_role("button", name="Choose", exact=True).press("Enter")
    assert phone.evaluate(FOCUS_SEEN) == "Done"
    for photo in photos[:2]:
        phone.locator(f"#photo-{photo.pk} img").tap()
    expect(phone.locator(".event-nav")).to_be_hidden()
    for size, (width, height) in [("", (390, 844)), ("", (780, 360)), ("200%", (390, 844))]:
        phone.set_viewport_size({"width": width, "height": height})
        phone.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        assert phone.evaluate(TROUBLES) == []


def test_a_phone_saves_by_its_share_sheet_in_the_size_that_is_asked_once(phone, event, as_guest):
    Event.objects.update(downloads=Event.Downloads.ORIGINAL)
    photos, sizes = fill(event, 12), []
    phone.add_init_script(SHARE_SHEET)
    phone.route("**/photos/*/download?*", lambda route: answer(route, sizes))
    as_guest(f"/e/{event.slug}/", on=phone)
    phone.get_by_role("button", name="Choose", exact=True).tap()
    for photo in photos:
        phone.locator(f"#photo-{photo.pk} .tile-check").tap()
    phone.get_by_role("button", name="Save", exact=True).tap()
    phone.get_by_role("button", name="Web size").tap()
    expect(phone.get_by_role("heading", name="Your photos are here.")).to_be_visible()
    assert phone.evaluate("window.shared") == [10, 2]
    assert len(sizes) == 12
    assert all("size=web" in address for address in sizes)
    phone.locator(f"#photo-{photos[0].pk} > a").tap()
    phone.locator(".pswp__button--download").tap()
    wait_until(phone, "window.shared.length === 3")


def answer(route, asked):
    asked.append(route.request.url)
    headers = {"Content-Disposition": 'attachment; filename="1.jpg"'}
    route.fulfill(body=b"x", content_type="image/jpeg", headers=headers)
