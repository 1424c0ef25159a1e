"""A stranger's picture as a selfie is made dear: one person, a proof before another, limits."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Event, User
from faces.finding import erasing
from faces.models import Consent, FaceChange, Selfie
from findme import limits
from findme.refusals import words_of
from tests.builders import agreeing, consent, make_photo, make_selfie
from tests.faces.guest.test_selfie import send_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def check(client, event, data):
    file = SimpleUploadedFile("me.jpg", data, "image/jpeg")
    return client.post(reverse("check_selfie", args=[event.slug]), {"image": file})


@pytest.fixture
def newcomer(event, client):
    """Somebody who typed an address and has proven nothing, with one selfie."""
    client.post(event.get_join_url(), {"name": "Nina", "email": "nina@example.com"})
    user = User.objects.get(email="nina@example.com")
    send_selfie(client, event, picture([1]), **agreeing(event))
    return user


WITHIN, OVER = [False] * 4, [True] * 4


def tried(client, event, photo):
    """Whether a check, a wish to hide, an upload and a child are too many."""
    named = {"name": "Léa", "guardian": "on"}
    child = client.post(reverse("children", args=[event.slug]), named)
    hide = reverse("ask_to_hide", args=[event.slug, photo.pk])
    answers = [
        check(client, event, picture([])),
        client.post(hide, {"fragment": "1"}),
        client.post(reverse("uploads", args=[event.slug])),
        child,
    ]
    return [answer.status_code == 429 for answer in answers]


def use_up(monkeypatch, name, left):
    """As if all but a few were counted already: that allauth counts, its own tests show."""
    rates = {name: f"{left}/h/key"}
    monkeypatch.setattr("allauth.account.app_settings.RATE_LIMITS", limits.rates() | rates)


def test_somebody_elses_selfie_is_refused_with_words_and_told(event, guest, as_user):
    make_selfie(guest, person=1)
    answer = send_selfie(as_user(guest), event, picture([2]), **agreeing(event))
    assert answer.status_code == 422
    assert words_of("another_person") in answer.content.decode()
    assert FaceChange.objects.get().what == FaceChange.What.REFUSED
    assert not Consent.objects.exists()


def test_without_consent_nothing_is_compared(event, guest, as_user, monkeypatch):
    make_selfie(guest, person=1)
    monkeypatch.delattr("tests.fakes.FakeEngine.describe")
    assert send_selfie(as_user(guest), event, picture([2])).status_code == 422
    assert not FaceChange.objects.exists()


class TestChangingThePerson:
    def test_who_proved_nothing_is_led_to_the_proof(self, event, newcomer, client):
        erasing.remove_selfie(Selfie.objects.of(newcomer).get())
        page = client.get(reverse("selfie", args=[event.slug])).content.decode()
        assert "First show that your e-mail address is yours" in page
        assert 'type="file"' not in page
        assert page.count(f'<form action="{reverse("prove")}" method="post">') == 1
        assert f'name="next" value="{reverse("selfie", args=[event.slug])}"' in page
        answer = send_selfie(client, event, picture([2]))
        assert words_of("prove_first_to_change") in answer.content.decode()
        assert not Selfie.objects.exists()

    def test_withdrawing_first_is_no_way_round(self, event, newcomer, client):
        client.post(reverse("privacy_withdraw"), {"event": event.pk})
        assert send_selfie(client, event, picture([2]), **agreeing(event)).status_code == 422
        assert not Consent.objects.in_force().exists()

    def test_a_proven_session_may_and_it_is_told(self, event, guest, as_user):
        consent(guest, event)
        erasing.remove_selfie(make_selfie(guest))
        assert send_selfie(as_user(guest), event, picture([2])).status_code == 302
        assert FaceChange.objects.telling().get().what == FaceChange.What.CHANGED

    def test_a_second_selfie_needs_no_proof(self, event, newcomer, client):
        assert send_selfie(client, event, picture([1], seed=2)).status_code == 302
        assert not FaceChange.objects.exists()


class TestLimits:
    def test_the_eleventh_check_is_answered_with_words_and_the_best_can_be_sent(
        self, event, guest, as_user
    ):
        client = as_user(guest)
        codes = [check(client, event, picture([])).json()["code"] for _ in range(10)]
        assert codes == ["no_face"] * 10
        answer = check(client, event, picture([1]))
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_checks")
        assert send_selfie(client, event, picture([1]), **agreeing(event)).status_code == 302

    def test_refused_ones_count_as_checks_and_end(self, event, guest, as_user, monkeypatch):
        use_up(monkeypatch, "selfie_refused", left=1)
        client = as_user(guest)
        assert send_selfie(client, event, picture([]), **agreeing(event)).status_code == 422
        answer = send_selfie(client, event, picture([1]), **agreeing(event))
        assert answer.status_code == 429
        assert words_of("too_many_refused") in answer.content.decode()
        assert not Selfie.objects.exists()

    def test_a_question_which_face_it_is_counts(self, event, guest, as_user, monkeypatch):
        use_up(monkeypatch, "selfie_refused", left=1)
        client = as_user(guest)
        assert send_selfie(client, event, picture([1, 2]), **agreeing(event)).status_code == 200
        assert send_selfie(client, event, picture([1, 2]), **agreeing(event)).status_code == 429

    def test_five_selfies_are_taken_in_a_day(self, event, guest, as_user):
        consent(guest, event)
        client = as_user(guest)
        taken = [send_selfie(client, event, picture([1], seed=n)).status_code for n in range(5)]
        assert taken == [302] * 5
        Selfie.objects.earliest("pk").delete()
        answer = send_selfie(client, event, picture([1], seed=9))
        assert answer.status_code == 429
        assert words_of("too_many_changes") in answer.content.decode()

    def test_each_guest_has_their_own(self, event, guest, other_guest, as_user, monkeypatch):
        use_up(monkeypatch, "selfie_check", left=1)
        for user in (guest, other_guest):
            assert check(as_user(user), event, picture([1])).status_code == 200
        assert check(as_user(guest), event, picture([1])).status_code == 429

    def test_a_session_without_proof_uses_up_nothing_of_the_owners(
        self, event, newcomer, client, as_user, monkeypatch
    ):
        limits_of = ["selfie_check", "hide_request", "guest_upload", "add_child"]
        rates = limits.rates() | dict.fromkeys(limits_of, "1/h/key")
        monkeypatch.setattr("allauth.account.app_settings.RATE_LIMITS", rates)
        Event.objects.update(guest_uploads=True)
        photos = [make_photo(event), make_photo(event)]
        assert [tried(client, event, photo) for photo in photos] == [WITHIN, OVER]
        owner = as_user(newcomer)
        photos = [make_photo(event), make_photo(event)]
        assert [tried(owner, event, photo) for photo in photos] == [WITHIN, OVER]
