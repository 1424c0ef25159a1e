"""The viewer: by keys and fingers, in both directions, over the borders of pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from photos.gallery import paging
from photos.models import Favourite
from tests.browser.conftest import Finger, wait_until
from tests.browser.gallery import DESKTOP, PHONE, fill
from tests.builders import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# What lies on the photo, or on another, of all that stands beside it.
COVERED = """
    () => {
        const box = (one) => one.getBoundingClientRect();
        const all = [...document.querySelectorAll(
            ".pswp__item[aria-hidden=false] .pswp__img:last-child, .viewer-action,"
            + ".pswp__button--close, .viewer-panel"
        )].filter((one) => one.checkVisibility());
        const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        const isCovered = (one, at) =>
            all.slice(at + 1).some((other) => covers(box(one), box(other)));
        return all.filter(isCovered).map((one) => one.className);
    }
"""


def wait_for_viewer(page):
    """Until it has opened: PhotoSwipe hears neither keys nor fingers before."""
    wait_until(page, "window.viewer?.opener.isOpen")


def view_next(page, place):
    """To the photo at a place of the gallery, as soon as it is known to the viewer."""
    wait_until(page, "place => window.viewer.getNumItems() >= place", place)
    page.keyboard.press("ArrowRight")
    wait_until(page, "place => window.viewer.currIndex === place - 1", place)


def viewed(page):
    """The id of the photo in the viewer, by the address."""
    found = re.search(r"/(\d+)/$", page.evaluate("location.pathname"))
    return int(found[1]) if found else None


def press_until(page, key, photo):
    """Through the viewer, one photo after the other, as soon as it knows the next."""
    for _ in range(40):
        if page.evaluate("window.viewer.currSlide.data.id") == f"photo-{photo.pk}":
            return page.wait_for_url(f"**/photos/{photo.pk}/")
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    return pytest.fail(f"{key} does not lead to photo {photo.pk}")


def test_the_viewer_leads_to_newer_photos_and_back_to_older_ones(
    page, event, as_guest, monkeypatch
):
    """Each photo once, and in order, over the borders of pages that were put before."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 6)
    photos = [make_photo(event) for _ in range(24)]
    as_guest(f"/e/{event.slug}/{paging.page_from(photos[8])}")
    page.locator(f"#photo-{photos[8].pk} > a").click()
    wait_for_viewer(page)
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
    expect(shown).to_have_attribute("srcset", re.compile(rf"/photos/{photos[23].pk}/preview.jpg"))
    press_until(page, "ArrowRight", photos[0])
    assert page.evaluate("window.viewer.getNumItems()") == 24
    page.keyboard.press("Escape")
    expect(page.locator(f"#photo-{photos[0].pk}")).to_be_in_viewport()


def focused_by_tabs(page, times, key="Tab"):
    """What has the focus after each, of the viewer alone."""
    seen = []
    for _ in range(times):
        page.keyboard.press(key)
        seen.append(page.evaluate("document.activeElement.className"))
        assert page.evaluate("viewer.element.contains(document.activeElement)"), seen
    return seen


def test_the_viewer_by_keyboard(page, event, as_guest):
    photos = fill(event, 5)
    page.set_viewport_size(DESKTOP)
    as_guest(f"/e/{event.slug}/")
    page.locator(f"#photo-{photos[1].pk} > a").focus()
    page.keyboard.press("Enter")
    wait_for_viewer(page)
    assert viewed(page) == photos[1].pk
    expect(page.get_by_role("dialog", name="Photo viewer")).to_have_attribute("aria-modal", "true")
    expect(page.locator(".pswp__caption")).to_have_text("Sat 20 Jun, 14:03 · 2 of 5")
    expect(page.locator(".pswp__caption")).to_have_css("font-size", "16px")
    expect(page.get_by_text("Faces", exact=True)).to_be_visible()
    assert len(set(focused_by_tabs(page, 12) + focused_by_tabs(page, 3, "Shift+Tab"))) > 5
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/photos/{photos[2].pk}/")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/photos/{photos[0].pk}/")
    page.keyboard.press("Escape")
    expect(page.locator(".pswp")).to_have_count(0)
    assert page.evaluate("location.pathname") == f"/e/{event.slug}/"
    focused = page.evaluate("document.activeElement.parentElement.id")
    assert focused == f"photo-{photos[0].pk}"


def test_the_viewer_by_swipe_and_back_button(phone, event, as_guest):
    photos = fill(event, 5)
    as_guest(f"/e/{event.slug}/", on=phone)
    phone.locator(f"#photo-{photos[1].pk} > a").tap()
    wait_for_viewer(phone)
    finger = Finger(phone)
    finger.swipe((350, 400), (40, 400))
    phone.wait_for_url(f"**/photos/{photos[2].pk}/")
    phone.go_back()
    expect(phone.locator(".pswp")).to_have_count(0)
    assert phone.evaluate("location.pathname") == f"/e/{event.slug}/"
    phone.go_forward()
    expect(phone.locator(".pswp--open")).to_be_visible()
    wait_for_viewer(phone)
    phone.evaluate("history.back()")
    wait_until(phone, "window.viewer.isDestroying")
    phone.evaluate("history.forward()")
    wait_until(phone, "!window.viewer.isDestroying && window.viewer.opener.isOpen")
    for width, height in [(780, 360), (390, 844)]:  # what opens stands beside the photo
        phone.set_viewport_size({"width": width, "height": height})
        wait_until(phone, "width => window.viewer.viewportSize.x === width", width)
        phone.locator(".pswp__button--faces").tap()
        phone.locator(".viewer-panel").wait_for()
        assert phone.evaluate(COVERED) == []
        phone.locator(".pswp__button--faces").tap()


