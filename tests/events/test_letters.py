"""E-mail is sent one way: each letter as subject, text and HTML, in the reader's language."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from events import letters
from events.desk import roles
from events.models import Membership, User
from findme.refusals import words_of

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "templates" / "letters"
NAMES = {
    path.name.removesuffix("_subject.txt").removesuffix(path.suffix)
    for path in FOLDER.iterdir()
    if not path.name.startswith("_")
}
# What sends a letter without Django's help, or with it.
SENDERS = ("send_mail(", "send_mass_mail(", "EmailMessage(", "EmailMultiAlternatives(", "smtplib.")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_letter_has_subject_text_and_html(name):
    files = {f"{name}_subject.txt", f"{name}.txt", f"{name}.html"}
    assert files <= {path.name for path in FOLDER.iterdir()}


def test_only_one_module_sends_mail():
    sending = {
        str(path.relative_to(ROOT))
        for room in ("findme", "events", "photos", "faces")
        for path in (ROOT / room).rglob("*.py")
        if any(sender in path.read_text().replace("def send_mail(", "") for sender in SENDERS)
    }
    assert sending == {"events/letters.py"}


@pytest.mark.parametrize(
    ("language", "spoken", "known"),
    [
        ("fr", "en", "fr"),
        ("fr-ca", "en", "fr"),
        ("", "fr", "fr"),
        ("xx", "fr", "fr"),
        ("", None, settings.LANGUAGE_CODE),
    ],
)
def test_the_readers_language_comes_first_then_the_pages_then_the_sites(language, spoken, known):
    with translation.override(spoken):
        assert letters.known_language(language) == known


@pytest.mark.django_db
@pytest.mark.parametrize("role", Membership.Role.values)
def test_an_invitation_leads_on_in_text_and_html(event, organizer, role):
    type(event).objects.update(name="Ann & Bob <3")
    event.refresh_from_db()
    roles.invite(event=event, email="pia@example.com", role=role, by=organizer)
    (letter,) = mail.outbox
    ((html, kind),) = letter.alternatives
    assert kind == "text/html"
    assert "Ann & Bob <3" in letter.body
    assert "Ann &amp; Bob &lt;3" in html
    link = f"{settings.SITE_URL}{reverse('account_request_login_code')}?next="
    assert link in letter.body
    assert f'href="{link}' in html


@pytest.mark.django_db
def test_an_unknown_address_is_shown_the_way_in_text_and_html(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    client.post(reverse("account_login"), {"email": "nobody@example.com"})
    (letter,) = mail.outbox
    ((html, _kind),) = letter.alternatives
    for body in (letter.body, html):
        assert "Aucun compte" in body
        assert "nobody@example.com" in body
        assert reverse("account_signup") in body


@pytest.mark.django_db
def test_a_code_is_sent_in_the_language_of_the_page_that_asks_for_it(client, guest):
    User.objects.filter(pk=guest.pk).update(language="fr")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post(reverse("account_login"), {"email": guest.email})
    assert "is your FindMe code" in mail.outbox[0].subject


def write_to(address):
    letters.send("receipt", address=address, language="en", context={"withdrawals": []})


@pytest.mark.django_db
def test_a_mailbox_gets_so_many_letters_a_day_whatever_its_address_is_spelled(limited):
    limited(mail="3/d/key")
    for address in ("ann.b@gmail.com", "annb+x@googlemail.com", "AnnB@gmail.com"):
        write_to(address)
    with pytest.raises(OSError, match="mailbox_full"):
        write_to("a.nnb+y@gmail.com")
    write_to("ann.b@example.com")
    write_to("annb@example.com")
    assert len(mail.outbox) == 5


@pytest.mark.django_db
def test_a_letter_that_did_not_leave_does_not_count(limited, monkeypatch):
    limited(mail="1/d/key")
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.message.EmailMessage.send", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_to("ann@example.com")
    write_to("ann@example.com")


@pytest.mark.django_db
def test_nobody_uses_up_the_codes_of_somebody_elses_mailbox(guest, limited):
    limited(code_mail="2/d/ip+key,30/d/key", code_mail_more="9/d/key", mail="0/d/key")
    sign_in = reverse("account_login")
    answers = [Client().post(sign_in, {"email": guest.email}, follow=True) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert words_of("mailbox_full") in answers[2].content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post(sign_in, {"email": guest.email}).status_code == 302


@pytest.mark.django_db
def test_many_addresses_at_once_leave_a_few_codes_to_whoever_has_asked_for_none(guest, limited):
    limited(code_mail="9/d/ip+key,6/d/key", code_mail_first="1/d/ip+key", code_mail_more="3/d/key")

    def ask(address):
        sent = Client(REMOTE_ADDR=address).post(reverse("account_login"), {"email": guest.email})
        return sent.status_code

    assert [ask(f"192.0.2.{number}") for number in (1, 1, 1, 2, 2)] == [302] * 5
    assert ask("192.0.2.2") == 429  # what they share is used up
    assert ask("192.0.2.3") == 302
    assert ask("192.0.2.4") == 429  # a mailbox gets no more than that, whoever asks


@pytest.mark.django_db
def test_strangers_are_not_written_to_without_end_and_the_page_does_not_tell(limited):
    limited(stranger_mail="2/h/ip")
    for number in range(3):
        address = f"stranger{number}@example.com"
        assert Client().post(reverse("account_login"), {"email": address}).status_code == 302
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_nothing_in_mail_or_beside_a_qr_code_is_what_the_request_calls_this_host(
    event, guest, organizer, as_user, settings
):
    settings.ALLOWED_HOSTS, forged = ["*"], {"host": "evil.example"}
    for address in ("nobody@example.com", guest.email):
        Client().post(reverse("account_login"), {"email": address}, headers=forged)
    desk, invitation = as_user(organizer), {"email": "pia@example.com", "role": "organizer"}
    desk.post(reverse("admin:events_event_guests", args=[event.pk]), invitation, headers=forged)
    poster = desk.get(reverse("admin:events_event_poster", args=[event.pk]), headers=forged)
    agent = forged | {"user-agent": "Android Instagram"}
    pages = [poster, Client().get(event.get_join_url(), headers=agent)]
    texts = [page.content.decode() for page in pages]
    texts += [f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox]
    assert (len(texts), [text for text in texts if "evil.example" in text]) == (5, [])
