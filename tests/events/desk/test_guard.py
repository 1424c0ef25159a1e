"""What a session must have done before the desk opens for it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from events.desk import guard
from tests.builders import last_code
from tests.events.second_factors import code_of_app, give_app

pytestmark = pytest.mark.django_db
DESK = "/admin/"


@pytest.fixture(autouse=True)
def _forget_attempts():
    cache.clear()


def last_seen(client, **ago):
    """Have a session been at the desk so long ago, and proven a moment before that."""
    session, then = client.session, timezone.now() - timedelta(**ago)
    session[guard.SEEN_AT] = then.isoformat()
    session[guard.PROVEN_AT] = (then - timedelta(seconds=1)).isoformat()
    session.save()


def test_a_session_that_was_idle_for_twelve_hours_ends(as_user, event, organizer):
    client = as_user(organizer)
    last_seen(client, hours=11, minutes=59)
    assert client.get(DESK).status_code == 200
    last_seen(client, hours=12, minutes=1)
    answer = client.get(f"{DESK}?x=1", follow=True)
    assert answer.redirect_chain == [("/admin/login/?next=/admin/%3Fx%3D1", 302)]
    assert "nobody had used the desk for twelve hours" in answer.content.decode()
    assert client.get(reverse("privacy")).status_code == 302  # for guests' pages too


def test_who_comes_to_the_desk_for_the_first_time_was_seen_at_sign_in(as_user, organizer):
    client = as_user(organizer)
    session = client.session
    session["proven_at"] = (timezone.now() - timedelta(days=3)).isoformat()
    session.save()
    assert client.get(DESK).url.startswith(reverse("admin:login"))


def test_who_proves_it_anew_is_there_again(as_user, organizer):
    client = as_user(organizer)
    last_seen(client, hours=13)
    asked = client.post(reverse("prove"), {"next": DESK})
    assert client.post(asked.url, {"code": last_code(), "next": DESK}).url == DESK
    assert client.get(DESK).status_code == 200


def test_pages_that_ask_by_themselves_are_nobody_at_the_desk(as_user, event, organizer):
    client = as_user(organizer)
    last_seen(client, hours=2)
    before = client.session[guard.SEEN_AT]
    client.get(DESK, headers={"hx-request": "true"})
    assert client.session[guard.SEEN_AT] == before
    client.get(DESK)
    assert client.session[guard.SEEN_AT] > before


def test_whoever_has_a_second_factor_must_have_shown_it(as_user, organizer):
    client = as_user(organizer)
    give_app(organizer)
    answer = client.get(DESK)
    assert answer.url == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2F"
    assert client.post(answer.url, {"code": code_of_app()}).url == DESK
    assert client.get(DESK).status_code == 200


def test_scripts_of_the_desk_are_told_that_something_comes_first(as_user, event, organizer):
    client = as_user(organizer)
    give_app(organizer)
    address = reverse("admin:photos_photo_known", args=[event.pk])
    answer = client.post(address, {"sha256": []}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_an_installation_may_want_a_second_factor(as_user, organizer, settings):
    settings.DESK_SECOND_FACTOR = "required"
    answer = as_user(organizer).get(DESK, follow=True)
    assert answer.redirect_chain == [(reverse("mfa_index"), 302)]
    assert "with a second factor only" in answer.content.decode()


def test_who_has_to_show_something_may_sign_out(as_user, organizer):
    client = as_user(organizer)
    give_app(organizer)
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(DESK).url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("has_factor", [False, True])
def test_an_event_is_deleted_after_a_fresh_proof_only(as_user, event, organizer, has_factor):
    client = as_user(organizer)
    session = client.session
    session["proven_at"] = (timezone.now() - timedelta(minutes=16)).isoformat()
    if has_factor:
        give_app(organizer)
        client.post(reverse("mfa_reauthenticate"), {"code": code_of_app()})
        session = client.session
        session["account_authentication_methods"][0]["at"] -= 16 * 60
    session.save()
    address = reverse("admin:events_event_delete", args=[event.pk])
    for answer in (client.get(address), client.post(address, {"name": event.name})):
        where = reverse("mfa_reauthenticate") if has_factor else "/account/prove/"
        assert answer.url.startswith(where)
