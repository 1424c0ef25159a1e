"""Galleries in a browser: one scroll, a viewer, nothing that jumps."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from photos.models import Photo
from tests.browser.conftest import wait_until
from tests.browser.gallery import (
    DESKTOP,
    PHONE,
    SHIFTS,
    SIZES,
    WALK,
    fill,
    fill_without_pictures,
    follow,
    jpeg,
    poll,
    shown_ids,
)
from tests.builders import NOON, consent, make_enrollment, make_match, make_photo, make_selfie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The address of what stands in for a picture that is not there yet.
LIKENESS = r"""() => [...document.querySelectorAll(".tile img")]
    .filter((image) => !image.naturalWidth)
    .map((image) => image.style.backgroundImage.match(/^url\("(.*)"\)$/)?.[1])
    .find(Boolean)
"""
SIZE_OF = """async (address) => {
    const image = Object.assign(new Image(), { src: address });
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
}"""
# Counts the frames in which a page that is put away is on the screen.
BLANK = """() => {
    window.blank = 0;
    const look = () => {
      window.blank += [...document.querySelectorAll(".gallery-page:empty")].some((page) => {
        const { top, bottom } = page.getBoundingClientRect();
        return bottom > 0 && top < window.innerHeight;
      });
      requestAnimationFrame(look);
    };
    look();
}"""


def memory(page):
    """What is left after a collection: bytes of JavaScript's, and the document's nodes."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = {
        one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
    }
    session.detach()
    return metrics["JSHeapUsedSize"], metrics["Nodes"]


def memory_at_rest(page, most_nodes, patience_seconds=15):
    """As `memory`, once what still paints likenesses of pages put away has let them go."""
    for _ in range(patience_seconds * 4):
        heap, nodes = memory(page)
        if nodes < most_nodes:
            break
        page.wait_for_timeout(250)
    return heap, nodes


def test_a_thousand_photos_are_one_scroll_and_the_document_stays_small(page, event, as_guest):
    photos = fill_without_pictures(event, 1000)
    picture = jpeg((60, 40), 40)  # a thousand of the server's would take most of the time
    page.route(
        "**/thumbnail.jpg", lambda route: route.fulfill(body=picture, content_type="image/jpeg")
    )
    page.set_viewport_size(DESKTOP)
    as_guest(f"/e/{event.slug}/")
    walked = page.evaluate(WALK)
    assert (walked["seen"], walked["doubles"]) == (photos, 0)
    assert walked["most"] <= 500
    assert walked["mostElements"] < 3000
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator(f"#photo-{photos[0]}")).to_be_visible()


def test_five_thousand_photos_are_one_scroll_on_a_phone_too(phone, event, as_guest):
    photos = fill_without_pictures(event, 5000)
    session = phone.context.new_cdp_session(phone)
    session.send("Network.enable")
    # Without pictures likenesses stay: the document is at its largest, and the walk is a quick one.
    session.send("Network.setBlockedURLs", {"urls": ["*.jpg"]})
    as_guest(f"/e/{event.slug}/", on=phone)
    begun = phone.evaluate(WALK, 500)
    heap, nodes = memory(phone)
    walked = phone.evaluate(WALK)
    heap_at_end, nodes_at_end = memory_at_rest(phone, 2 * nodes)
    assert list(dict.fromkeys(begun["seen"] + walked["seen"])) == photos
    assert begun["doubles"] + walked["doubles"] == 0
    assert len(begun["seen"]) < 1000
    assert walked["most"] <= 500
    assert walked["mostElements"] < 3000
    # Ten times as many photos, as text and a line each: kept as tiles they would be 30,000 nodes.
    assert nodes_at_end < 2 * nodes
    assert heap_at_end < 3 * heap
    phone.evaluate("window.scrollTo(0, 0)")
    expect(phone.locator(f"#photo-{photos[0]}")).to_be_visible()


def test_where_one_jumps_to_no_frame_is_without_photos(page, event, as_guest, small_pages):
    photos = fill(event, 100)
    page.set_viewport_size(PHONE)
    as_guest(f"/e/{event.slug}/")
    page.evaluate(WALK)
    first = page.locator(f"#photo-{photos[0].pk}")
    expect(first).to_have_count(0)
    page.evaluate(BLANK)
    page.evaluate("window.scrollTo(0, 0)")
    expect(first).to_be_in_viewport()
    assert page.evaluate("window.blank") == 0


