"""Who is signed in, and who no longer is."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.builders import make_user

pytestmark = pytest.mark.django_db
BACKENDS = ["DeskBackend", "GuestBackend"]


def backend_of(client):
    return client.session[BACKEND_SESSION_KEY].rpartition(".")[2]


def sign_in_by_code(client, address):
    client.post(reverse("account_login"), {"email": address})
    code = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)[1]
    client.post(reverse("account_confirm_login_code"), {"code": code})


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
    sign_in_by_code(client, guest.email)
    assert is_signed_in(client)
    assert backend_of(client) == "GuestBackend"


def test_a_password_is_the_desks(client, event, organizer):
    organizer.set_password("correct horse")
    organizer.save()
    client.post(reverse("admin:login"), {"username": organizer.email, "password": "correct horse"})
    assert client.get(reverse("admin:index")).status_code == 200
    assert backend_of(client) == "DeskBackend"


def test_whoever_deletes_an_account_signs_out_nobody_whose_address_is_longer(
    client, as_user, django_capture_on_commit_callbacks
):
    """allauth keeps the address in the session of everybody who signed in by a code."""
    mallory = make_user(email="a@gmail.co")
    for longer in ("anna@gmail.com", "a@gmail.com"):
        make_user(email=longer)
    sign_in_by_code(client, "a@gmail.com")
    assert "a@gmail.com" in str(dict(client.session))
    Client().post(reverse("account_login"), {"email": "anna@gmail.com"})
    there = set(Session.objects.values_list("pk", flat=True))
    Client().post(reverse("account_login"), {"email": "A@GMAIL.co"})
    with django_capture_on_commit_callbacks(execute=True):
        as_user(mallory).post(reverse("delete_account"))
    assert set(Session.objects.values_list("pk", flat=True)) == there


def test_sessions_of_others_are_read_when_no_row_is_held(
    guest, as_user, django_capture_on_commit_callbacks
):
    as_user(guest)
    Client().post(reverse("account_login"), {"email": guest.email})
    with django_capture_on_commit_callbacks(execute=True):
        guest.delete()
        assert Session.objects.count() == 1  # the account's own goes with it
    assert not Session.objects.exists()
