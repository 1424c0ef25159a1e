"""Notices of new photos: asked for, at most one a day, never the same twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django import db as database
from django.core import mail
from django.utils import timezone

from events import letters
from events.models import Event, Membership, User
from faces.models import Consent, NoticeRequest, PhotoScan
from faces.notices import mailing
from faces.privacy import withdrawal
from photos.models import Photo
from tests.builders import consent, make_match, make_photo, make_scan, make_selfie
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What a worker that is killed never gets to handle."""


@pytest.fixture
def request_(event, guest):
    """A guest who asked for notices of an event that is on."""
    today = timezone.localdate()
    Event.objects.update(starts_on=today, ends_on=today)
    event.refresh_from_db()
    consent(guest, event)
    return mailing.ask(user=guest, event=event)


def new_photos(request, count=1, **overrides):
    return [make_match(request.user, make_photo(request.event, **overrides)) for _ in range(count)]


def later(**delta):
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=False)


def test_new_photos_are_told_once(request_):
    new_photos(request_, 3)
    assert mailing.sweep() == 1
    assert mailing.send(request_.pk)
    assert not mailing.send(request_.pk)
    assert "3 new photos of you" in mail.outbox[0].subject


def test_each_letter_has_a_link_of_its_own(request_, client):
    links = []
    for days in (0, 1):
        with later(days=days, minutes=30):
            new_photos(request_)
            assert mailing.send(request_.pk)
        links.append(re.search(r"/notices/(?!\S*/stop/)\S+", mail.outbox[-1].body)[0])
    assert [client.get(link).status_code for link in links] == [410, 200]


def test_guests_are_told_when_the_notices_end(request_, as_user):
    said = "end by themselves, two weeks after the event"
    assert mailing.DAYS_AFTER_EVENT == 14  # what "two weeks" says
    new_photos(request_)
    mailing.send(request_.pk)
    letter = mail.outbox[0]
    assert said in letter.body
    assert said in letter.alternatives[0][0]
    client = as_user(request_.user)
    place = f"/e/{request_.event.slug}"
    make_selfie(request_.user)
    assert said in client.get(f"{place}/mine/").content.decode()
    mailing.stop(user_id=request_.user_id, event_id=request_.event_id)
    asked = client.get(f"{place}/selfie/").content.decode()
    assert "until two weeks after the event" in asked


def test_what_was_there_when_the_guest_asked_is_no_news(event, guest):
    make_match(guest, make_photo(event))
    consent(guest, event)
    assert not mailing.send(mailing.ask(user=guest, event=event).pk)


def test_what_the_guest_has_seen_on_the_site_is_no_news(request_):
    new_photos(request_)
    mailing.note_visit(user=request_.user, event=request_.event)
    assert not mailing.send(request_.pk)


def test_without_asking_nobody_is_written_to(event, guest):
    consent(guest, event)
    make_match(guest, make_photo(event))
    assert mailing.sweep() == 0


@pytest.mark.parametrize("change", [{"hidden": True}, {"status": Photo.Status.PROCESSING}])
def test_photos_that_cannot_be_seen_are_no_news(request_, change):
    new_photos(request_, **change)
    assert not mailing.send(request_.pk)


def test_what_the_guest_denied_is_no_news(request_):
    make_match(request_.user, make_photo(request_.event), verdict="not_me")
    assert not mailing.send(request_.pk)


def test_at_most_one_a_day(request_):
    new_photos(request_)
    mailing.send(request_.pk)
    new_photos(request_, 2)
    with later(hours=23):
        assert mailing.sweep() == 0
        assert not mailing.send(request_.pk)
    with later(hours=25):
        assert mailing.sweep() == 1
        assert mailing.send(request_.pk)
    assert "2 new photos" in mail.outbox[1].subject


def test_they_stop_some_days_after_the_event(request_):
    new_photos(request_)
    days = mailing.DAYS_AFTER_EVENT
    for ago, sent in [(days + 1, 0), (days, 1)]:
        ended = timezone.localdate() - timedelta(days=ago)
        Event.objects.update(starts_on=date(2020, 1, 1), ends_on=ended)
        assert mailing.sweep() == sent


