"""The whole path on the demo event: link, join, consent, selfie, My Photos. Nothing is faked."""

import re

import pytest
from playwright.sync_api import expect

from faces.models import PhotoScan
from findme.env import DEMO_SELFIE
from photos.models import Photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


def join(page, live_server, demo):
    page.goto(live_server.url + demo.get_join_url())
    page.get_by_label("Your name").fill("Camille")
    page.get_by_label("Your e-mail address").fill("camille@example.com")
    page.get_by_role("button", name="See the photos").click()
    page.wait_for_url("**/selfie/")


def give_selfie(page):
    page.locator("input[type=file]").set_input_files(DEMO_SELFIE)
    page.get_by_role("button", name="Yes, look for my face").click()
    page.wait_for_url("**/mine/")


def wait_until_all_is_looked_at(page):
    for _ in range(120):
        if not PhotoScan.objects.filter(state__in=["queued", "running"]).exists():
            return
        page.wait_for_timeout(500)
    pytest.fail("the photos were not all looked at within a minute")


def names_shown(page, event):
    """Names of the photos whose thumbnails the page shows."""
    sources = page.locator("img[src*='/thumbnail']").evaluate_all("all => all.map(i => i.src)")
    ids = {int(re.search(r"/photos/(\d+)/", source)[1]) for source in sources}
    return sorted(Photo.objects.filter(pk__in=ids).values_list("name", flat=True))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_guest_joins_gives_a_selfie_and_sees_exactly_the_own_photos(
    page, live_server, demo, worker, size
):
    page.set_viewport_size(size)
    join(page, live_server, demo)
    give_selfie(page)
    # Without reloading: the page fills itself while the worker looks at the photos.
    expect(page.locator("img[src*='/thumbnail']")).to_have_count(2, timeout=60_000)
    assert names_shown(page, demo) == ["sample1.jpg", "sample3.jpg"]
    wait_until_all_is_looked_at(page)
    page.goto(f"{live_server.url}/e/demo/")
    assert names_shown(page, demo) == [f"sample{n}.jpg" for n in range(1, 7)]


def test_the_path_works_without_javascript(browser, live_server, demo, worker):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    join(page, live_server, demo)
    give_selfie(page)
    for _ in range(60):
        if page.locator("img[src*='/thumbnail']").count() == 2:
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert names_shown(page, demo) == ["sample1.jpg", "sample3.jpg"]
    page.locator("a:has(img[src*='/thumbnail'])").first.click()
    expect(page.locator("img[src*='/preview']").first).to_be_visible()
    context.close()
