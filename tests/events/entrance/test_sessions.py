"""Who is signed in, and who no longer is."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse
from django.utils import timezone

pytestmark = pytest.mark.django_db
BACKENDS = ["DeskBackend", "GuestBackend"]


def backend_of(client):
    return client.session[BACKEND_SESSION_KEY].rpartition(".")[2]


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
    client.force_login(guest, backend="events.entrance.backends.GuestBackend")
    guest.delete()
    assert not is_signed_in(client)
    client.force_login(other_guest, backend="events.entrance.backends.GuestBackend")
    Session.objects.all().delete()
    assert not is_signed_in(client)


def test_a_session_that_never_was_is_none(client):
    client.cookies["sessionid"] = "x" * 32
    assert not is_signed_in(client)


def test_who_joins_comes_in_by_the_guests_way(client, event):
    client.post(event.get_join_url(), {"name": "Nina", "email": "nina@example.com"})
    assert is_signed_in(client)
    assert backend_of(client) == "GuestBackend"


def test_a_code_is_the_guests_way_too(client, guest):
    client.post(reverse("account_login"), {"email": guest.email})
    code = re.search(r"^ {4}(\S+)$", mail.outbox[0].body, re.MULTILINE)[1]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_signed_in(client)
    assert backend_of(client) == "GuestBackend"


def test_a_password_is_the_desks(client, event, organizer):
    organizer.set_password("correct horse")
    organizer.save()
    client.post(reverse("admin:login"), {"username": organizer.email, "password": "correct horse"})
    assert client.get(reverse("admin:index")).status_code == 200
    assert backend_of(client) == "DeskBackend"
