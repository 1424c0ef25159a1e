"""Every page of an event's desk, with something on it, in both languages, on a phone and a laptop:
nothing is wider than the screen, and axe finds nothing in what is ours and not the theme's.

The pages are not listed: every named page of the registry is asked for, so a new one is walked too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from events.desk import registry
from photos import binning, sections
from photos.gallery import hide_requests
from photos.models import Camera, Photo
from tests.browser.looks import PLAIN, RULES, Glass, Look
from tests.builders import NOON, add_member, make_match, make_photo, make_scan, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [Look((360, 780), "light", PLAIN), Look((1440, 900), "light", PLAIN)]
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
OURS = "async (rules) => window.axe.run({ include: [['.desk-nav'], ['.desk-panels']] }, rules)"
OTHERS = [
    "index",
    "events_event_changelist",
    "events_event_add",
    "events_bin",
    "photos_photo_changelist",
]


@pytest.fixture(params=["en", "fr"])
def busy(request, event, organizer, guest):
    """An event in which something waits everywhere, and the organizer's language."""
    type(organizer).objects.filter(pk=organizer.pk).update(language=request.param, is_staff=True)
    type(event).objects.update(guest_uploads=True, publish_first=True)
    add_member(event, make_user("Hanna"), "host")
    cameras = [Camera.objects.create(event=event, model=model) for model in ("R5", "Z 6")]
    party = sections.make(event, "Party", by=organizer)
    for number in range(12):
        photo = make_photo(
            event,
            camera=cameras[number % 2],
            section=party if number % 3 else None,
            published=number % 2 == 0,
            highlight=number == 4,
            uploader=organizer,
            taken_at=NOON + timedelta(minutes=number),
        )
        make_scan(photo, state="done")
        make_match(guest, photo)
    make_photo(event, moderation="pending", hidden=True, uploader=guest)
    hide_requests.ask(photo=photo, user=guest, words="Not this one")
    binning.put_in(Photo.objects.filter(pk=photo.pk), by=organizer)
    return request.param


def addresses(event):
    """Of the pages that are shown, and take no more than an event to be shown."""
    for page in registry.pages():
        if "<" not in page.path and page.path.endswith("/"):
            yield page.name, page.address(event)
    photo = Photo.objects.in_event(event).kept().ready().first()
    for name in ("change", "delete", "cull"):
        yield name, reverse(f"admin:photos_photo_{name}", args=[photo.pk])
    for name in ("change", "delete", "history"):
        yield name, reverse(f"admin:events_event_{name}", args=[event.pk])
    clock = reverse("admin:events_event_clock", args=[event.pk])
    yield "clock", f"{clock}?camera={photo.camera_id}"
    export = reverse("admin:events_event_export", args=[event.pk])
    for size in ("2gb", "files"):
        yield "export", f"{export}?photos=all&hidden=on&size={size}"
    yield "upload", reverse("admin:photos_photo_upload", args=[event.pk])
    for name in OTHERS:
        yield name, reverse(f"admin:{name}")


def is_page(client, address):
    """Not what takes a POST alone, nor a part of a page."""
    answer = client.get(address)
    return answer.status_code == 200 and b"<html" in b"".join(answer)


def wrong_at(glass, name):
    for look in LOOKS:
        glass.wear(look)
        if glass.page.evaluate(SIDEWAYS):
            yield f"{name}, {look}: wider than the screen"
    if glass.page.locator(".desk-panels").count():
        glass.page.evaluate(Axe().axe_script)
        for found in glass.page.evaluate(OURS, RULES)["violations"]:
            yield from (f"{name}: {found['id']}: {node['target']}" for node in found["nodes"])


def test_each_page_of_the_desk(page, live_server, event, organizer, as_user, busy):
    client = as_user(organizer)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    glass, seen, wrong = Glass(page), [], []
    for name, address in addresses(event):
        if is_page(client, address):
            page.goto(live_server.url + address)
            seen.append(page.locator("html").get_attribute("lang"))
            wrong += wrong_at(glass, name)
    assert wrong == []
    assert set(seen) == {busy}
    assert len(seen) >= 25
