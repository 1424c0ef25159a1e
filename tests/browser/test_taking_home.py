"""Choosing, downloading, hearts, corrections and the share sheet, as a guest's fingers do it."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from faces.finding import matching
from photos.delivery import bundles, turns
from photos.models import Download, Photo
from tests.builders import (
    consent,
    make_enrollment,
    make_face,
    make_photo,
    make_selfie,
)
from tests.fakes import template

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SHARE_SHEET = """
    navigator.canShare = () => true;
    navigator.share = async ({ files }) => {
        document.documentElement.dataset.shared = files.map((f) => `${f.name} ${f.type}`).join();
    };
"""


@pytest.fixture
def photos(event, guest, settings):
    """Five photos; the guest is in the first three, whose face is at the left."""
    call_command("createcachetable", verbosity=0)
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    photos = [make_photo(event) for _ in range(5)]
    for photo in photos[:3]:
        make_face(photo, template=template(1))
    for photo in photos:
        make_face(photo, left=0.6)
    with matching.matching(event.pk, with_others=False):
        matching.match_guest(event, guest.pk)
    return photos


@pytest.fixture
def log_in(live_server, as_user, guest):
    def add_cookie(context):
        session = as_user(guest).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return add_cookie


@pytest.fixture
def phone(page, log_in):
    page.set_viewport_size(PHONE)
    log_in(page.context)
    return page


def go(page, live_server, event, place):
    page.goto(f"{live_server.url}/e/{event.slug}/{place}")


def ids_of(download) -> list[int]:
    with zipfile.ZipFile(download.path()) as opened:
        assert opened.testzip() is None
        return [int(name.rsplit("_", 1)[1].split(".")[0]) for name in opened.namelist()]


def ids_shown(page) -> list[int]:
    ids = page.locator(".photo-grid > .tile").evaluate_all("all => all.map(tile => tile.id)")
    return [int(text.removeprefix("photo-")) for text in ids if text]


@pytest.mark.parametrize("place", ["", "mine/"], ids=["general", "mine"])
def test_on_a_small_phone_the_first_photo_comes_high_up(phone, live_server, event, photos, place):
    phone.set_viewport_size({"width": 360, "height": 740})
    go(phone, live_server, event, place)
    expect(phone.get_by_role("button", name="Choose")).to_be_visible()
    assert phone.locator(".tile").first.bounding_box()["y"] < 270
    for target in phone.locator("main a:not(.tile a), main button, .event-nav a").all():
        if target.is_visible():
            assert target.bounding_box()["height"] >= 44


def test_the_archive_of_my_photos_has_what_the_page_shows(phone, live_server, event, photos):
    go(phone, live_server, event, "mine/")
    with phone.expect_download() as started:
        phone.get_by_role("button", name="Download all").click()
    assert started.value.suggested_filename == f"{event.slug}-my-photos.zip"
    assert ids_of(started.value) == sorted(ids_shown(phone)) == [p.pk for p in photos[:3]]


def test_photos_are_chosen_by_tapping_and_downloaded(phone, live_server, event, photos):
    go(phone, live_server, event, "")
    phone.get_by_role("button", name="Choose", exact=True).click()
    phone.locator(f"#photo-{photos[0].pk} img").click()
    phone.locator(f"#photo-{photos[3].pk} img").click()
    expect(phone.get_by_text("2 chosen")).to_be_visible()
    with phone.expect_download() as started:
        phone.get_by_role("button", name="Save", exact=True).click()
    assert ids_of(started.value) == [photos[0].pk, photos[3].pk]
    here = phone.get_by_role("region", name="Your photos are here.")
    expect(here).to_be_visible()
    phone.get_by_role("button", name="Choose", exact=True).click()
    expect(here).to_be_hidden()


def test_an_archive_that_the_browser_builds_survives_what_happens_meanwhile(
    browser, live_server, log_in, as_user, guest, event, photos
):
    """No room at the server, then a photo is hidden; the files are those of its own archive."""
    context = browser.new_context(viewport=PHONE)
    log_in(context)
    page = context.new_page()
    busy = [{"status": 503, "headers": {"Retry-After": "1"}}]

    def on_photo(route):
        if f"/{photos[1].pk}/" in route.request.url:
            Photo.objects.filter(pk=photos[1].pk).update(hidden=True)
        route.fulfill(**busy.pop()) if busy else route.continue_()

    page.route("**/photos/*/download?*", on_photo)
    go(page, live_server, event, "mine/")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
        page.get_by_role("button", name="Cancel").wait_for()
        page.keyboard.press("Escape")  # not while it is gathered
    gone = page.get_by_text("1 photo was removed meanwhile.", exact=True)
    expect(gone).to_be_visible()
    page.keyboard.press("Escape")
    expect(gone).to_be_hidden()
    url = f"/e/{event.slug}/mine/download/"
    theirs = b"".join(as_user(guest).post(url).streaming_content)
    assert files_in(started.value.path()) == files_in(io.BytesIO(theirs))
    assert list(Download.objects.values_list("photos", flat=True)) == [3, 2]
    context.close()


def files_in(archive) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_photos_are_chosen_by_keyboard_alone(phone, live_server, event, photos):
    go(phone, live_server, event, "")
    phone.get_by_role("button", name="Choose", exact=True).focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("button", name="Done")).to_be_focused()
    checks = phone.locator(".tile-check")
    checks.nth(0).focus()
    phone.keyboard.press("Space")
    checks.nth(2).focus()
    phone.keyboard.press("Shift+Space")
    expect(phone.get_by_text("3 chosen")).to_be_visible()
    phone.keyboard.press("Escape")
    expect(checks.first).to_be_hidden()
    expect(phone.get_by_role("button", name="Choose", exact=True)).to_be_focused()


def test_a_heart_stays_and_leads_to_the_favourites(phone, live_server, event, photos):
    go(phone, live_server, event, "")
    heart = phone.locator(f"#photo-{photos[1].pk} .tile-heart")
    with phone.expect_response("**/favourites/mark/"):
        heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    phone.reload()
    expect(heart).to_have_attribute("aria-pressed", "true")
    phone.get_by_role("link", name="Favourites").click()
    count = phone.get_by_role("status").filter(has_text="favourite")
    for number, pressed in [("1 favourite", "true"), ("0 favourites", "false")]:
        expect(heart).to_have_attribute("aria-pressed", pressed)
        expect(count).to_have_text(number)
        heart.click()
    expect(count).to_have_text("1 favourite")  # it was still there


def test_a_heart_given_while_the_page_asks_for_them_stays(phone, live_server, event, photos):
    asked = []
    phone.route("**/favourites/ids/", lambda route: asked.append(route))
    go(phone, live_server, event, "")
    heart = phone.locator(f"#photo-{photos[1].pk} .tile-heart")
    with phone.expect_response("**/favourites/mark/"):
        heart.click()
    with phone.expect_response("**/favourites/ids/"):
        asked.pop().fulfill(json={"favourites": [photos[2].pk]})  # from before the click
    other = phone.locator(f"#photo-{photos[2].pk} .tile-heart")
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(heart).to_have_attribute("aria-pressed", "true")


def test_a_heart_that_the_server_refused_is_taken_back(phone, live_server, event, photos):
    go(phone, live_server, event, "")
    heart = phone.locator(f"#photo-{photos[1].pk} .tile-heart")
    expect(heart).to_have_attribute("aria-pressed", "false")
    phone.route("**/favourites/mark/", lambda route: route.fulfill(status=302, headers={}))
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")


def say_not_me(page, photo):
    """In the viewer, of the own face; leaves the viewer."""
    page.locator(f"#photo-{photo.pk} a").click()
    page.get_by_role("button", name="Faces").click()
    page.locator(".face-box.is-me").click()
    page.get_by_role("button", name="Not me").click()
    expect(page.get_by_text("You said that you are not in this photo.")).to_be_visible()
    page.keyboard.press("Escape")  # the faces
    page.keyboard.press("Escape")  # the viewer


def test_not_me_in_the_viewer_takes_the_photo_out_of_mine(phone, live_server, event, photos):
    own_day = photos[0].taken_at + timedelta(days=2)
    Photo.objects.filter(pk=photos[0].pk).update(taken_at=own_day)
    go(phone, live_server, event, "mine/")
    expect(phone.locator(".day-name")).to_have_count(2)
    say_not_me(phone, photos[0])
    expect(phone.locator(f"#photo-{photos[0].pk}")).to_have_count(0)
    expect(phone.locator(".day-name")).to_have_count(1)
    expect(phone.get_by_text("2 photos of you")).to_be_visible()
    phone.reload()
    assert ids_shown(phone) == [photos[2].pk, photos[1].pk]


def test_not_me_in_the_only_photo_leaves_a_page_that_says_what_is(
    phone, live_server, event, photos
):
    Photo.objects.exclude(pk=photos[0].pk).delete()
    go(phone, live_server, event, "mine/")
    say_not_me(phone, photos[0])
    expect(phone.locator("h2[data-announce]")).to_be_visible()
    expect(phone.get_by_role("button", name="Choose", exact=True)).to_be_hidden()


def test_this_is_me_in_the_viewer_adds_the_photo(phone, live_server, event, guest, photos):
    go(phone, live_server, event, "")
    phone.locator(f"#photo-{photos[4].pk} a").click()
    phone.get_by_role("button", name="Faces").click()
    face = phone.get_by_role("link", name="Face 1, from the left")
    face.focus()
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="This is me").click()
    expect(phone.get_by_text("You are in this photo.")).to_be_visible()
    go(phone, live_server, event, "mine/")
    assert photos[4].pk in ids_shown(phone)


def test_the_viewer_leaves_the_focus_where_it_went_while_it_opened(
    phone, live_server, event, photos
):
    go(phone, live_server, event, "")
    phone.clock.install()
    phone.clock.pause_at(timezone.now() + timedelta(hours=1))  # the opening waits for a timer
    phone.locator(f"#photo-{photos[4].pk} a").click()
    phone.get_by_role("button", name="Faces").click()
    face = phone.get_by_role("link", name="Face 1, from the left")
    face.focus()
    before = phone.locator(".pswp__item").first  # where the neighbour is, once it is open
    expect(before).to_have_css("display", "none")
    phone.clock.resume()
    expect(before).to_have_css("display", "block")
    expect(face).to_be_focused()


@pytest.mark.parametrize("by", ["back", "Escape"])
def test_a_viewer_that_is_still_opening_can_be_closed(phone, live_server, event, photos, by):
    go(phone, live_server, event, "")
    phone.clock.install()
    phone.clock.pause_at(timezone.now() + timedelta(hours=1))
    phone.locator(f"#photo-{photos[4].pk} a").click()
    phone.get_by_role("button", name="Faces").wait_for()
    if by == "back":
        phone.go_back()
    else:
        phone.keyboard.press(by)
    phone.clock.resume()
    expect(phone.locator(".pswp")).to_have_count(0)
    expect(phone).to_have_url(f"{live_server.url}/e/{event.slug}/")


def test_the_share_sheet_gets_a_file(phone, live_server, event, photos):
    phone.add_init_script(SHARE_SHEET)
    go(phone, live_server, event, f"photos/{photos[0].pk}/")
    phone.get_by_role("button", name="Share").click()
    shared = re.compile(rf"^\S+_{photos[0].pk}\.jpg image/jpeg$")
    expect(phone.locator("html")).to_have_attribute("data-shared", shared)


def test_without_a_share_sheet_nothing_is_offered(phone, live_server, event, photos):
    phone.add_init_script("navigator.canShare = undefined")
    go(phone, live_server, event, f"photos/{photos[0].pk}/")
    expect(phone.get_by_role("link", name="Save")).to_be_visible()
    expect(phone.get_by_role("button", name="Share")).to_be_hidden()


def test_downloads_and_corrections_work_without_javascript(
    browser, live_server, log_in, event, photos
):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    log_in(context)
    page = context.new_page()
    go(page, live_server, event, "mine/")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
    assert ids_of(started.value) == [photo.pk for photo in photos[:3]]
    go(page, live_server, event, f"photos/{photos[0].pk}/")
    page.get_by_role("link", name="Faces").click()
    page.get_by_role("button", name="Not me").click()
    go(page, live_server, event, f"photos/{photos[4].pk}/")
    expect(page.locator(".face-box")).to_be_hidden()
    page.get_by_role("link", name="Faces").click()
    page.locator(".face-box").click()
    page.get_by_role("button", name="This is me").click()
    go(page, live_server, event, "mine/")
    assert set(ids_shown(page)) == {photos[4].pk, photos[1].pk, photos[2].pk}
    context.close()


def test_without_javascript_an_archive_that_waits_for_others_begins_by_itself(
    browser, live_server, log_in, event, photos, monkeypatch
):
    monkeypatch.setattr(turns, "SOON_SECONDS", 1)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    log_in(context)
    page, others = context.new_page(), ExitStack()
    go(page, live_server, event, "mine/")
    bundles._room.take(4, others)
    page.get_by_role("button", name="Download all").click()
    expect(page.get_by_role("heading", name="Your photos are being packed")).to_be_visible()
    with page.expect_download() as started:
        others.close()
    assert ids_of(started.value) == [photo.pk for photo in photos[:3]]
    context.close()
