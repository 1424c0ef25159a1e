"""Organizers are told of photos that wait: once they have waited, at most once a day each."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import Membership
from photos.desk import approval_mails
from photos.models import Photo
from tests.builders import add_member, make_photo, make_user
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def waiting(event, guest):
    ago = timezone.now() - timedelta(minutes=20)
    fields = {"moderation": "pending", "hidden": True, "uploaded_at": ago}
    return make_photo(event, uploader=guest, **fields)


@pytest.fixture
def membership(event, organizer):
    return event.memberships.get(user=organizer)


def sweep():
    approval_mails.sweep()
    run_jobs()
    return len(mail.outbox)


def test_each_organizer_is_told_in_their_language_once_a_day(waiting, event, membership):
    french = make_user("Fanny", language="fr")
    add_member(event, french, Membership.Role.ORGANIZER)
    add_member(event, make_user("Photo"), Membership.Role.PHOTOGRAPHER)
    assert (sweep(), sweep()) == (2, 2)
    texts = {letter.to[0]: letter.subject + letter.body for letter in mail.outbox}
    inbox = reverse("admin:events_event_inbox", args=[event.pk])
    assert all(f"{inbox}#mails" in text for text in texts.values())
    assert "1 photo waits" in texts[membership.user.email]
    assert "photo attend votre approbation" in texts[french.email]
    event.memberships.update(approval_mailed_at=timezone.now() - DAY)
    assert sweep() == 4


def test_photos_that_have_just_come_are_not_told_of(waiting):
    Photo.objects.update(uploaded_at=timezone.now() - timedelta(minutes=5))
    assert sweep() == 0


def test_what_was_decided_on_is_not_told_of(waiting):
    approval_mails.sweep()
    Photo.objects.update(moderation="rejected")
    run_jobs()
    assert mail.outbox == []


def test_two_workers_send_one(waiting, membership, monkeypatch):
    """The second has looked before the first has claimed."""
    count = approval_mails.moderation.waiting_count

    def overtaken(event):
        monkeypatch.setattr(approval_mails.moderation, "waiting_count", count)
        assert approval_mails.send(membership.pk)
        return count(event)

    monkeypatch.setattr(approval_mails.moderation, "waiting_count", overtaken)
    assert not approval_mails.send(membership.pk)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("said", "answer", "is_sent_again"),
    [
        (GREETING, HANGS_UP, True),
        (AFTER_THE_DOT, "451 later", True),
        (AFTER_THE_DOT, HANGS_UP, False),
    ],
)
def test_only_what_certainly_did_not_leave_is_sent_again(
    waiting, membership, mail_server, said, answer, is_sent_again
):
    mail_server.answers = {said: answer}
    assert not approval_mails.send(membership.pk)
    mail_server.answers = {}
    assert approval_mails.send(membership.pk) == is_sent_again


def test_each_stops_it_for_themselves(waiting, event, organizer, as_user):
    other = make_user("Other")
    add_member(event, other, Membership.Role.ORGANIZER)
    address = reverse("admin:events_event_inbox", args=[event.pk])
    page = as_user(organizer).post(address, {"mails": "off"}, follow=True).content.decode()
    assert "FindMe does not write to you about photos that wait." in page
    assert sweep() == 1
    assert mail.outbox[0].to == [other.email]
