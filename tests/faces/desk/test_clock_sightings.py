"""The desk's page of clocks says what each camera would need, by guests and by faces."""

from datetime import timedelta

import pytest
from django.urls import reverse

from faces.desk import clock_sightings
from faces.index.indexes import index_of
from photos.models import Camera
from tests.builders import NOON, make_event, make_face, make_match, make_photo, make_user
from tests.faces.desk.parties import party
from tests.fakes import template

pytestmark = pytest.mark.django_db
BEHIND = timedelta(minutes=58)


@pytest.fixture
def cameras(event):
    return [Camera.objects.create(event=event, model=model) for model in ("First", "Second")]


@pytest.fixture
def taken(cameras):
    """Photos of two photographers at a party, with who is in them; the second clock is behind."""
    ours, theirs, _ = party(3, photos=30, moments=8, guests=30)
    made = []
    for camera, photos, behind in [(cameras[0], ours, timedelta(0)), (cameras[1], theirs, BEHIND)]:
        for second, seen in photos:
            at = NOON + timedelta(seconds=second) - behind
            photo = make_photo(camera.event, camera=camera, taken_at=at, original=None)
            made.append((photo, seen))
    return made


def page(event, organizer, as_user, query=""):
    answer = as_user(organizer).get(reverse("admin:events_event_clocks", args=[event.pk]) + query)
    return " ".join(answer.content.decode().split())


def match_guests(taken):
    guests = [make_user() for _ in range(30)]
    for photo, seen in taken:
        for who in seen:
            make_match(guests[who], photo)


def test_guests_in_photos_of_both_cameras_tell_and_the_form_is_filled(
    taken, cameras, event, organizer, as_user
):
    match_guests(taken)
    found = page(event, organizer, as_user)
    assert "Would agree with First if its photos were set <strong>58 min later</strong>." in found
    address = f"?camera={cameras[1].pk}&amp;seconds={58 * 60}"
    assert address in found
    change = reverse("admin:events_event_clock", args=[event.pk])
    form = as_user(organizer).get(change + address.replace("&amp;", "&")).content.decode()
    assert 'name="minutes" value="58"' in form


def test_faces_that_are_surely_the_same_tell_where_no_guest_is_known(
    taken, cameras, event, organizer, as_user
):
    for photo, seen in taken:
        for ordinal, who in enumerate(seen):
            make_face(photo, template=template(100 + who), ordinal=ordinal)
    assert "set <strong>58 min later</strong>" in page(event, organizer, as_user)


def test_denied_matches_and_those_of_other_events_do_not_count(taken, cameras, event, guest):
    for photo, _ in taken:
        make_match(guest, photo, verdict="not_me")
    found = clock_sightings.agreement(event, cameras).found
    assert found[cameras[1].pk].offset is None
    assert clock_sightings.agreement(make_event(), []).reference is None


def test_too_few_photos_of_the_same_people_are_said(taken, event, organizer, as_user):
    assert "Not enough photos of the same people to compare." in page(event, organizer, as_user)


def test_a_camera_with_a_few_photos_is_told_of_too(taken, cameras, event, organizer, as_user):
    few = Camera.objects.create(event=event, model="Third")
    make_photo(event, camera=few)
    compared = clock_sightings.agreement(event, [*cameras, few])
    assert compared.found[few.pk].offset is None
    found = page(event, organizer, as_user)
    assert "Not enough photos" in found.partition("Third")[2]


def test_a_large_event_is_compared_when_somebody_asks(
    taken, event, organizer, as_user, monkeypatch
):
    match_guests(taken)
    monkeypatch.setattr(clock_sightings, "AT_ONCE", 10)
    assert "58 min later" not in page(event, organizer, as_user)
    assert "?compare=1" in page(event, organizer, as_user)
    assert "58 min later" in page(event, organizer, as_user, "?compare=1")


def test_many_photos_are_sampled_and_four_queries_asked(
    taken, cameras, event, monkeypatch, django_assert_num_queries
):
    match_guests(taken)
    monkeypatch.setattr(clock_sightings, "MOST_PHOTOS", 40)
    index_of(event)  # made at its first use
    with django_assert_num_queries(4):
        clock_sightings.agreement(event, cameras)
