"""Why My Photos may stay empty: figures, near misses, selfies as they were seen."""

import pytest
from django.urls import reverse

from faces.guest import why_not
from faces.models import Selfie
from photos import audience
from tests.builders import make_candidate, make_face, make_match, make_photo, make_scan, make_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def get(client, event, name, **query):
    return client.get(reverse(name, args=[event.slug]), query)


def test_why_not_needs_a_selfie(event, guest, as_user):
    answer = get(as_user(guest), event, "why_not")
    assert answer["Location"] == reverse("my_photos", args=[event.slug])


def test_why_not_says_what_was_looked_at_and_what_failed(event, guest, as_user, selfie):
    make_scan(make_photo(event), state="done", face_count=5)
    make_scan(make_photo(event), state="failed", failure_code="truncated")
    make_scan(make_photo(event))
    seen = get(as_user(guest), event, "why_not").context["progress"]
    assert (seen.seen, seen.failed, seen.waiting, seen.faces) == (1, 1, 1, 5)


def test_why_not_shows_photos_just_below_what_is_asked_and_no_others(event, guest, as_user, selfie):
    photos = {name: make_photo(event, name=name) for name in ["near", "nearest", "asked"]}
    for similarity, photo in zip([20, 35, 60], photos.values(), strict=True):
        make_candidate(guest, make_face(photo), similarity=similarity)
    shown = get(as_user(guest), event, "why_not").context["near"]
    assert [miss.photo for miss in shown] == [photos["nearest"], photos["near"]]
    assert shown[0].similarity == 35


@pytest.mark.parametrize("gone", ["hidden", "matched", "denied"])
def test_a_photo_that_is_hidden_or_decided_is_no_near_miss(event, guest, selfie, gone):
    photo = make_photo(event, hidden=gone == "hidden")
    make_candidate(guest, make_face(photo), similarity=30)
    if gone != "hidden":
        make_match(guest, photo, verdict="not_me" if gone == "denied" else "")
    assert why_not.near_misses(guest, event, audience.ALL) == []


def test_near_misses_are_the_guests_own(event, guest, other_guest):
    make_candidate(guest, make_face(make_photo(event)), similarity=30)
    assert why_not.near_misses(other_guest, event, audience.ALL) == []
    assert len(why_not.near_misses(guest, event, audience.ALL)) == 1


def test_why_not_frames_the_face_of_each_selfie(event, guest, as_user, selfie):
    page = get(as_user(guest), event, "why_not").content.decode()
    assert reverse("own_selfie", args=[selfie.pk]) in page
    assert '<rect x="10" y="200" width="100" height="100"' in page


def test_a_selfie_that_shows_nobody_is_explained(event, guest, selfie):
    Selfie.objects.update(image_data=picture([]))
    assert why_not.check_again(selfie).refusal == "no_face"
    Selfie.objects.update(image_data=b"no picture")
    assert why_not.check_again(selfie).refusal


def test_a_selfie_of_several_is_looked_at_where_its_guest_tapped(guest):
    selfie = make_selfie(guest, image_data=picture([1, 2]), face_box=None)
    assert why_not.check_again(selfie).refusal == "several_faces"
    selfie.face_box = [10 / 640, 200 / 480, 100 / 640, 100 / 480]
    assert why_not.check_again(selfie).refusal == ""
