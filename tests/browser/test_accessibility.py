"""axe finds nothing on any page of a guest, in either theme, on phone and desktop.

The pages are not listed: every named address is asked for, so a new page cannot be forgotten.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from events.models import Event
from faces.finding import enrolling
from faces.guest import together
from faces.notices import mailing
from tests.browser.looks import PLAIN, RULES, Glass, Look
from tests.builders import (
    add_member,
    consent,
    make_match,
    make_photo,
    make_question,
    make_selfie,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A page is loaded once and changes its looks: each scheme, each width. Colours do not depend on the
# width, nor places on the scheme; large text changes neither names nor colours (test_walk.py).
LOOKS = [Look((360, 780), "light", PLAIN), Look((1440, 900), "dark", PLAIN)]
INSTAGRAM = "Mozilla/5.0 (Linux; Android 14; wv) Instagram 340.0.3.27"


@pytest.fixture
def arguments(event, guest):
    """What stands in the addresses of an event with photos, some of them of the guest."""
    Event.objects.update(guest_uploads=True)
    consent(guest, event)
    selfie = make_selfie(guest)
    photos = [make_photo(event) for _ in range(6)]
    for photo in photos[:3]:
        make_match(guest, photo)
    questions = [make_question(guest, event) for _ in range(2)]
    enrolling.sweep()
    request = mailing.ask(user=guest, event=event)
    friend = make_user("Frida")
    add_member(event, friend)
    partner = consent(friend, event)
    for user in (guest, friend):
        together.set_sharing(user=user, event=event, shares=True)
    return {
        "slug": event.slug,
        "code": event.join_code,
        "live_code": event.live_code,
        "upload_id": "none",
        "number": 1,
        "sign_in_id": 1,
        "child_id": 1,
        "pk": 1,
        "photo_id": photos[0].pk,
        "face_id": questions[0].face_id,
        "selfie_id": selfie.pk,
        "consent_id": partner.pk,
        "token": mailing.stop_token(request),
    }


def named_addresses(arguments):
    """Every named address outside the desk."""
    for pattern in everything(get_resolver().url_patterns):
        names = pattern.pattern.converters
        if pattern.name and set(names) <= set(arguments):
            given = dict(arguments)
            if pattern.name.startswith("live"):  # a screen's code is not that of the guests
                given["code"] = arguments["live_code"]
            yield reverse(pattern.name, kwargs={name: given[name] for name in names})
        elif pattern.name:
            pytest.fail(f"{pattern.name}: say in `arguments` what {set(names)} are")


def everything(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.namespace is None:
            yield from everything(pattern.url_patterns)


def pages(client, arguments):
    """Addresses at which this client gets a page of ours."""
    return [
        address
        for address in named_addresses(arguments)
        if (answer := client.get(address)).status_code not in (301, 302, 405)
        and answer["Content-Type"].startswith("text/html")
        and b"<html" in b"".join(answer)
    ]


def cookies_of(client, live_server):
    return [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]


def violations(glass, address):
    glass.page.goto(address)
    for look in LOOKS:
        glass.wear(look)
        yield from (f"{address}, {look}: {what}" for what in glass.violations())


def walk(browser, live_server, client, addresses, **options):
    # Colours that change slowly would be judged half-way.
    context = browser.new_context(reduced_motion="reduce", **options)
    context.add_cookies(cookies_of(client, live_server))
    glass = Glass(context.new_page())
    found = [v for path in addresses for v in violations(glass, live_server.url + path)]
    context.close()
    return found


def test_pages_of_a_guest(browser, live_server, as_user, guest, arguments):
    client = as_user(guest)
    addresses = [*pages(client, arguments), "/nothing/here/"]
    assert {reverse("home"), reverse("privacy")} <= set(addresses)
    assert walk(browser, live_server, client, addresses) == []


def test_pages_of_a_visitor(browser, live_server, arguments):
    client = Client()
    addresses = pages(client, arguments)
    assert reverse("join", args=[arguments["slug"], arguments["code"]]) in addresses
    assert walk(browser, live_server, client, addresses) == []


def test_pages_of_a_guest_without_a_selfie_in_another_apps_browser(
    browser, live_server, as_user, other_guest, event, arguments
):
    Event.objects.update(guest_uploads=False)  # what is not allowed is a page too
    client = as_user(other_guest)
    addresses = [reverse(name, args=[event.slug]) for name in ("my_photos", "selfie", "uploads")]
    assert walk(browser, live_server, client, addresses, user_agent=INSTAGRAM) == []


def test_a_page_that_is_new_is_walked_too():
    names = {pattern.name for pattern in everything(get_resolver().url_patterns)}
    assert {"home", "join", "general", "my_photos", "selfie", "privacy", "stop_notices"} <= names


def test_axe_sees_what_is_wrong(page):
    page.set_content("<html><body><img src='x.png'><button></button></body></html>")
    found = {v["id"] for v in Axe().run(page, options=RULES).response["violations"]}
    assert {"image-alt", "button-name", "html-has-lang"} <= found
