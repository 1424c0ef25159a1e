"""An organizer takes the originals home, and is told where that has to wait."""

import pytest
from playwright.sync_api import expect

from findme.refusals import words_of
from photos.export import sending
from tests.builders import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_export(context, live_server, as_user, organizer, event):
    """The desk's page of two originals of one name. Its console may name what is refused."""
    for _ in range(2):
        make_photo(event, name="IMG.jpg")
    cookie = as_user(organizer).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{live_server.url}/admin/events/event/{event.pk}/export/")
    return page


def test_that_others_come_first_is_said_beside_the_links(at_export, event, monkeypatch):
    monkeypatch.setattr(sending, "places", sending.Places(0, 0))
    at_export.get_by_role("button", name="Show the links").click()
    at_export.get_by_role("link", name="Download the archive").click()
    expect(at_export.get_by_role("alert")).to_have_text(words_of("export_busy"))
    monkeypatch.setattr(sending, "places", sending.Places(1, 1))
    with at_export.expect_download() as coming:
        at_export.get_by_role("link", name="Download the archive").click()
    assert coming.value.suggested_filename == f"{event.slug}-originals.zip"