def test_never_more_than_six_pictures_load_at_once_behind_the_first_page(
    page, event, as_guest, small_pages
):
    fill(event, 120)
    page.set_viewport_size(PHONE)
    page.add_init_script("""
        window.most = 0;
        const loading = new Set();
        for (const name of ["src", "srcset"]) {
          const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, name);
          Object.defineProperty(HTMLImageElement.prototype, name, {
            ...source,
            set(value) {
              source.set.call(this, value);
              if (!this.ownerDocument.defaultView) return; // nothing loads in there
              loading.add(this);
              for (const type of ["load", "error"]) {
                this.addEventListener(type, () => loading.delete(this), { once: true });
              }
              // After the listeners of the load that made room for this one.
              setTimeout(() => {
                const unheld = document.querySelectorAll("img[data-src]:is([src], [srcset])");
                window.most = Math.max(window.most, loading.size + unheld.length);
              });
            },
          });
        }
    """)
    as_guest(f"/e/{event.slug}/")
    page.evaluate(WALK)
    wait_until(page, "window.most > 0")
    assert page.evaluate("window.most") <= 6


@pytest.mark.parametrize(
    ("size", "density", "kind"),
    [(PHONE, 3, "thumbnail"), (DESKTOP, 1, "thumbnail"), (DESKTOP, 2, "medium")],
    ids=["phone", "desktop", "retina"],
)
def test_a_screen_loads_the_one_picture_that_is_sharp_on_it(
    browser, event, as_guest, small_pages, size, density, kind
):
    photos = fill(event, 45)
    Photo.objects.update(width=3000, height=2000)
    context = browser.new_context(viewport=size, device_scale_factor=density)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    as_guest(f"/e/{event.slug}/", on=page)
    page.evaluate(WALK)
    wait_until(page, "[...document.querySelectorAll('.tile img')].at(-1).naturalWidth > 0")
    pictures = [re.search(r"/photos/(\d+)/(\w+)\.jpg$", address) for address in asked]
    loaded = [(picture[1], picture[2]) for picture in pictures if picture]
    assert (str(photos[-1].pk), kind) in loaded  # of a page that JavaScript fetched
    assert {name for _, name in loaded} == {kind}
    context.close()


def test_what_is_chosen_stays_so_while_its_page_is_put_away(page, event, as_guest, small_pages):
    photos = fill(event, 100)
    page.set_viewport_size(PHONE)
    as_guest(f"/e/{event.slug}/")
    page.get_by_role("button", name="Choose", exact=True).click()
    first, last = (page.locator(f"#photo-{photo.pk}") for photo in (photos[0], photos[99]))
    first.locator("img").click()
    page.evaluate("document.activeElement.blur()")  # what has the focus is not put away
    page.evaluate(WALK)
    expect(first).to_have_count(0)
    last.locator("img").click(modifiers=["Shift"])
    expect(page.get_by_text("100 chosen")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    expect(first.locator(".tile-check")).to_be_checked()


def test_a_photos_address_is_a_page_that_leads_back_to_its_place(
    page, event, as_guest, small_pages
):
    photos = fill(event, 50)
    as_guest(f"/e/{event.slug}/photos/{photos[30].pk}/")
    page.get_by_role("link", name="Older photo").click()
    page.wait_for_url(f"**/photos/{photos[31].pk}/")
    expect(page.get_by_text("32 of 50")).to_be_in_viewport()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/photos/{photos[32].pk}/")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/photos/{photos[31].pk}/")
    page.locator("article").get_by_role("link", name="General").click()
    # Before its script has run, the link below is a plain one, and leads to another page.
    page.wait_for_url(re.compile(rf"#photo-{photos[31].pk}$"))
    expect(page.locator(f"#photo-{photos[31].pk}")).to_be_in_viewport()
    page.get_by_role("link", name="Newer photos").click()
    expect(page.locator(f"#photo-{photos[11].pk}")).to_be_attached()
    expect(page.locator(f"#photo-{photos[31].pk}")).to_be_in_viewport()


