"""The links in a notice: photos without signing in, and no more notices with one click."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Membership, User
from faces.models import NoticeRequest
from faces.notices import mailing
from findme.refusals import words_of
from tests.builders import add_member, consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(event, guest):
    consent(guest, event)
    return mailing.ask(user=guest, event=event)


def open_link(request):
    return reverse("open_notice", args=[mailing.open_token(request)])


def stop_link(request):
    return reverse("stop_notices", args=[mailing.stop_token(request)])


def test_the_link_shows_my_photos_without_signing_in(client, request_, event):
    answer = client.get(open_link(request_), follow=True)
    assert answer.redirect_chain == [(reverse("my_photos", args=[event.slug]), 302)]
    assert answer.context["user"] == request_.user
    assert client.session[BACKEND_SESSION_KEY].endswith(".GuestBackend")


@pytest.mark.parametrize("token", ["x", "a:b:c", "\x00", "é" * 500])
def test_a_wrong_link_signs_nobody_in(client, token):
    for name in ("open_notice", "stop_notices"):
        answer = client.get(reverse(name, args=[token]))
        assert answer.status_code == 410
        assert words_of("link_invalid") in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_link_to_stop_does_not_sign_in(client, request_):
    token = mailing.stop_token(request_)
    assert client.get(reverse("open_notice", args=[token])).status_code == 410


def test_the_link_is_too_old_after_two_weeks(client, request_):
    link = open_link(request_)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.update(is_active=False),
        lambda: Membership.objects.all().delete(),
        lambda: User.objects.all().delete(),
    ],
    ids=["inactive", "no member", "deleted"],
)
def test_who_is_no_guest_any_more_stays_outside(client, request_, change):
    link = open_link(request_)
    change()
    answer = client.get(link)
    assert answer.status_code == 410
    assert words_of("link_of_nobody") in answer.content.decode()


@pytest.mark.parametrize("role", ["photographer", "organizer"])
def test_who_may_open_the_desk_is_never_signed_in_by_a_link(client, request_, role):
    Membership.objects.update(role=role)
    assert "_auth_user_id" not in client.get(open_link(request_)).wsgi_request.session


def test_staff_are_never_signed_in_by_a_link(client, event, organizer):
    link = open_link(mailing.ask(user=organizer, event=event))
    assert "_auth_user_id" not in client.get(link).wsgi_request.session


def test_somebody_else_who_is_signed_in_stays_who_they_are(as_user, request_, other_guest):
    client = as_user(other_guest)
    answer = client.get(open_link(request_))
    assert answer.status_code == 409
    assert words_of("link_of_another") in answer.content.decode()
    assert client.session["_auth_user_id"] == str(other_guest.pk)


def test_looking_at_the_stop_page_changes_nothing(client, request_):
    assert b"Stop the e-mails?" in client.get(stop_link(request_)).content
    assert NoticeRequest.objects.exists()


def test_a_mail_program_stops_them_with_one_post_without_cookies(request_, event, other_guest):
    add_member(event, User.objects.create_user("x@example.com"))
    mailing.ask(user=other_guest, event=event)
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(stop_link(request_), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert NoticeRequest.objects.get().user == other_guest


def test_neither_link_stands_in_the_log(client, request_, caplog):
    caplog.set_level(logging.INFO)
    client.get(open_link(request_))
    client.post(stop_link(request_))
    assert mailing.open_token(request_) not in caplog.text
    assert mailing.stop_token(request_) not in caplog.text
