"""The language chosen on a page is the account's, on every device and in the mail."""

import pytest
from django.urls import reverse

from events.models import User

pytestmark = pytest.mark.django_db


def switch(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": "/"})


def test_the_choice_is_remembered_on_the_account(as_user, guest):
    switch(as_user(guest), "fr")
    assert User.objects.get(pk=guest.pk).language == "fr"


def test_another_device_speaks_the_accounts_language(as_user, guest):
    User.objects.filter(pk=guest.pk).update(language="fr")
    answer = as_user(guest).get("/", headers={"accept-language": "en"})
    assert b'lang="fr"' in answer.content
    assert answer["Content-Language"] == "fr"


def test_what_was_chosen_on_this_device_comes_first(as_user, guest):
    client = as_user(guest)
    switch(client, "fr")
    User.objects.filter(pk=guest.pk).update(language="en")
    assert b'lang="fr"' in client.get("/").content


@pytest.mark.parametrize("language", ["", "xx", "\x00", "e" * 300])
def test_nonsense_changes_nothing(as_user, guest, language):
    User.objects.filter(pk=guest.pk).update(language="fr")
    assert switch(as_user(guest), language).status_code == 302
    assert User.objects.get(pk=guest.pk).language == "fr"


def test_visitors_can_switch_too(client):
    switch(client, "fr")
    assert b'lang="fr"' in client.get("/").content


def test_dates_and_numbers_are_the_languages_own(as_user, guest, event):
    client = as_user(guest)
    assert "20–21 Jun 2026" in client.get("/").content.decode()
    switch(client, "fr")
    assert "20–21 juin 2026" in client.get("/").content.decode()
