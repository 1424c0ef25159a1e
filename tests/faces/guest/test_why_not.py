"""Why My Photos may stay empty: figures, near misses, selfies as they were seen."""

import pytest
from django.urls import reverse

from faces.errors import IndexUnavailable
from faces.finding import enrolling
from faces.guest import why_not
from faces.index.local import LocalIndex
from faces.models import Selfie
from faces.vision.similarity import cosine_of
from tests.builders import consent, make_face, make_match, make_photo, make_scan, make_selfie
from tests.fakes import picture, template

pytestmark = pytest.mark.django_db


def get(client, event, name, **query):
    return client.get(reverse(name, args=[event.slug]), query)


def near(similarity):
    """A template that is as similar to person 1's as asked for."""
    own, other = template(1), template(2)
    other = other - own * (own @ other)
    other /= (other @ other) ** 0.5
    cosine = cosine_of(similarity)
    return cosine * own + (1 - cosine**2) ** 0.5 * other


def test_why_not_needs_a_selfie(event, guest, as_user):
    answer = get(as_user(guest), event, "why_not")
    assert answer["Location"] == reverse("my_photos", args=[event.slug])


def test_why_not_says_what_was_looked_at_and_what_failed(event, guest, as_user, selfie):
    make_scan(make_photo(event), state="done", face_count=5)
    make_scan(make_photo(event), state="failed", failure_code="truncated")
    make_scan(make_photo(event))
    seen = get(as_user(guest), event, "why_not").context["progress"]
    assert (seen.seen, seen.failed, seen.waiting, seen.faces) == (1, 1, 1, 5)


def test_why_not_shows_photos_just_below_the_threshold_and_no_others(event, guest, as_user, selfie):
    likenesses = {"stranger": 30, "near": 60, "nearest": 80}
    photos = {name: make_photo(event, name=name) for name in likenesses}
    for name, similarity in likenesses.items():
        make_face(photos[name], template=near(similarity))
    shown = get(as_user(guest), event, "why_not").context["near"]
    assert [miss.photo for miss in shown] == [photos["nearest"], photos["near"]]
    assert abs(shown[0].similarity - 80) <= 1


@pytest.mark.parametrize("gone", ["hidden", "matched", "denied"])
def test_a_photo_that_is_hidden_or_decided_is_no_near_miss(event, guest, selfie, gone):
    photo = make_photo(event, hidden=gone == "hidden")
    make_face(photo, template=near(80))
    if gone != "hidden":
        make_match(guest, photo, verdict="not_me" if gone == "denied" else "")
    assert why_not.near_misses(guest, event) == []


def test_near_misses_are_the_guests_own(event, guest, other_guest, selfie):
    make_face(make_photo(event), template=near(80))
    consent(other_guest, event)
    make_selfie(other_guest, person=3)
    enrolling.enroll_event(event.pk)
    assert why_not.near_misses(other_guest, event) == []
    assert len(why_not.near_misses(guest, event)) == 1


def test_without_the_index_the_page_says_so_and_shows_the_rest(
    event, guest, as_user, selfie, monkeypatch
):
    def unavailable(*args, **kwargs):
        raise IndexUnavailable

    monkeypatch.setattr(LocalIndex, "search", unavailable)
    page = get(as_user(guest), event, "why_not")
    assert page.context["near"] is None
    assert "not available at the moment" in page.content.decode()


def test_why_not_frames_the_face_of_each_selfie(event, guest, as_user, selfie):
    page = get(as_user(guest), event, "why_not").content.decode()
    assert reverse("own_selfie", args=[selfie.pk]) in page
    assert '<rect x="10" y="200" width="100" height="100"' in page


def test_a_selfie_that_shows_nobody_is_explained(event, guest, selfie):
    Selfie.objects.update(image_data=picture([]))
    assert why_not.check_again(selfie).refusal == "no_face"
    Selfie.objects.update(image_data=b"no picture")
    assert why_not.check_again(selfie).refusal