def test_galleries_are_whole_without_javascript(browser, event, as_guest, guest, small_pages):
    photos = fill(event, 45)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    as_guest(f"/e/{event.slug}/", on=page)
    seen = shown_ids_without_scripts(page)
    while page.locator(".pages a[rel=next]").count():
        follow(page, page.locator(".pages a[rel=next]"))
        seen += shown_ids_without_scripts(page)
    assert seen == [photo.pk for photo in photos]
    follow(page, page.get_by_role("link", name="Newer photos"))
    assert shown_ids_without_scripts(page) == seen[20:40]
    follow(page, page.get_by_role("link", name="Jump to a time"))
    follow(page, page.locator("main .chip").first)
    assert shown_ids_without_scripts(page)[0] == photos[0].pk
    page.locator(".tile > a").first.click()
    expect(page.locator("#photo img")).to_be_visible()
    context.close()


def shown_ids_without_scripts(page):
    return [int(number) for number in re.findall(r'id="photo-(\d+)"', page.content())]


@pytest.mark.parametrize("gallery", ["", "mine/"], ids=["general", "mine"])
def test_on_a_slow_network_likenesses_stand_in_and_nothing_jumps(
    page, event, guest, as_guest, gallery
):
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    for photo in fill(event, 120):
        make_match(guest, photo)
    page.set_viewport_size(PHONE)
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    slow = {
        "offline": False,
        "latency": 300,
        "downloadThroughput": 100_000,
        "uploadThroughput": 30_000,
    }
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    # Not until all has come: how long that takes on such a line says nothing here.
    as_guest(f"/e/{event.slug}/{gallery}", until="domcontentloaded")
    wait_until(page, f"({LIKENESS})() !== undefined")
    likeness = page.evaluate(SIZE_OF, page.evaluate(LIKENESS))
    assert likeness in [[24, round(24 * height / width)] for width, height in SIZES]
    for _ in range(20):
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(100)
    expect(page.locator(".gallery-page")).to_have_count(2, timeout=30_000)
    assert page.evaluate("window.shift") < 0.01


def test_what_is_looked_at_stays_while_new_photos_are_announced(page, event, guest, as_guest):
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    for photo in fill(event, 40):
        make_match(guest, photo)
    as_guest(f"/e/{event.slug}/mine/")
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(300)
    before = page.evaluate("window.scrollY"), shown_ids(page)
    new = [make_photo(event, taken_at=NOON + timedelta(days=1, minutes=n)) for n in range(3)]
    for photo in new:
        make_match(guest, photo)
    poll(page)
    expect(page.get_by_role("link", name="3 new photos")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="3 new photos")).to_be_attached()
    assert (page.evaluate("window.scrollY"), shown_ids(page)) == before
    page.get_by_role("link", name="3 new photos").click()
    expect(page.locator(f"#photo-{new[2].pk}")).to_be_in_viewport()
    expect(page.get_by_role("link", name="3 new photos")).to_have_count(0)


def test_a_gallery_whose_guest_signed_out_elsewhere_leads_to_the_log_in_page(page, event, as_guest):
    fill_without_pictures(event, 3)
    as_guest(f"/e/{event.slug}/")
    Session.objects.all().delete()
    poll(page)
    expect(page).to_have_url(re.compile("/account/login/code/"))


def test_a_time_is_chosen_in_a_sheet_that_keys_can_close(page, event, as_guest):
    photos = fill(event, 200)
    as_guest(f"/e/{event.slug}/")
    new = make_photo(event, taken_at=NOON + timedelta(days=1))
    poll(page)
    expect(page.locator(f"#photo-{new.pk}")).to_be_visible()  # the sheet is there after a renewal
    page.get_by_role("link", name="Jump to a time").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("link", name="Jump to a time").click()
    follow(page, sheet.get_by_role("link", name="15:00"))
    expect(page.locator(".tile .hour").first).to_have_text("15:00")
    wanted = [photo.pk for photo in photos if photo.taken_at < NOON + timedelta(hours=2)]
    assert shown_ids(page)[:5] == wanted[:5]