def test_the_viewer_reloaded_stays_in_its_gallery_and_back_leads_there(
    phone, event, guest, as_guest
):
    photos = fill(event, 48)
    Favourite.objects.bulk_create(Favourite(user=guest, photo=one) for one in photos[::3])
    for gallery, place in [("", "34 of 48"), ("favourites/", "12 of 16")]:
        as_guest(f"/e/{event.slug}/{gallery}", on=phone)
        phone.locator(f"#photo-{photos[33].pk} > a").tap()
        wait_for_viewer(phone)
        phone.reload()
        expect(phone.locator(".photo-caption")).to_contain_text(place)
        phone.locator(".photo-faces").tap()  # a part of the page, which stays
        phone.wait_for_url("**#face-question")
        phone.go_back()
        expect(phone.locator(".photo-caption")).to_be_visible()
        phone.go_back()
        expect(phone.locator(f"#photo-{photos[33].pk}")).to_be_in_viewport()
        assert phone.evaluate("location.pathname") == f"/e/{event.slug}/{gallery}"
        phone.go_forward()
        expect(phone.locator(".pswp--open")).to_be_visible()
        phone.go_forward()
        expect(phone.locator(".photo-caption")).to_contain_text(place)


def test_the_viewer_under_the_thumb(phone, event, as_guest):
    """Up says who and when, two taps give a heart, down closes."""
    photos = fill(event, 5)
    as_guest(f"/e/{event.slug}/", on=phone)
    phone.locator(f"#photo-{photos[1].pk} > a").tap()
    wait_for_viewer(phone)
    for action in phone.locator(".viewer-action:visible, .pswp__caption").all():
        box = action.bounding_box()
        assert box["y"] > 600
        assert min(box["width"], box["height"]) >= 44
    finger = Finger(phone)
    finger.swipe((195, 500), (195, 250))
    expect(phone.locator(".viewer-alt")).to_have_text("Saturday 20 June, 14:03")
    finger.swipe((195, 300), (195, 550))
    expect(phone.locator(".viewer-details")).to_be_hidden()
    with phone.expect_response("**/favourites/mark/"):
        for _ in range(2):
            phone.touchscreen.tap(195, 400)
    expect(phone.locator(".pswp__button--heart")).to_have_attribute("aria-pressed", "true")
    finger.swipe((195, 300), (195, 600))
    expect(phone.locator(".pswp")).to_have_count(0)


def test_photos_that_do_not_come_are_stood_in_for_until_they_do(phone, event, as_guest):
    photos, is_away = fill(event, 5), [True]
    phone.route(
        re.compile(rf"/(medium|preview)\.jpg|/{photos[4].pk}/thumbnail\.jpg"),
        lambda route: route.abort() if is_away else route.continue_(),
    )
    as_guest(f"/e/{event.slug}/", on=phone)
    image = phone.locator(f"#photo-{photos[4].pk} img")
    expect(image).not_to_have_attribute("src", re.compile("."))  # no broken icon
    expect(image).to_have_css("background-image", re.compile("^url"))
    phone.locator(f"#photo-{photos[1].pk} > a").tap()
    wait_for_viewer(phone)
    expect(phone.get_by_role("button", name="Try again")).to_be_visible()
    standing = phone.locator(".pswp__item[aria-hidden=false] .pswp__img--placeholder")
    assert standing.evaluate("image => image.naturalWidth > 0")
    is_away.clear()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.get_by_role("button", name="Try again")).to_be_hidden()
    wait_until(phone, "viewer.currSlide.content.element.naturalWidth > 0")
    wait_until(phone, f"document.querySelector('#photo-{photos[4].pk} img').naturalWidth > 0")


def test_the_viewer_leads_on_beyond_the_page_that_was_loaded(page, event, as_guest, small_pages):
    photos = fill(event, 52)
    page.set_viewport_size({"width": 1440, "height": 300})
    as_guest(f"/e/{event.slug}/")
    page.locator(f"#photo-{photos[0].pk} > a").click()
    wait_for_viewer(page)
    for place in range(2, 51):
        view_next(page, place)
    page.wait_for_url(f"**/photos/{photos[49].pk}/")
    expect(page.locator(".pswp__item[aria-hidden=false] .pswp__img").last).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(f"#photo-{photos[49].pk}")).to_be_in_viewport()


def test_the_viewer_follows_the_grid_that_grew_while_it_opened(page, event, as_guest, small_pages):
    photos, held = fill(event, 25), []
    page.route("**/?before=*", lambda route: held.append(route))
    page.set_viewport_size(PHONE)
    with page.expect_request("**/?before=*"):
        as_guest(f"/e/{event.slug}/")
        page.locator(f"#photo-{photos[19].pk} > a").click()
    wait_for_viewer(page)
    held.pop().continue_()
    expect(page.locator(".tile")).to_have_count(25)
    for place in range(21, 26):
        view_next(page, place)
    page.wait_for_url(f"**/photos/{photos[24].pk}/")
