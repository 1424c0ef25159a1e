"""The links in a notice: photos without signing in, and no more notices with one click."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django import db
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Membership, SignIn, User
from faces.guest import children
from faces.models import NoticeRequest
from faces.notices import mailing
from findme.refusals import words_of
from tests.builders import add_member, consent, join_unproven

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(event, guest):
    return lettered(guest, event)


def lettered(user, event):
    """A request for notices of which a letter was sent."""
    consent(user, event)
    request = mailing.ask(user=user, event=event)
    request.link_code = f"secret of {user.pk}"
    request.save()
    return request


def open_link(request):
    return reverse("open_notice", args=[mailing.open_token(request)])


def stop_link(request):
    return reverse("stop_notices", args=[mailing.stop_token(request)])


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_the_button_shows_my_photos_without_a_code(client, request_, event):
    assert b"Show my photos" in client.get(open_link(request_)).content
    answer = client.post(open_link(request_), follow=True)
    assert answer.redirect_chain == [(reverse("my_photos", args=[event.slug]), 302)]
    assert answer.context["user"] == request_.user
    assert client.session[BACKEND_SESSION_KEY].endswith(".GuestBackend")
    assert (SignIn.objects.get().how, answer.context["user"].proven_at is None) == ("link", False)


def test_a_childs_link_says_whose_photos_they_are(client, event, guest):
    guest.proven_at = timezone.now()
    child = children.add(guardian=guest, event=event, name="Léa")
    page = client.get(open_link(lettered(child, event))).content.decode()
    assert "New photos of Léa" in page
    assert guest.email in page
    for words in ("photos of you", "Your photos ·", "my photos"):
        assert words not in page


def test_looking_at_the_link_signs_nobody_in_and_uses_nothing_up(client, request_):
    for look in (client.get, client.head, client.get):
        assert look(open_link(request_)).status_code == 200
    assert not is_signed_in(client)


def test_other_sites_cannot_press_the_button(request_):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(open_link(request_)).status_code == 403
    assert not is_signed_in(strict)


def test_the_link_works_once(client, request_):
    link, second = open_link(request_), Client()
    client.post(link)
    for answer in (second.get(link), second.post(link)):
        assert answer.status_code == 410
        assert words_of("link_used") in answer.content.decode()
    assert not is_signed_in(second)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_sign_in_one(request_, monkeypatch):
    opened = mailing.read_open_token(mailing.open_token(request_))
    both = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(mailing, "constant_time_compare", lambda *codes: both.wait() >= 0)

    def press(_):
        try:
            return mailing.use_link(opened)
        finally:
            db.connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]


@pytest.mark.parametrize("way", ["stop_notices", "privacy_withdraw"])
def test_the_link_dies_with_the_request_for_notices(as_user, client, request_, way):
    link = open_link(request_)
    if way == "stop_notices":
        client.post(stop_link(request_))
    else:
        as_user(request_.user).post(reverse(way))
    assert client.post(link).status_code == 410
    assert not is_signed_in(client)


def test_a_later_letter_ends_the_link_of_the_one_before(client, request_):
    before = open_link(request_)
    NoticeRequest.objects.update(link_code="another")
    assert client.post(before).status_code == 410


def test_another_address_ends_the_link_in_the_old_mailbox(client, request_):
    link = open_link(request_)
    User.objects.filter(pk=request_.user_id).update(email="new@example.com")
    assert client.post(link).status_code == 410
    assert not is_signed_in(client)


@pytest.mark.parametrize("values", [[], [1, 2], [1, 2, "x", 4]])
def test_a_link_of_another_shape_is_none(client, request_, values):
    token = signing.dumps(values, salt=mailing.OPEN_SALT)
    assert client.post(reverse("open_notice", args=[token])).status_code == 410


def test_who_is_signed_in_and_proven_goes_straight_on(as_user, request_, event):
    client = as_user(request_.user)
    for _ in range(2):
        assert client.get(open_link(request_)).url == reverse("my_photos", args=[event.slug])
    assert SignIn.objects.get().how == "password"


def test_in_the_browser_that_joined_the_link_proves_and_keeps(event):
    client = join_unproven(event)
    link = open_link(lettered(User.objects.get(email="nina@example.com"), event))
    assert "have not confirmed" not in client.get(link).content.decode()
    client.post(link)
    assert client.get(reverse("privacy_export")).status_code == 200
    assert NoticeRequest.objects.exists()


def test_in_another_browser_it_is_said_what_goes(event, client):
    join_unproven(event)
    link = open_link(lettered(User.objects.get(email="nina@example.com"), event))
    assert "have not confirmed" in client.get(link).content.decode()
    client.post(link)
    assert not NoticeRequest.objects.exists()


@pytest.mark.parametrize("token", ["x", "a:b:c", "\x00", "é" * 500])
def test_a_wrong_link_signs_nobody_in(client, token):
    for name in ("open_notice", "stop_notices"):
        for answer in (client.get(address := reverse(name, args=[token])), client.post(address)):
            assert answer.status_code == 410
            assert words_of("link_invalid") in answer.content.decode()
    assert not is_signed_in(client)


def test_a_link_to_stop_does_not_sign_in(client, request_):
    token = mailing.stop_token(request_)
    assert client.post(reverse("open_notice", args=[token])).status_code == 410


def test_the_link_is_too_old_after_two_weeks(client, request_):
    link = open_link(request_)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert client.post(link).status_code == 410


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
    answer = client.post(link)
    assert answer.status_code == 410
    assert words_of("link_of_nobody") in answer.content.decode()


@pytest.mark.parametrize("role", ["photographer", "organizer"])
def test_who_may_open_the_desk_is_never_signed_in_by_a_link(client, request_, role):
    Membership.objects.update(role=role)
    for answer in (client.get(open_link(request_)), client.post(open_link(request_))):
        assert answer.status_code == 410
        assert words_of("link_of_desk") in answer.content.decode()
    assert not is_signed_in(client)


def test_staff_are_never_signed_in_by_a_link(client, event, organizer):
    client.post(open_link(lettered(organizer, event)))
    assert not is_signed_in(client)


def test_somebody_else_who_is_signed_in_stays_who_they_are(as_user, request_, other_guest):
    client = as_user(other_guest)
    for answer in (client.get(open_link(request_)), client.post(open_link(request_))):
        assert answer.status_code == 409
        assert words_of("link_of_another") in answer.content.decode()
    assert client.session["_auth_user_id"] == str(other_guest.pk)


def test_looking_at_the_stop_page_changes_nothing(client, request_):
    assert b"Stop the e-mails?" in client.get(stop_link(request_)).content
    assert NoticeRequest.objects.exists()


def test_the_stop_page_names_the_event_in_one_way_in_french(client, request_, event):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    link = stop_link(request_)
    asked, stopped = client.get(link), client.post(link)
    for page in (asked, stopped, client.get(link)):
        assert f"l’événement «\u00a0{event.name}\u00a0»" in page.content.decode()


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
