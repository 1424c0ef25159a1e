"""Events that look only for guests who have proven their address."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Event, User
from faces.errors import ProofNeeded
from faces.finding import enrolling
from faces.models import Consent, Selfie, SelfieRefusal
from faces.privacy import consenting
from findme.refusals import words_of
from tests.builders import agreeing, consent, join_unproven, last_code
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(event):
    Event.objects.update(proof_first=True)
    event.refresh_from_db()
    return event


@pytest.fixture
def nina(event):
    return join_unproven(event)


def send(client, event, name="selfie"):
    image = SimpleUploadedFile("me.jpg", picture([1]), "image/jpeg")
    return client.post(reverse(name, args=[event.slug]), {"image": image, **agreeing(event)})


def test_the_selfie_page_asks_for_the_proof_and_comes_back(nina, event):
    address = reverse("selfie", args=[event.slug])
    page = nina.get(address).content.decode()
    assert "Confirm your address, then your selfie" in page
    assert "image/*" not in page
    asked = nina.post(reverse("prove"), {"next": address})
    assert nina.post(asked.url, {"code": last_code(), "next": address}).url == address
    assert send(nina, event).url == reverse("my_photos", args=[event.slug])
    assert Selfie.objects.count() == Consent.objects.count() == 1


@pytest.mark.parametrize("name", ["selfie", "reuse_selfies"])
def test_nothing_is_taken_before(nina, event, name):
    answer = send(nina, event, name)
    assert (answer.status_code, Selfie.objects.count(), Consent.objects.count()) == (403, 0, 0)
    assert "Confirm your address" in answer.content.decode()


def test_the_script_that_checks_is_told(nina, event):
    answer = send(nina, event, "check_selfie")
    told = {"code": "prove_first", "reason": words_of("prove_first")}
    assert (answer.status_code, answer.json()) == (403, told)
    assert not SelfieRefusal.objects.exists()


def test_all_else_of_the_event_is_open(nina, event):
    for name in ("general", "my_photos", "favourites"):
        assert nina.get(reverse(name, args=[event.slug])).status_code == 200


def test_who_has_proven_gives_a_selfie_as_ever(as_user, guest, event):
    assert send(as_user(guest), event).status_code == 302


def test_outsiders_get_404(as_user, stranger, event):
    for name in ("selfie", "check_selfie", "reuse_selfies"):
        assert send(as_user(stranger), event, name).status_code == 404


def test_no_other_door_gets_round_it(nina, event):
    user = User.objects.get(email="nina@example.com")
    with pytest.raises(ProofNeeded):
        consenting.give(user=user, event=event, words=consenting.words(event))
    with pytest.raises(ProofNeeded):
        enrolling.add_selfie(user=user, data=picture([1]), along=lambda: consent(user, event))
    assert not Consent.objects.exists()
    assert not Selfie.objects.exists()


def test_a_child_is_looked_for_when_the_guardian_has_proven(nina, event):
    guardian = User.objects.get(email="nina@example.com")
    child = User.objects.create_user("c@child.invalid", guardian=guardian, is_active=False)
    with pytest.raises(ProofNeeded):
        consenting.give(user=child, event=event, words=consenting.words(event, child))
    guardian.address_proven_at = guardian.date_joined
    consenting.give(user=child, event=event, words=consenting.words(event, child))
