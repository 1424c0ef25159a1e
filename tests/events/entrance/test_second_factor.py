"""Setting up a second factor, and being asked for it."""

import json
import logging
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from events.models import SignIn, User
from tests.builders import last_code
from tests.events.second_factors import code_of_app, give_app

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PAGES = [
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_add_webauthn",
]
ADD, SHOW = "mfa_add_webauthn", "mfa_reauthenticate_webauthn"
NASTY = ["", "null", "[]", '"x"', "{}", "[" * 9000, "1" * 30_000, '{"id": {}, "response": 1}', "\0"]
# Base64 of {} and of CBOR that breaks off; and what is no base64.
for text in ("QQ", "e30", "ow", "é", "!!"):
    parts = dict.fromkeys(["clientDataJSON", "attestationObject", "authenticatorData"], text)
    answer = {"id": "QQ", "rawId": "QQ", "type": "public-key", "response": parts}
    NASTY += [json.dumps(answer), json.dumps(answer | {"rawId": text})]


@pytest.fixture(autouse=True)
def _quick_and_without_past(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def organizer(organizer):
    organizer.set_password(PASSWORD)
    organizer.save()
    return organizer


def by_password(client, user):
    data = {"username": user.email, "password": PASSWORD}
    return client.post(f"{reverse('admin:login')}?next=/admin/events/event/", data)


def by_code(client, user):
    client.post(reverse("account_login"), {"email": user.email})
    code = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)[1]
    data = {"code": code, "next": "/admin/events/event/"}
    return client.post(reverse("account_confirm_login_code"), data)


def by_code_anew(client, user):
    client.post(reverse("prove"), {"next": "/"})
    return client.post(reverse("account_confirm_login_code"), {"code": last_code()})


def add_passkey(user):
    data = {"name": "Laptop", "credential": {}}
    return Authenticator.objects.create(user=user, type="webauthn", data=data)


@pytest.mark.parametrize(
    ("sign_in", "how"), [(by_password, SignIn.How.PASSWORD), (by_code, SignIn.How.CODE)]
)
def test_it_is_asked_after_the_first_whichever_that_is(client, event, organizer, sign_in, how):
    give_app(organizer)
    asked = reverse("mfa_authenticate")
    assert sign_in(client, organizer).url == asked
    assert client.get(reverse("privacy")).status_code == 302  # not signed in yet
    assert client.post(asked, {"code": "000000"}).status_code == 200
    assert not SignIn.objects.exists()
    assert client.post(asked, {"code": code_of_app()}).url == "/admin/events/event/"
    assert client.get("/admin/").status_code == 200
    assert SignIn.objects.get().how == how


@pytest.mark.parametrize("has_app", [False, True])
def test_a_session_proven_again_says_how_it_was_last(client, event, organizer, has_app):
    if has_app:
        give_app(organizer)
    for sign_in, how in ((by_password, SignIn.How.PASSWORD), (by_code_anew, SignIn.How.CODE)):
        answer = sign_in(client, organizer)
        if has_app:
            client.post(answer.url, {"code": code_of_app()})
            cache.clear()  # else the app's code is good once
        assert SignIn.objects.get().how == how


def test_who_is_signed_in_as_another_is_asked_too(as_user, guest, organizer):
    client = as_user(guest)
    give_app(organizer)
    assert by_password(client, organizer).url == reverse("mfa_authenticate")
    assert client.get(reverse("mfa_authenticate")).status_code == 200


def test_a_code_for_emergencies_lets_in_once(client, organizer):
    give_app(organizer)
    code = RecoveryCodes.activate(organizer).generate_codes()[0]
    for status in (302, 200):
        by_password(client, organizer)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == status
        client.logout()


def test_wrong_codes_are_limited_and_logged_by_id(client, organizer, caplog):
    caplog.set_level(logging.INFO)
    give_app(organizer)
    by_password(client, organizer)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    assert answer.status_code == 200
    assert f"sign_in_failed user={organizer.pk} by=second_factor" in caplog.text


def test_wrong_codes_by_mail_are_logged_by_id(client, guest, caplog):
    caplog.set_level(logging.INFO)
    client.post(reverse("account_login"), {"email": guest.email})
    client.post(reverse("account_confirm_login_code"), {"code": "WRONG"})
    assert f"sign_in_failed user={guest.pk} by=code" in caplog.text
    assert guest.email not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_setting_an_app_up_brings_codes_for_emergencies(as_user, organizer, settings):
    settings.DESK_SECOND_FACTOR = "required"
    call_command("createcachetable", verbosity=0)
    client = as_user(organizer)
    assert "data:image/svg+xml" in client.get(reverse("mfa_activate_totp")).content.decode()
    code = code_of_app(client.session["mfa.totp.secret"])
    answer = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert answer.redirect_chain == [(reverse("mfa_view_recovery_codes"), 302)]
    assert "are left: 10 of 10" in answer.content.decode()
    saved = client.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    assert len(set(saved)) == 10
    assert client.get("/admin/").status_code == 200


def test_guests_have_no_such_pages(as_user, event, guest, stranger):
    for client in (as_user(guest), as_user(stranger)):
        for address in map(reverse, PAGES):
            assert client.get(address).status_code == 404, address
            assert client.post(address).status_code == 404, address


def test_a_session_that_proved_nothing_has_no_such_pages(client, event):
    client.post(event.get_join_url(), {"name": "Nina", "email": "nina@example.com"})
    User.objects.filter(email="nina@example.com").update(is_staff=True)
    assert {client.get(reverse(name)).status_code for name in PAGES} == {404}


def test_a_passkey_is_its_owners(as_user, organizer, rival_organizer):
    key = add_passkey(organizer)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        for number in (key.pk, 10**40):
            address = reverse(name, args=[number])
            assert as_user(rival_organizer).get(address).status_code == 404
            assert as_user(rival_organizer).post(address, {"name": "x"}).status_code == 404


def test_it_is_set_up_after_a_fresh_proof_only(as_user, organizer):
    client = as_user(organizer)
    session = client.session
    session["proven_at"] = (timezone.now() - timedelta(minutes=16)).isoformat()
    session.save()
    assert client.get(reverse("mfa_index")).status_code == 200
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name)).url.startswith("/account/prove/")
        assert client.post(reverse(name)).url.startswith("/account/prove/")


def test_it_is_switched_off_by_who_shows_it(as_user, organizer):
    client = as_user(organizer)
    give_app(organizer)
    off = reverse("mfa_deactivate_totp")
    show = client.post(off).url  # the password alone, however fresh, does not do
    assert show.startswith(reverse("mfa_reauthenticate"))
    assert client.post(show, {"code": code_of_app()}).url == off
    assert client.post(off).status_code == 302
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", [ADD, SHOW])
def test_what_no_passkey_answers_is_refused(as_user, organizer, name, monkeypatch, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    if name == SHOW:
        add_passkey(organizer)
        monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [])
    client = as_user(organizer)
    client.raise_request_exception = False
    client.get(reverse(name))
    sent = [{"name": "Laptop", "credential": answer} for answer in NASTY]
    answers = [client.post(reverse(name), data).status_code for data in sent]
    assert answers == [200] * len(NASTY)


def test_whoever_runs_the_site_switches_it_off(organizer, capsys):
    give_app(organizer)
    call_command("remove_second_factor", organizer.email.upper())
    call_command("remove_second_factor", organizer.email)
    assert capsys.readouterr().out.split("\n")[:2] == ["Removed.", "There was none."]
