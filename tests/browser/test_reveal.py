"""The reveal comes into an open page, its count follows, and nothing moves."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings
from playwright.sync_api import expect

from faces.guest import reveal
from faces.models import FaceMatch
from tests.browser.gallery import SHIFTS, fill
from tests.builders import consent, make_selfie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting(page, event, guest, as_guest):
    """My Photos of a guest who has given a selfie in this browser, and is not found yet."""
    consent(guest, event)
    make_selfie(guest)
    page.set_viewport_size({"width": 360, "height": 780})
    page.add_init_script(SHIFTS)
    as_guest(f"/e/{event.slug}/mine/")
    (key,) = [one["value"] for one in page.context.cookies() if one["name"] == "sessionid"]
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    reveal.expect(session, event, guest)
    session.save()
    return page


def match(guest, photo):
    found = {"event": photo.event, "taken_at": photo.taken_at, "similarity": 95}
    return FaceMatch(user=guest, photo=photo, **found)


def renew(page):
    page.evaluate("document.dispatchEvent(new CustomEvent('photos:changed'))")


def test_it_comes_once_and_more_photos_slide_in_below_it(waiting, event, guest):
    photos = fill(event, 8)
    title = waiting.locator(".reveal-title")
    places = []
    for found in (photos[3:], photos[:3]):
        FaceMatch.objects.bulk_create(match(guest, photo) for photo in found)
        renew(waiting)
        count = guest.face_matches.count()
        expect(title).to_have_text(f"We found you in {count} photos")
        expect(waiting.locator("#photos .tile")).to_have_count(count)
        places.append(waiting.locator(".reveal-photo").bounding_box())
        waiting.wait_for_timeout(100)  # what has moved is told a frame later
    assert places[0] == places[1]
    assert waiting.evaluate("window.shift") == 0
    expect(waiting.locator("#arrivals")).to_have_text("We found you in 8 photos")
    photo = places[0]
    tile = waiting.locator("#photos .tile").first.bounding_box()
    assert photo["width"] > 1.3 * tile["width"]
    assert photo["y"] + photo["height"] <= tile["y"] < 780
    assert waiting.evaluate("window.scrollY") == 0
    waiting.set_viewport_size({"width": 780, "height": 360})  # the photo large, others below it
    assert waiting.locator(".reveal-photo").bounding_box()["height"] > 200
    assert waiting.locator("#photos .tile").first.bounding_box()["y"] < 320
    waiting.locator(".reveal-photo").click()
    expect(waiting.locator(".pswp")).to_be_visible()
    waiting.keyboard.press("Escape")
    waiting.wait_for_url("**/mine/")
    waiting.reload()
    expect(waiting.locator("#photos .tile")).to_have_count(8)
    expect(title).to_have_count(0)
