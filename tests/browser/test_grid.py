"""How photos stand in a gallery: full rows, one line of tools, an order, a time, a size."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from faces.models import FaceMatch
from photos.gallery import paging
from photos.models import Photo
from tests.browser.conftest import wait_until
from tests.browser.gallery import (
    SHIFTS,
    WALK,
    fill,
    fill_without_pictures,
    follow,
    poll,
    shown_ids,
)
from tests.browser.looks import LARGE, Glass, Look
from tests.builders import NOON, consent, make_enrollment, make_match, make_photo, make_selfie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Widths and heights of screens, and how far down the first photo may begin.
SCREENS = [(360, 780, 200), (412, 915, 200), (780, 360, 240), (768, 1024, 220), (1440, 900, 220)]
# Where rows end before the edge, labels of hours that are not on a photo, how much of the page is
# beside the screen, how many pixels tools lie on each other, and on how many lines the count is.
# Within a frame, as it is painted: before one, what was scrolled to is not there yet.
GEOMETRY = """
    async () => {
      await new Promise(requestAnimationFrame);
      const box = (one) => one.getBoundingClientRect();
      const edge = box(document.querySelector(".photo-grid"));
      const rows = new Map();
      for (const tile of document.querySelectorAll(".tile")) {
        const { top, left, right } = box(tile);
        const row = rows.get(Math.round(top)) ?? { left };
        rows.set(Math.round(top), { ...row, right });
      }
      const ragged = [...rows.values()].slice(0, -1).filter(
        ({ left, right }) => Math.abs(left - edge.left) > 1 || Math.abs(right - edge.right) > 1,
      );
      const stray = [...document.querySelectorAll(".hour")].filter((hour) => {
        const [inner, outer] = [box(hour), box(hour.closest(".tile"))];
        return inner.top < outer.top || inner.right > outer.right || inner.bottom > outer.bottom;
      });
      const tools = [...document.querySelectorAll(".tools a, .tools button, .gallery-count > *")]
        .map(box).filter(({ width }) => width);
      const count = document.querySelector(".gallery-count p");
      const lines = count.offsetHeight / parseFloat(getComputedStyle(count).lineHeight);
      const most = Math.max(0, ...tools.flatMap((one, n) => tools.slice(n + 1).map((other) =>
        Math.min(one.right, other.right, one.bottom < other.top + 1 ? 0 : Infinity)
        - Math.max(one.left, other.left, other.bottom < one.top + 1 ? Infinity : 0))));
      return {
        ragged, stray: stray.map((hour) => hour.textContent), most, lines: Math.round(lines),
        top: box(document.querySelector(".tile")).top + window.scrollY,
        sideways: document.documentElement.scrollWidth - window.innerWidth,
      };
    }
"""
# The photo in the middle of the screen, and where its upper edge is.
MIDDLE = """
    () => {
      const tile = document.elementFromPoint(180, 400).closest(".tile");
      return [tile.id, tile.getBoundingClientRect().top];
    }
"""
STANDS = """
    ([id, top]) =>
      Math.abs(document.getElementById(id)?.getBoundingClientRect().top - top) < 2
"""
# The day and the hour of the first photo.
FIRST = """
    () => [
      document.querySelector(".day-name").textContent,
      Number(document.querySelector(".tile").dataset.hour.slice(-2)),
    ]
"""
# Two fingers, so far from each other before and after; how high the first photo is then.
PINCH = """
    ([before, after]) => {
      const link = document.querySelectorAll(".tile > a")[4];
      const send = (type, pointerId, clientX) => link.dispatchEvent(new PointerEvent(type, {
        bubbles: true, pointerType: "touch", pointerId, clientX, clientY: 400,
      }));
      if (before) {
        [[1, 50], [2, 50 + before]].forEach(([id, x]) => send("pointerdown", id, x));
        [[1, 50], [2, 50 + after]].forEach(([id, x]) => send("pointermove", id, x));
        [1, 2].forEach((id) => send("pointerup", id, 0));
      }
      return document.querySelector(".gallery-page").offsetHeight
        / Math.sqrt(document.querySelectorAll(".tile").length);
    }
