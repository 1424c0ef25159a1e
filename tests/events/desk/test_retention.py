"""The day an event is deleted: warned of, moved, kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from events import letters
from events.desk import retention
from events.models import Event, Membership
from tests.builders import add_member, make_event, make_user
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP

pytestmark = pytest.mark.django_db

DAY = date(2027, 6, 20)
NOON = datetime(2027, 6, 20, 12, tzinfo=UTC)


def days_before(days: int) -> datetime:
    return NOON - timedelta(days=days)


@pytest.fixture
def ending(event):
    Event.objects.filter(pk=event.pk).update(delete_on=DAY)
    event.refresh_from_db()
    return event


def is_kept(event):
    return Event.objects.kept().filter(pk=event.pk).exists()


def test_nothing_happens_before_the_last_month(ending):
    retention.sweep(days_before(32))
    assert mail.outbox == []
    assert is_kept(ending)


def test_organizers_are_warned_once_with_the_day(ending, organizer):
    for days in (30, 29, 1):
        retention.sweep(days_before(days))
    (letter,) = mail.outbox
    assert letter.to == [organizer.email]
    ((html, _kind),) = letter.alternatives
    for body in (letter.body, html):
        assert "20 June 2027" in body
        assert f"/admin/events/event/{ending.pk}/change/" in body
    assert is_kept(ending)


def test_after_the_warning_its_day_ends_it(ending):
    retention.sweep(days_before(30))
    retention.sweep(days_before(0))
    assert not is_kept(ending)


def test_without_a_week_of_warning_nothing_is_deleted(ending):
    """As after a long time without a worker."""
    retention.sweep(NOON)
    retention.sweep(NOON + timedelta(days=6))
    assert is_kept(ending)
    ending.refresh_from_db()
    assert retention.deletion_day(ending) == DAY + timedelta(days=7)
    retention.sweep(NOON + timedelta(days=7))
    assert not is_kept(ending)


def test_a_warning_that_could_not_be_sent_is_not_given(ending, mail_server):
    later = make_event(delete_on=DAY)
    mail_server.answers = {GREETING: HANGS_UP}
    retention.sweep(days_before(30))
    ending.refresh_from_db()
    later.refresh_from_db()
    assert not ending.will_be_deleted
    assert later.will_be_deleted  # has no organizer to write to


def test_a_warning_whose_answer_is_lost_is_not_given_again(ending, mail_server):
    mail_server.answers = {AFTER_THE_DOT: HANGS_UP}
    for days in (30, 29):
        retention.sweep(days_before(days))
    ending.refresh_from_db()
    assert ending.will_be_deleted
    assert len(mail_server.arrived) == 1


def test_events_without_a_day_stay(event):
    retention.sweep(NOON + timedelta(days=9999))
    assert is_kept(event)


def test_the_page_says_when_it_ends(ending, organizer, as_user):
    retention.sweep(days_before(30))
    page = as_user(organizer).get(f"/admin/events/event/{ending.pk}/change/").content.decode()
    assert "will be deleted on 20 June 2027" in page


def test_one_organizers_full_mailbox_does_not_repeat_the_others_warnings(
    ending, guest, monkeypatch
):
    add_member(ending, make_user("Paul"), Membership.Role.ORGANIZER)
    send, sent = letters.send, []

    def refuse_paul(name, *, address, **context):
        if address.startswith("paul"):
            raise letters.MailboxFull
        sent.append(address)
        send(name, address=address, **context)

    monkeypatch.setattr(letters, "send", refuse_paul)
    for _ in range(3):
        retention.sweep(days_before(30))
    assert len(sent) == 1
