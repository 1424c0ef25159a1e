"""The desk under its content policy, which the browser says everything against in the console."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from events.models import User
from tests import builders
from tests.browser.test_desk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long one for the desk"
LISTS = ["index", "events_event_changelist", "events_event_add", "photos_photo_changelist"]
LISTS += ["password_change", "events_user_changelist"]
OF_EVENT = ["change", "guests", "figures", "threshold", "costs", "history", "poster", "cover"]
OF_EVENT += ["clocks", "delete", "ready", "copy"]


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
        f"{reverse('admin:events_event_clock', args=[event.pk])}?photos={photo.pk}",
        reverse("admin:photos_photo_upload", args=[event.pk]),
        reverse("admin:photos_photo_change", args=[photo.pk]),
        reverse("mfa_activate_totp"),
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


def test_a_passkey_is_added_and_asked_for(page, live_server, organizer):
    cache.clear()
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True}
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": device | {"isUserVerified": True}})
    log_in(page, live_server, organizer)
    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**" + reverse("mfa_view_recovery_codes"))
    assert Authenticator.objects.filter(user=organizer).count() == 2
    page.context.clear_cookies()
    log_in(page, live_server, organizer)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/admin/")
