"""Roles: invitations by e-mail, and the last organizer who stays."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django import db
from django.core import mail
from django.urls import reverse

from events import audit
from events.access import holds_desk_role
from events.desk import roles
from events.desk.roles import LastOrganizer
from events.models import Membership, User
from tests.builders import add_member, make_user
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP

pytestmark = pytest.mark.django_db

Role = Membership.Role


def test_an_unknown_address_gets_an_account_a_role_and_a_letter(event, organizer):
    roles.invite(event=event, email="pia@example.com", role=Role.PHOTOGRAPHER, by=organizer)
    pia = User.objects.get(email="pia@example.com")
    assert not pia.has_usable_password()
    assert holds_desk_role(pia)
    assert not pia.is_staff
    (letter,) = mail.outbox
    assert letter.to == ["pia@example.com"]
    assert "/account/login/code/?next=%2Fadmin%2F" in letter.body


def test_the_letter_is_in_the_readers_language(event, guest, organizer):
    User.objects.filter(pk=guest.pk).update(language="fr")
    roles.invite(event=event, email=guest.email.upper(), role=Role.ORGANIZER, by=organizer)
    assert event.memberships.get(user=guest).role == Role.ORGANIZER
    assert "Vous organisez désormais" in mail.outbox[0].body


def invite_pia(client, event):
    page = reverse("admin:events_event_guests", args=[event.pk])
    sent = {"email": "pia@example.com", "role": Role.PHOTOGRAPHER}
    return client.post(page, sent, follow=True)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({GREETING: HANGS_UP}, "could not be sent"),
        ({"RCPT": "450 not now"}, "could not be sent"),
        ({"RCPT": "550 nobody here"}, "This address takes no mail."),
    ],
)
def test_a_letter_that_is_not_sent_invites_nobody(
    event, organizer, as_user, mail_server, answers, words
):
    mail_server.answers = answers
    answer = invite_pia(as_user(organizer), event)
    assert words in answer.context["form"].errors["email"][0]
    assert not User.objects.filter(email="pia@example.com").exists()
    assert not event.memberships.filter(role=Role.PHOTOGRAPHER).exists()


def test_an_invitation_stands_whose_letter_may_have_arrived(event, organizer, as_user, mail_server):
    mail_server.answers = {AFTER_THE_DOT: HANGS_UP}
    answer = invite_pia(as_user(organizer), event)
    (said,) = answer.context["messages"]
    assert said.level_tag == "warning"
    assert str(said).startswith("The invitation stands, but")
    assert event.memberships.get(user__email="pia@example.com").role == Role.PHOTOGRAPHER


def test_an_invitation_never_lowers_a_role(event, organizer, as_user):
    other = make_user("Claire")
    add_member(event, other, Role.ORGANIZER)
    address = reverse("admin:events_event_guests", args=[event.pk])
    for person in (organizer, other):
        sent = {"email": person.email, "role": Role.PHOTOGRAPHER}
        answer = as_user(organizer).post(address, sent)
        assert answer.status_code == 422
        (said,) = answer.context["form"].errors["email"]
        assert said.startswith(f"{person.name} is organizer here already")
        assert answer.context["form"]["email"].value() == person.email
        assert event.memberships.get(user=person).role == Role.ORGANIZER
    assert not mail.outbox
    assert "Invited" not in str(audit.lines(audit.entries(event)))


def test_whoever_is_invited_again_keeps_the_role_in_effect(event, organizer):
    membership = roles.invite(
        event=event, email="pia@example.com", role=Role.PHOTOGRAPHER, by=organizer
    )
    again = roles.invite(event=event, email="pia@example.com", role=Role.PHOTOGRAPHER, by=organizer)
    assert again.invited_at == membership.invited_at
    assert len(mail.outbox) == 2


def test_an_event_keeps_an_organizer(event, organizer):
    membership = event.memberships.get(user=organizer)
    with pytest.raises(LastOrganizer):
        roles.change_role(membership, role=Role.GUEST, by=organizer)
    with pytest.raises(LastOrganizer):
        roles.remove_member(membership, by=organizer)
    assert event.memberships.get(user=organizer).role == Role.ORGANIZER


def test_whoever_loses_the_role_loses_the_desk(event, organizer):
    pia = make_user("Pia")
    membership = add_member(event, pia, Role.PHOTOGRAPHER)
    roles.change_role(membership, role=Role.GUEST, by=organizer)
    assert not holds_desk_role(pia)


@pytest.mark.django_db(transaction=True)
def test_two_organizers_cannot_demote_each_other_at_once(event, organizer):
    other = make_user("Other")
    add_member(event, other, Role.ORGANIZER)
    members = list(event.memberships.filter(role=Role.ORGANIZER).select_related("event", "user"))
    together = threading.Barrier(2)

    def demote(membership):
        together.wait(10)
        try:
            roles.change_role(membership, role=Role.GUEST, by=None)
        except LastOrganizer:
            return "refused"
        finally:
            db.connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, members)) == ["done", "refused"]


def test_the_letter_leads_to_the_desk(event, organizer, client, settings):
    """As a browser does it: the form's own fields are sent, and nothing else."""
    roles.invite(event=event, email="pia@example.com", role=Role.ORGANIZER, by=organizer)
    link = re.search(r"http\S+", mail.outbox[0].body)[0].removeprefix(settings.SITE_URL)
    hidden = re.findall(r'name="next" value="([^"]*)"', client.get(link).content.decode())
    asked = client.post(link, {"email": "pia@example.com", "next": hidden[:1]})
    code = re.search(r"^ {4}(\S+)$", mail.outbox[1].body, re.MULTILINE)[1]
    hidden = re.findall(r'name="next" value="([^"]*)"', client.get(asked.url).content.decode())
    answer = client.post(asked.url, {"code": code, "next": hidden[:1]}, follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == f"/admin/events/event/{event.pk}/change/"
