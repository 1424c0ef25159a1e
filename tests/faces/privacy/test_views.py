"""My privacy: everything about whoever asks, nothing about anybody else."""

import pytest
from django.core import mail
from django.urls import reverse

from events.models import Membership, User
from faces.finding import enrolling
from faces.models import Consent, Enrollment, FaceMatch, NoticeRequest, Receipt, Selfie
from faces.privacy import receipts
from findme import limits
from tests.builders import consent, make_event, make_match, make_photo, make_selfie

pytestmark = pytest.mark.django_db

PAGES = ["privacy", "privacy_export", "delete_account"]
POSTS = ["privacy_withdraw", "set_notices", "delete_account"]


@pytest.fixture
def found_guest(event, guest):
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    make_match(guest, make_photo(event))
    return guest


@pytest.mark.parametrize("name", PAGES + POSTS)
def test_visitors_are_sent_to_sign_in(client, name):
    answer = client.post(reverse(name)) if name in POSTS else client.get(reverse(name))
    assert answer.url.startswith(reverse("account_request_login_code"))


def test_the_page_shows_consent_selfies_and_numbers(as_user, found_guest, event):
    page = as_user(found_guest).get(reverse("privacy")).content.decode()
    selfie = Selfie.objects.get()
    for shown in (
        event.name,
        "to the wording of 25 November 2026, in English",
        reverse("own_selfie", args=[selfie.pk]),
    ):
        assert shown in page


def test_nothing_of_another_guest_is_on_the_page_or_in_the_export(
    as_user, found_guest, other_guest, stranger
):
    for user in (other_guest, stranger):
        client = as_user(user)
        for name in ("privacy", "privacy_export"):
            text = client.get(reverse(name)).content.decode()
            assert found_guest.email not in text
            assert reverse("own_selfie", args=[Selfie.objects.get().pk]) not in text


def test_another_guests_selfie_is_neither_shown_nor_removed(as_user, found_guest, organizer):
    selfie, client = Selfie.objects.get(), as_user(organizer)
    assert client.get(reverse("own_selfie", args=[selfie.pk])).status_code == 404
    assert client.post(reverse("remove_selfie", args=[selfie.pk])).status_code == 404
    assert Selfie.objects.exists()


def test_own_selfies_are_shown_uncached_and_removed(as_user, found_guest):
    selfie, client = Selfie.objects.get(), as_user(found_guest)
    shown = client.get(reverse("own_selfie", args=[selfie.pk]))
    assert "no-store" in shown["Cache-Control"]
    client.post(reverse("remove_selfie", args=[selfie.pk]))
    assert not Selfie.objects.exists()


def test_who_removes_a_selfie_returns_to_the_event_it_was_looked_at_in(
    as_user, found_guest, event, stranger
):
    selfies = [make_selfie(found_guest).pk for _ in range(2)] + [make_selfie(stranger).pk]
    for user, pk, back in (
        (found_guest, selfies[0], reverse("selfie", args=[event.slug])),
        (found_guest, selfies[1], reverse("privacy")),
        (stranger, selfies[2], reverse("privacy")),
    ):
        sent = {} if pk == selfies[1] else {"event": event.slug}
        answer = as_user(user).post(reverse("remove_selfie", args=[pk]), sent)
        assert answer.url == back


def test_withdrawing_for_one_event_says_what_was_removed(as_user, found_guest, event):
    answer = as_user(found_guest).post(
        reverse("privacy_withdraw"), {"event": event.pk}, follow=True
    )
    assert "1 selfie, 1 face pattern, 1 match" in answer.content.decode()
    assert not Enrollment.objects.exists()
    assert Receipt.objects.count() == 1


def test_who_was_removed_from_an_event_can_still_withdraw(as_user, found_guest, event):
    Membership.objects.filter(user=found_guest).delete()
    as_user(found_guest).post(reverse("privacy_withdraw"), {"event": event.pk})
    assert not FaceMatch.objects.exists()


@pytest.mark.parametrize("wrong", ["0", "x", "\x00", "9" * 40])
def test_withdrawing_for_an_unknown_event_is_not_found(as_user, found_guest, wrong):
    answer = as_user(found_guest).post(reverse("privacy_withdraw"), {"event": wrong})
    assert answer.status_code == 404
    assert FaceMatch.objects.exists()


def test_a_stranger_cannot_withdraw_for_a_guest(as_user, found_guest, stranger, event):
    answer = as_user(stranger).post(reverse("privacy_withdraw"), {"event": event.pk})
    assert answer.status_code == 404
    assert Consent.objects.in_force().exists()


def test_deleting_the_account_asks_first_then_signs_out(as_user, found_guest):
    client, address = as_user(found_guest), reverse("delete_account")
    assert b"Delete your account?" in client.get(address).content
    assert User.objects.filter(pk=found_guest.pk).exists()
    assert b"Your account is deleted" in client.post(address).content
    assert client.get(reverse("privacy")).status_code == 302
    receipts.send(Receipt.objects.get().pk)
    assert mail.outbox[0].to == [found_guest.email]


def test_a_sole_organizer_is_told_what_to_do_first(as_user, organizer, event):
    client, address = as_user(organizer), reverse("delete_account")
    assert event.name in client.get(address).content.decode()
    assert client.post(address).status_code == 409


def test_so_many_accounts_at_most_are_deleted_from_one_address(as_user, guest, rf):
    for _ in range(20):
        limits.demand(rf.post("/"), "delete_account")
    assert as_user(guest).post(reverse("delete_account")).status_code == 429
    assert User.objects.filter(pk=guest.pk).exists()


def test_notices_are_turned_on_and_off(as_user, guest, event):
    client, address = as_user(guest), reverse("set_notices")
    client.post(address, {"event": event.slug, "notices": "on"})
    assert NoticeRequest.objects.get().user == guest
    back = client.post(address, {"event": event.slug, "notices": "off", "back": "my_photos"})
    assert back.url == reverse("my_photos", args=[event.slug])
    assert not NoticeRequest.objects.exists()


@pytest.mark.parametrize("wrong", ["", "\x00", "nowhere"])
def test_notices_of_an_event_not_joined_are_not_found(as_user, guest, wrong):
    slug = wrong or make_event().slug
    answer = as_user(guest).post(reverse("set_notices"), {"event": slug, "notices": "on"})
    assert answer.status_code == 404


def test_the_export_is_a_file_that_no_cache_keeps(as_user, found_guest):
    answer = as_user(found_guest).get(reverse("privacy_export"))
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert answer.json()["faces.consent"][0]["text_version"] == "2026-11-25"
