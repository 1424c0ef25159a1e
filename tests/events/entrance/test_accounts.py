"""Where signing in by a code leads."""

from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.builders import add_member, last_code, make_event


def sign_in(user, **sent):
    """By a code, in a browser of their own: where it leads."""
    cache.clear()
    client = Client()
    confirm = client.post(reverse("account_login"), {"email": user.email, **sent}).url
    return client.post(confirm, {"code": last_code(), **sent}).url


def test_who_has_one_event_is_led_to_it_and_others_home(event, guest, organizer):
    assert sign_in(guest) == reverse("my_photos", args=[event.slug])
    assert sign_in(organizer) == reverse("general", args=[event.slug])
    assert sign_in(guest, next="/privacy/") == "/privacy/"
    add_member(make_event(), organizer)
    event.closed_at = timezone.now()
    event.save()
    assert (sign_in(guest), sign_in(organizer)) == ("/", "/")
