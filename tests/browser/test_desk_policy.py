"""The desk under its content policy, which the browser says everything against in the console."""

import pytest
from django.urls import reverse

from events.models import User
from tests import builders
from tests.browser.test_desk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long one for the desk"
LISTS = ["index", "events_event_changelist", "events_event_add", "photos_photo_changelist"]
LISTS += ["password_change", "events_user_changelist"]
OF_EVENT = ["change", "guests", "figures", "threshold", "costs", "history", "poster", "cover"]
OF_EVENT += ["delete"]


@pytest.fixture
def organizer():
    fields = {"email": "olga@example.com", "name": "Olga"}
    return User.objects.create_superuser(password=PASSWORD, **fields)


@pytest.fixture
def pages(organizer):
    """Addresses of the desk's pages, with something on each."""
    event = builders.make_event()
    builders.add_member(event, organizer, "organizer")
    photo = builders.make_photo(event)
    return [
        *(reverse(f"admin:{name}") for name in LISTS),
        *(reverse(f"admin:events_event_{name}", args=[event.pk]) for name in OF_EVENT),
        reverse("admin:photos_photo_upload", args=[event.pk]),
        reverse("admin:photos_photo_change", args=[photo.pk]),
    ]


def test_no_page_of_the_desk_breaks_the_policy(page, live_server, organizer, pages):
    log_in(page, live_server, organizer)
    for number, address in enumerate(pages):
        page.emulate_media(color_scheme="dark" if number % 2 else "light")
        answer = page.goto(live_server.url + address)
        assert answer.status == 200, address
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
