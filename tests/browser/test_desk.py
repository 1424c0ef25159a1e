"""An organizer at the desk: an event made, shared, closed and deleted."""

import re

import pytest
from playwright.sync_api import expect

from events.models import Event, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long one for the desk"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture
def organizer():
    return User.objects.create_user("olga@example.com", PASSWORD, name="Olga", is_staff=True)


def log_in(page, live_server, organizer):
    page.goto(f"{live_server.url}/admin/")
    page.locator("#id_username").fill(organizer.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def create(page):
    page.get_by_role("link", name="New event").click()
    page.locator("#id_name").fill("Summer party")
    page.locator("#id_starts_on").fill("2027-06-20")
    page.get_by_label("Every face in the photos").check()
    page.get_by_label("Responsible").fill("Olga’s parties")
    page.get_by_label("Contact").fill("olga@example.com")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/change/$"))


def reach_all(page):
    """Every page of the event's navigation; the console must stay silent."""
    links = page.locator(".desk-nav a")
    addresses = links.evaluate_all("all => all.map(link => link.href)")
    for address in addresses:
        page.goto(address)
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], address
    return len(addresses)


@pytest.mark.parametrize(("size", "points"), [("a4", (595, 842)), ("a5", (420, 595))])
def test_the_poster_prints_on_one_sheet(page, live_server, organizer, size, points):
    log_in(page, live_server, organizer)
    create(page)
    page.goto(page.url.replace("/change/", f"/poster/?size={size}&language=fr"))
    pdf = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [tuple(round(float(side)) for side in sheet) for sheet in sheets] == [points]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_event_from_its_making_to_its_end(page, live_server, organizer, size):
    page.set_viewport_size(size)
    log_in(page, live_server, organizer)
    create(page)
    event = Event.objects.get()
    expect(page.locator("#join-link")).to_contain_text(event.join_code)
    expect(page.locator(".desk-qr svg")).to_be_visible()
    assert reach_all(page) >= 9
    page.goto(f"{live_server.url}/admin/events/event/{event.pk}/change/")
    page.get_by_role("button", name="Close the event").click()
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    page.get_by_role("link", name="Delete event…").click()
    page.get_by_label("to confirm").fill("summer party")
    page.get_by_role("button", name="Delete the event").click()
    expect(page.get_by_text("“Summer party” is in the bin for 30 days.")).to_be_visible()
    assert not Event.objects.kept().exists()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("“Summer party” is back, as it was")).to_be_visible()
    assert Event.objects.kept().get() == event
