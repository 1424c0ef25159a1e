"""Without a network: a page of our own, and nothing of anybody kept on the device."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
KEPT = """
    async () => {
        const kept = [];
        for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) {
                kept.push(new URL(request.url).pathname);
            }
        }
        return kept;
    }
"""


@pytest.fixture
def phone(browser, live_server, as_user, guest, event):
    """The guest's phone after some pages, with the service worker at work."""
    context = browser.new_context()
    cookie = as_user(guest).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    for path in ("/", f"/e/{event.slug}/", "/privacy/"):
        page.goto(live_server.url + path)
        wait_until(page, READY)
    yield page
    context.close()


def test_without_a_network_the_offline_page_is_shown_and_the_page_comes_back(
    phone, live_server, guest
):
    phone.context.set_offline(True)
    phone.goto(live_server.url + "/privacy/")
    expect(phone.get_by_role("heading", name="You are offline.")).to_be_visible()
    expect(phone.get_by_role("heading", name="Vous êtes hors ligne.")).to_be_visible()
    assert phone.locator("h1").evaluate("e => getComputedStyle(e).fontWeight") == "720"
    phone.context.set_offline(False)
    expect(phone.get_by_text(guest.email)).to_be_visible()


def test_nothing_private_is_kept(phone):
    kept = phone.evaluate(KEPT)
    assert "/offline/" in kept
    assert [path for path in kept if path != "/offline/" and not path.startswith("/static/")] == []
