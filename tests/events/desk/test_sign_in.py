"""Signing in at the desk with a password."""

import logging

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from events.models import SignIn
from findme.limits import LIMITS
from tests.builders import make_user

pytestmark = pytest.mark.django_db
RIGHT = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_and_without_past(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def organizer(organizer):
    organizer.set_password(RIGHT)
    organizer.save()
    return organizer


def sign_in(address, password, client=None, **more):
    data = {"username": address, "password": password}
    return (client or Client()).post(reverse("admin:login"), data, **more)


def errors(answer):
    return answer.context["form"].non_field_errors()


def test_a_right_password_leads_to_the_page_that_was_asked_for(client, event, organizer):
    address = reverse("admin:events_event_guests", args=[event.pk])
    login = client.get(address).url
    assert client.get(login).context["next"] == address  # for a code by e-mail
    answer = client.post(login, {"username": organizer.email, "password": RIGHT})
    assert answer.url == address
    assert client.get(address).status_code == 200
    assert client.get(login).url == address  # whoever is signed in goes on
    assert SignIn.objects.get().how == SignIn.How.PASSWORD


@pytest.mark.parametrize("is_known", [True, False])
def test_wrong_passwords_are_counted_by_account_known_or_not(organizer, is_known):
    address = organizer.email if is_known else "nobody@example.com"
    answers = [sign_in(address.upper(), "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "five minutes" in errors(answers[-1])[0]
    assert sign_in(address, RIGHT).status_code == 429
    other = make_user("Other", is_staff=True)
    assert sign_in(other.email, "wrong").status_code == 200


def test_wrong_passwords_are_counted_by_network_too(organizer, settings):
    assert "/ip," in LIMITS["desk_password"].rates
    settings.ACCOUNT_RATE_LIMITS = {"desk_password": "3/5m/ip,5/5m/key"}
    for number in range(3):
        sign_in(f"somebody{number}@example.com", "wrong")
    assert sign_in(organizer.email, RIGHT).status_code == 429
    assert sign_in(organizer.email, RIGHT, REMOTE_ADDR="10.9.8.7").status_code == 302


def test_right_passwords_are_not_counted(organizer):
    assert {sign_in(organizer.email, RIGHT).status_code for _ in range(6)} == {302}


def test_a_guest_with_a_password_is_told_what_a_wrong_one_is_told(organizer, guest):
    guest.set_password(RIGHT)
    guest.save()
    answers = [sign_in(guest.email, RIGHT), sign_in(organizer.email, "wrong")]
    assert errors(answers[0]) == errors(answers[1])
    assert {sign_in(guest.email, RIGHT).status_code for _ in range(5)} == {200, 429}


def test_an_unknown_address_takes_as_long_as_a_known_one(organizer, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(self, *args):
        hashed[-1] += 1
        return encode(self, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for address in (organizer.email, make_user("Guest").email, "nobody@example.com"):
        hashed.append(0)
        sign_in(address, "wrong")
    assert len(set(hashed)) == 1
    assert hashed[0] > 0


def test_the_log_has_ids_and_nothing_that_was_typed(organizer, caplog):
    caplog.set_level(logging.INFO)
    sign_in(organizer.email, "wrong-secret")
    sign_in("typed@example.com", "wrong-secret")
    assert f"sign_in_failed user={organizer.pk} by=password" in caplog.text
    assert "sign_in_failed user=- by=password" in caplog.text
    assert [word for word in ("typed", "secret", organizer.email) if word in caplog.text] == []


def test_a_guests_session_ends_where_an_organizer_signs_in(as_user, organizer, guest):
    client = as_user(guest)
    assert sign_in(organizer.email, RIGHT, client).status_code == 302
    assert client.get(reverse("admin:index")).context["user"] == organizer
    assert not SignIn.objects.of(guest).exists()
