"""Home and the way into an event, as a browser sees them."""

import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django import db as database
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.codes import new_join_code
from events.entrance import views
from events.models import Membership, User
from findme.refusals import words_of
from tests.builders import make_event, make_photo

NEW = {"name": "Nina", "email": "Nina@Example.com"}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


def user_of(client):
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id) if user_id else None


def join(client, event, address):
    return client.post(event.get_join_url(), {"name": "Whoever", "email": address})


class TestHome:
    def test_a_visitor_is_told_what_this_is(self, client):
        assert b"The photos you are in" in client.get("/").content

    def test_a_guest_sees_own_events_only(self, as_user, event, guest):
        other = make_event()
        page = as_user(guest).get("/").content.decode()
        assert event.name in page
        assert other.name not in page

    def test_an_event_with_photos_has_a_cover(self, as_user, event, guest):
        photo = make_photo(event)
        make_photo(event, hidden=True)
        page = as_user(guest).get("/").content.decode()
        assert reverse("preview", args=[event.slug, photo.pk]) in page

    def test_the_language_can_be_changed_and_the_page_kept(self, client):
        answer = client.post(reverse("set_language"), {"language": "fr", "next": "/join/"})
        assert answer.url == "/join/"
        assert b'lang="fr"' in client.get("/join/").content


class TestHealth:
    def test_it_is_well_when_the_database_answers(self, client):
        answer = client.get("/healthz")
        assert (answer.status_code, answer.content) == (200, b"ok")

    def test_it_is_ill_when_the_database_is_away(self, client, monkeypatch):
        def away():
            raise database.OperationalError("connection refused")

        with monkeypatch.context() as patch:
            patch.setattr(views.db.connection, "cursor", away)
            assert client.get("/healthz").status_code == 503


class TestJoinPage:
    def test_it_says_who_invites_to_what(self, client, event, organizer):
        event.welcome = "Bring good shoes."
        event.save()
        page = client.get(event.get_join_url()).content.decode()
        for words in [event.name, organizer.name, event.welcome, event.period]:
            assert words in page
        assert organizer.email not in page

    @pytest.mark.parametrize(
        ("language", "last", "words"),
        [
            ("en", date(2026, 6, 21), "20–21 Jun 2026"),
            ("fr", date(2026, 6, 21), "20–21 juin 2026"),
            ("fr", date(2026, 7, 1), "20 juin\u2009–\u20091 juil. 2026"),
            ("fr", date(2027, 1, 1), "20 juin 2026\u2009–\u20091 janv. 2027"),
        ],
    )
    def test_days_are_said_once(self, client, event, language, last, words):
        event.ends_on = last
        event.save()
        page = client.get(event.get_join_url(), headers={"accept-language": language})
        assert words in page.content.decode()

    @pytest.mark.parametrize(
        ("overrides", "status", "code"),
        [
            ({"closed_at": timezone.now() - timedelta(1)}, 410, "join_closed"),
            ({"join_until": timezone.now() - timedelta(1)}, 410, "join_ended"),
        ],
    )
    def test_an_ended_event_says_so(self, client, caplog, overrides, status, code):
        caplog.set_level(logging.INFO, "events")
        event = make_event(**overrides)
        answer = client.get(event.get_join_url())
        assert answer.status_code == status
        assert words_of(code) in answer.content.decode()
        assert client.post(event.get_join_url(), NEW).status_code == status
        assert f"join_refused code={code}" in caplog.text
        assert not User.objects.exists()

    def test_a_replaced_code_no_longer_opens(self, client, event, caplog):
        caplog.set_level(logging.INFO, "events")
        outdated = event.get_join_url()
        event.join_code = new_join_code()
        event.save()
        answer = client.get(outdated)
        assert answer.status_code == 404
        assert words_of("wrong_link") in answer.content.decode()
        assert "join_refused code=wrong_link" in caplog.text

    def test_wrong_code_and_unknown_event_look_alike(self, client, event):
        wrong = client.get(reverse("join", args=[event.slug, "WRONG234"]))
        unknown = client.get(reverse("join", args=["nothing", "WRONG234"]))
        assert wrong.status_code == unknown.status_code == 404
        assert shape(wrong, event.slug) == shape(unknown, "nothing")

    def test_a_member_passes_through_even_with_an_outdated_link(self, as_user, event, guest):
        answer = as_user(guest).get(reverse("join", args=[event.slug, "OUTDATED"]))
        assert answer.url == reverse("my_photos", args=[event.slug])


