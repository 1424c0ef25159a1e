"""Who is signed in, and who no longer is."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

pytestmark = pytest.mark.django_db
BACKENDS = ["PasswordBackend", "CodeBackend"]


def is_signed_in(client):
    return client.get(reverse("privacy")).status_code == 200


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_session_is_good_until_it_ends(client, guest, backend):
    client.force_login(guest, backend=f"events.entrance.backends.{backend}")
    assert is_signed_in(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(client)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_account_that_was_closed_is_signed_out_with_the_next_request(client, guest, backend):
    client.force_login(guest, backend=f"events.entrance.backends.{backend}")
    type(guest).objects.update(is_active=False)
    assert not is_signed_in(client)


def test_a_removed_account_and_a_removed_session_are_signed_out(client, guest, other_guest):
    client.force_login(guest, backend="events.entrance.backends.CodeBackend")
    guest.delete()
    assert not is_signed_in(client)
    client.force_login(other_guest, backend="events.entrance.backends.CodeBackend")
    Session.objects.all().delete()
    assert not is_signed_in(client)


def test_a_session_that_never_was_is_none(client):
    client.cookies["sessionid"] = "x" * 32
    assert not is_signed_in(client)