def test_while_photos_come_in_they_wait(request_):
    (match,) = new_photos(request_)
    make_scan(match.photo, state="done", finished_at=timezone.now())
    assert mailing.sweep() == 0
    PhotoScan.objects.update(finished_at=timezone.now() - mailing.QUIET)
    assert mailing.sweep() == 1


def test_a_request_is_checked_every_ten_minutes_not_every_minute(request_):
    new_photos(request_)
    assert [mailing.sweep(), mailing.sweep()] == [1, 0]
    with later(minutes=11):
        assert mailing.sweep() == 1


@pytest.mark.parametrize(
    "gone",
    [
        lambda: Membership.objects.all().delete(),
        lambda: Consent.objects.update(withdrawn_at=timezone.now()),
        lambda: User.objects.update(is_active=False),
        lambda: Event.objects.update(closed_at=timezone.now()),
    ],
    ids=["membership", "consent", "account", "event"],
)
def test_who_is_no_guest_any_more_is_not_written_to(request_, gone):
    new_photos(request_)
    gone()
    assert mailing.sweep() == 0
    assert not mailing.send(request_.pk)


def test_a_withdrawal_ends_them(request_):
    withdrawal.withdraw(user=request_.user, event=request_.event)
    assert not NoticeRequest.objects.exists()


def test_a_worker_killed_over_the_mail_does_not_send_it_again(request_, monkeypatch):
    new_photos(request_)
    send = letters.send

    def send_and_die(*args, **kwargs):
        send(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(letters, "send", send_and_die)
        with pytest.raises(Killed):
            mailing.send(request_.pk)
    with later(days=2):
        assert not mailing.send(request_.pk)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(request_):
    new_photos(request_)

    def send(_):
        try:
            return mailing.send(request_.pk)
        finally:
            database.connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("said", "answer", "hours"),
    [
        (GREETING, HANGS_UP, 0),
        (AFTER_THE_DOT, "451 later", 0),
        ("RCPT", "450 later", 25),
        ("RCPT", "550 nobody", 25),
    ],
)
def test_a_mail_that_did_not_leave_is_sent_later(
    request_, mail_server, caplog, said, answer, hours
):
    new_photos(request_)
    mail_server.answers = {said: answer}
    assert not mailing.send(request_.pk)
    mail_server.answers = {}
    assert "notice_failed" in caplog.text
    assert request_.user.email not in caplog.text
    assert mailing.send(request_.pk) == (hours == 0)
    with later(hours=hours):
        assert mailing.send(request_.pk) == (hours > 0)


def test_where_the_mailbox_is_full_it_waits_until_tomorrow(request_, limited):
    limited(mail="0/d/key")
    new_photos(request_)
    assert not mailing.send(request_.pk)
    limited(mail="9/d/key")
    assert not mailing.send(request_.pk)
    with later(hours=25):
        assert mailing.send(request_.pk)


def test_a_mail_whose_answer_is_lost_is_never_sent_again(request_, mail_server, caplog):
    new_photos(request_)
    mail_server.answers = {AFTER_THE_DOT: HANGS_UP}
    for days in range(3):
        with later(days=days):
            assert not mailing.send(request_.pk)
    assert len(mail_server.arrived) == 1
    assert f"notice_unanswered request={request_.pk}" in caplog.text


def test_the_mail_is_in_the_guests_language_plain_and_html_with_one_click_to_stop(
    request_, settings
):
    settings.SITE_URL = "https://photos.example.com"
    User.objects.filter(pk=request_.user_id).update(language="fr")
    new_photos(request_)
    mailing.send(request_.pk)
    (letter,) = mail.outbox
    assert letter.subject.startswith("1 nouvelle photo de vous")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert stop.startswith("https://photos.example.com/notices/")
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert all(link in body for body in (letter.body, html) for link in (stop, "/notices/"))
