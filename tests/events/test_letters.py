"""E-mail is sent one way: each letter as subject, text and HTML, in the reader's language."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation

from events import letters
from events.desk import roles
from events.models import Membership, User

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