def shape(answer, slug):
    """A page without what differs from request to request."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return page.replace(slug, "")


class TestNewAddress:
    def test_it_gets_in_at_once(self, client, event):
        answer = client.post(event.get_join_url(), NEW)
        assert answer.url == reverse("selfie", args=[event.slug])
        new = user_of(client)
        assert (new.email, new.name) == ("nina@example.com", "Nina")
        assert new.memberships.get().role == Membership.Role.GUEST

    def test_the_language_is_saved(self, client, event):
        client.post(event.get_join_url(), NEW, headers={"accept-language": "fr-CA"})
        assert user_of(client).language == "fr"

    @pytest.mark.parametrize("wrong", [{"name": " "}, {"email": "nina"}, {"email": ""}])
    def test_what_is_missing_is_said(self, client, event, wrong):
        answer = client.post(event.get_join_url(), NEW | wrong)
        assert answer.status_code == 422
        assert b'aria-invalid="true"' in answer.content
        assert user_of(client) is None

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_make_one_account_and_one_gets_a_code(self, event):
        start = threading.Barrier(2)

        def ask(_):
            start.wait()
            try:
                return Client().post(event.get_join_url(), NEW).url
            finally:
                database.connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(url.partition("?")[0] for url in pool.map(ask, range(2)))
        confirm, selfie = (
            reverse("account_confirm_login_code"),
            reverse("selfie", args=[event.slug]),
        )
        assert answers == [confirm, selfie]

    def test_a_script_is_stopped_where_a_wedding_passes(self, event, limited):
        limited(new_account="3/10s/ip+key")
        answers = [join(Client(), event, f"n{n}@example.com").status_code for n in range(4)]
        assert answers == [302, 302, 302, 429]
        assert User.objects.filter(email__endswith="@example.com", name="Whoever").count() == 3
        assert join(Client(), make_event(), "other@example.com").status_code == 302


class TestKnownAddress:
    def test_it_does_not_get_in_without_the_code(self, client, event, stranger):
        answer = join(client, event, stranger.email.upper())
        assert answer.url.startswith(reverse("account_confirm_login_code"))
        assert user_of(client) is None
        assert not Membership.objects.filter(user=stranger).exists()

    def test_the_code_leads_back_to_the_join_page(self, client, event, stranger):
        confirm = join(client, event, stranger.email).url
        code = re.search(r"^ {4}(\S+)$", mail.outbox[0].body, re.MULTILINE).group(1)
        answer = client.post(confirm, {"code": code, "next": event.get_join_url()})
        assert answer.url == event.get_join_url()
        assert b"Join as" in client.get(answer.url).content

    def test_a_wrong_code_leaves_it_outside(self, client, event, stranger):
        confirm = join(client, event, stranger.email).url
        assert client.post(confirm, {"code": "WRONG"}).status_code == 200
        assert user_of(client) is None

    def test_after_three_wrong_codes_a_new_one_still_leads_to_the_event(
        self, client, event, stranger
    ):
        confirm = join(client, event, stranger.email).url
        for _ in range(3):
            answer = client.post(confirm, {"code": "WRONG"})
        page = client.get(answer.url).content.decode()
        assert "ask for a new code" in page
        client.post(reverse("account_login"), {"email": stranger.email})
        code = re.search(r"^ {4}(\S+)$", mail.outbox[1].body, re.MULTILINE).group(1)
        answer = client.post(
            reverse("account_confirm_login_code"), {"code": code.replace("-", " ").lower()}
        )
        assert answer.url == event.get_join_url()

    def test_a_code_that_comes_too_late_is_explained(self, client, event, stranger):
        confirm = join(client, event, stranger.email).url
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            page = client.post(confirm, {"code": "ABCD-EFGH"}, follow=True).content.decode()
        assert "not valid any more" in page

    @pytest.mark.parametrize("way", ["join", "account_login"])
    def test_without_a_mail_server_it_is_told_so(
        self, client, event, stranger, monkeypatch, caplog, way
    ):
        def refuse(*args, **kwargs):
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
        path = event.get_join_url() if way == "join" else reverse(way)
        answer = client.post(path, {"name": "Whoever", "email": stranger.email})
        assert answer.status_code == 503
        assert "could not be sent" in answer.content.decode()
        assert "sign_in_mail_failed error=ConnectionRefusedError" in caplog.text
        assert stranger.email not in caplog.text

    def test_codes_are_not_sent_without_end(self, client, event, stranger):
        answers = [join(client, event, stranger.email).status_code for _ in range(4)]
        assert answers == [302, 302, 302, 429]
        assert len(mail.outbox) == 3

    @pytest.mark.parametrize("way", ["join", "account_login"])
    def test_an_inactive_account_is_told_by_mail_alone(self, client, event, stranger, guest, way):
        stranger.is_active = False
        stranger.save()
        path, pages = event.get_join_url() if way == "join" else reverse(way), []
        for one in (stranger, guest):
            page = Client().post(path, {"name": "X", "email": one.email}, follow=True)
            pages.append(shape(page, "").replace(one.email, ""))
        assert pages[0] == pages[1]
        assert [letter.subject.split()[-1] for letter in mail.outbox] == ["off", "code"]
        assert user_of(client) is None

    def test_who_is_logged_in_joins_with_one_tap(self, as_user, event, stranger):
        client = as_user(stranger)
        assert f"Join as {stranger.name}" in client.get(event.get_join_url()).content.decode()
        assert client.post(event.get_join_url()).url == reverse("selfie", args=[event.slug])
        assert stranger.memberships.get().event == event


class TestAccountPages:
    @pytest.mark.parametrize("name", ["account_login", "account_inactive", "enter_code"])
    def test_they_are_there(self, client, name):
        assert client.get(reverse(name)).status_code == 200

    def test_logging_out_asks_first(self, as_user, guest):
        client = as_user(guest)
        assert b"Sign out?" in client.get(reverse("account_logout")).content
        client.post(reverse("account_logout"))
        assert user_of(client) is None

    def test_a_guest_comes_back_by_code(self, client, guest):
        client.post(reverse("account_login"), {"email": guest.email})
        (letter,) = mail.outbox
        assert "FindMe code" in letter.subject
        code = letter.subject.split()[0]
        assert code in letter.body
        assert code in letter.alternatives[0][0]
        assert guest.email in client.get(reverse("account_confirm_login_code")).content.decode()

    def test_an_unknown_address_is_told_by_mail(self, client):
        client.post(reverse("account_login"), {"email": "nobody@example.com"})
        assert "No FindMe account" in mail.outbox[0].subject


class TestErrorPages:
    def test_nothing_there(self, client):
        answer = client.get("/nothing/at/all")
        assert answer.status_code == 404
        assert b"There is nothing here" in answer.content

    def test_an_outsider_learns_nothing(self, as_user, event, stranger):
        assert as_user(stranger).get(event.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500", "503"])
    def test_they_need_no_request(self, name):
        from django.template.loader import render_to_string

        assert "<h1>" in render_to_string(f"{name}.html")