"""


@pytest.mark.parametrize("gallery", ["", "mine/"], ids=["general", "mine"])
def test_rows_are_full_over_borders_of_pages_and_days_and_begin_high_up(
    page, event, guest, as_guest, small_pages, gallery
):
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    for n, photo in enumerate(fill(event, 50)):
        if n >= 28:
            Photo.objects.filter(pk=photo.pk).update(taken_at=photo.taken_at - timedelta(days=1))
        make_match(guest, photo)
    as_guest(f"/e/{event.slug}/{gallery}")
    page.evaluate(WALK)
    page.evaluate("window.scrollTo(0, 0)")
    for width, height, highest in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        seen = page.evaluate(GEOMETRY)
        assert seen.pop("top") <= highest
        assert seen == {"ragged": [], "stray": [], "sideways": 0, "most": 0, "lines": 1}
    Glass(page).wear(Look((360, 780), "light", LARGE))
    large = page.evaluate(GEOMETRY)
    assert (large["most"], large["sideways"], large["top"] <= 250) == (0, 0, True)


@pytest.mark.parametrize("gallery", ["", "mine/"], ids=["general", "mine"])
def test_a_long_gallery_is_pulled_to_another_time(phone, event, guest, as_guest, gallery):
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    fill_without_pictures(event, 300)
    match_all(guest, event)
    as_guest(f"/e/{event.slug}/{gallery}", on=phone)
    # Seen while one scrolls, however long the machine takes.
    phone.evaluate("setInterval(() => window.scrollBy(0, 1), 100)")
    handle = phone.locator(".scrubber.is-seen .scrubber-handle")
    box = handle.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    phone.mouse.move(box["x"] + 20, box["y"] + 20)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 20, 500, steps=3)
    wanted = phone.locator(".scrubber-time").inner_text()
    assert re.fullmatch(r"\w+day \d+ June, \d+:00", wanted)
    with phone.expect_navigation():
        phone.mouse.up()
    day, hour = phone.evaluate(FIRST)
    assert f"{day}, {hour}:00" == wanted
    expect(phone.locator(".tile .hour").first).to_have_text(f"{hour}:00")  # and it can be seen


def match_all(guest, event):
    FaceMatch.objects.bulk_create(
        FaceMatch(user=guest, photo=photo, event=event, taken_at=photo.taken_at, similarity=95)
        for photo in Photo.objects.in_event(event)
    )


def test_after_a_jump_photos_begin_as_high_and_those_above_come_when_one_scrolls_up(
    page, event, as_guest, small_pages
):
    photos = fill(event, 100)
    page.add_init_script(SHIFTS)
    as_guest(f"/e/{event.slug}/{paging.page_from(photos[50])}")
    for width, height, highest in SCREENS[::-1]:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(GEOMETRY)["top"] <= highest
    page.wait_for_timeout(100)
    page.evaluate("window.shift = 0")  # all sizes were tried
    first = page.locator(f"#photo-{photos[50].pk}")
    assert shown_ids(page)[0] == photos[50].pk  # nothing came yet
    height = first.bounding_box()["y"]
    page.mouse.wheel(0, -100)
    expect(page.locator(f"#photo-{photos[49].pk}")).to_be_attached()
    assert first.bounding_box()["y"] == pytest.approx(height, abs=1)
    assert page.evaluate("window.shift") == 0
    for down in (0, 300, -500):  # the page above, the jump's, and where one goes over to the other
        page.evaluate("down => window.scrollBy(0, down)", down)
        stays_over_two_reloads(page)
    page.locator(f"#photo-{photos[50].pk}").click()
    expect(page.locator(".pswp__caption")).to_contain_text("51 of 100")


def stays_over_two_reloads(page):
    wait_until(page, f"({STANDS})(Object.values(history.state?.place ?? {{}}))")  # it is noted
    seen = page.evaluate(MIDDLE)
    for _ in range(2):
        page.reload()
        wait_until(page, STANDS, seen)
        page.wait_for_timeout(200)  # nothing comes that moves it
        assert page.evaluate(STANDS, seen)


def test_two_fingers_change_how_large_photos_are_and_the_next_page_comes_so(phone, event, as_guest):
    fill_without_pictures(event, 100)
    as_guest(f"/e/{event.slug}/", on=phone)
    before = phone.evaluate(PINCH, [0, 0])
    larger = phone.evaluate(PINCH, [100, 200])
    assert larger > 1.2 * before
    phone.reload()
    assert phone.evaluate(PINCH, [0, 0]) == pytest.approx(larger, abs=1)
    assert phone.evaluate(PINCH, [200, 60]) == pytest.approx(before, abs=1)


def test_the_order_is_a_link_and_the_viewer_and_news_go_with_it(page, event, as_guest, small_pages):
    photos = fill(event, 45)[::-1]
    as_guest(f"/e/{event.slug}/")
    follow(page, page.get_by_role("link", name="Newest first"))
    assert shown_ids(page)[:20] == [photo.pk for photo in photos[:20]]
    assert page.evaluate(WALK)["seen"] == [photo.pk for photo in photos]
    page.evaluate("window.scrollTo(0, 0)")
    new = make_photo(event, taken_at=NOON + timedelta(days=1))
    poll(page)
    follow(page, page.get_by_role("link", name="1 new photo at the end"))
    expect(page.locator(f"#photo-{new.pk}")).to_be_in_viewport()
