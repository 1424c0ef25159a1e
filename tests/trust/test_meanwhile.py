"""Requests under way in a session without proof, while the owner proves the address elsewhere."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Event, User
from faces.finding import enrolling, verdicts
from faces.models import Consent, NoticeRequest, Selfie
from faces.notices import mailing
from faces.privacy import consenting, withdrawal
from photos.gallery import favourites, hide_requests
from photos.intake import guest_upload
from photos.models import Favourite, HideRequest, Photo
from tests.builders import (
    agreeing,
    consent,
    image_bytes,
    join_unproven,
    make_photo,
    make_selfie,
    sign_in_by_code,
)
from tests.fakes import picture

pytestmark = pytest.mark.django_db
OWNER = "owner@example.com"


@pytest.fixture
def party(event):
    cache.clear()
    Event.objects.update(guest_uploads=True, guest_upload_moderation=False)
    return Event.objects.get(pk=event.pk)


@pytest.fixture
def photo(party):
    return make_photo(party)


@pytest.fixture
def thief(party):
    return join_unproven(party, OWNER, "Thief")


@pytest.fixture
def proven_meanwhile(monkeypatch):
    """`proven_meanwhile(owner, name)`: just before that function runs, the owner signs in."""

    def prepare(owner, name, then=lambda: None):
        function = getattr(owner, name)

        def later(*args, **kwargs):
            monkeypatch.setattr(owner, name, function)
            sign_in_by_code(OWNER)
            then()
            return function(*args, **kwargs)

        monkeypatch.setattr(owner, name, later)

    return prepare


def file_of(data):
    return SimpleUploadedFile("a.jpg", data, "image/jpeg")


# By the address's name: where the request is when the proof comes, and what it would have made.
WRITES = {
    "selfie": (enrolling, "add_selfie", Selfie),
    "reuse_selfies": (consenting, "give", Consent),
    "uploads": (guest_upload, "add", Photo),
    "mark_favourites": (favourites, "still_theirs", Favourite),
    "ask_to_hide": (hide_requests, "ask", HideRequest),
    "set_notices": (mailing, "ask", NoticeRequest),
}


def send(client, name, event, photo):
    forms = {
        "selfie": {"image": file_of(picture([1])), **agreeing(event), "notices": "on"},
        "reuse_selfies": agreeing(event),
        "uploads": {"photos": [file_of(image_bytes())]},
        "mark_favourites": {"photos": photo.pk},
        "set_notices": {"event": event.slug, "notices": "on"},
    }
    places = {"set_notices": [], "ask_to_hide": [event.slug, photo.pk]}
    return client.post(reverse(name, args=places.get(name, [event.slug])), forms.get(name, {}))


@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_written_for_the_owner(thief, party, photo, proven_meanwhile, name):
    owner, function, model = WRITES[name]
    proven_meanwhile(owner, function)
    before = model.objects.count()
    answer = send(thief, name, party, photo)
    assert User.objects.get(email=OWNER).address_proven_at
    assert (answer.status_code, model.objects.count()) == (404, before)


@pytest.mark.parametrize("name", WRITES)
def test_without_a_proof_it_is_written(thief, party, photo, name):
    model = WRITES[name][2]
    before = model.objects.count()
    assert send(thief, name, party, photo).status_code < 400
    assert model.objects.count() == before + 1


def test_an_answer_is_not_the_owners_who_has_agreed_by_then(thief, party, photo, proven_meanwhile):
    user = User.objects.get(email=OWNER)
    proven_meanwhile(verdicts, "say", lambda: consent(user, party))
    address = reverse("say_verdict", args=[party.slug, photo.pk])
    assert thief.post(address, {"verdict": "me"}).status_code == 404


def test_the_owners_account_is_not_deleted(thief, party, proven_meanwhile):
    make_selfie(User.objects.get(email=OWNER))
    proven_meanwhile(withdrawal, "delete_account")
    assert thief.post(reverse("delete_account")).status_code == 404
    assert User.objects.filter(email=OWNER).exists()
