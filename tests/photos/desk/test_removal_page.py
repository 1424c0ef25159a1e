"""Deleting asks first, whether it is one photo or thousands."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faces.models import Face, FaceMatch, PhotoScan
from photos import binning
from photos.models import Photo
from tests.builders import (
    make_face,
    make_match,
    make_photo,
    make_scan,
)
from tests.photos.desk.pages import act_on, press

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_bin(settings):
    settings.BIN_DAYS = 0


@pytest.mark.usefixtures("no_bin")
def test_deleting_asks_first_and_takes_everything_along(event, organizer, guest, as_user):
    photos = [make_photo(event) for _ in range(3)]
    for photo in photos[:2]:
        make_scan(photo)
        make_face(photo)
        make_match(guest, photo)
    client = as_user(organizer)
    page = act_on(client, "remove", photos[:2])
    assert "Delete 2 photos for good?" in page.content.decode()
    assert Photo.objects.count() == 3
    press(client, remove=page.context["ids"])
    assert list(Photo.objects.all()) == [photos[2]]
    left = [model.objects.count() for model in (PhotoScan, Face, FaceMatch)]
    assert left == [0, 0, 0]


def test_the_question_names_photos_and_says_how_long_they_can_be_taken_back(
    event, organizer, as_user
):
    photos = [make_photo(event) for _ in range(14)]
    page = act_on(as_user(organizer), "remove", photos).content.decode()
    assert "Delete 14 photos?" in page
    assert "in the event’s bin for 30 days" in page
    assert [photo.name in page for photo in photos] == [False] * 2 + [True] * 12
    assert "and 2 more photos" in page


@pytest.mark.usefixtures("no_bin")
def test_deleting_thousands_needs_one_field_and_names_none_of_what_goes_along(
    event, organizer, as_user, settings, django_assert_max_num_queries
):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    photos = [make_photo(event) for _ in range(30)]
    for photo in photos:
        make_face(photo)
    client = as_user(organizer)
    with django_assert_max_num_queries(19):
        page = act_on(client, "remove", photos[:1], select_across=1)
    assert page.context["count"] == 30
    assert "face 0" not in page.content.decode()
    press(client, remove=page.context["ids"])
    assert not Photo.objects.exists()


@pytest.mark.usefixtures("no_bin")
def test_one_photo_is_deleted_after_the_same_question(event, organizer, as_user):
    photo = make_photo(event)
    make_face(photo)
    client = as_user(organizer)
    page = client.get(reverse("admin:photos_photo_delete", args=[photo.pk]))
    assert "Delete 1 photo for good?" in page.content.decode()
    assert "face 0" not in page.content.decode()
    press(client, remove=page.context["ids"], next=page.context["back"])
    assert not Photo.objects.exists()


def test_no_more_days_are_promised_than_the_event_has(event, organizer, as_user):
    """A photo in the bin goes with its event."""
    type(event).objects.update(delete_on=timezone.localdate() + timedelta(days=8))
    photo, client = make_photo(event), as_user(organizer)
    question = client.get(reverse("admin:photos_photo_delete", args=[photo.pk])).content.decode()
    assert "in the event’s bin for 8 days" in question
    binning.put_in(Photo.objects.all(), by=organizer)
    page = client.get(reverse("admin:events_event_bin", args=[event.pk])).content.decode()
    assert "8 days left" in page


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("remove", "Nothing changed."),
        ("export", "These photos are not there any more."),
        ("change_time", "These photos are not there any more."),
    ],
)
def test_of_ticked_photos_that_a_colleague_has_binned_nothing_is_asked(
    event, organizer, as_user, action, words
):
    photos = [make_photo(event) for _ in range(2)]
    make_photo(event)  # else the list is empty, and has no actions
    binning.put_in(Photo.objects.filter(pk__in=[one.pk for one in photos]), by=organizer)
    page = act_on(as_user(organizer), action, photos)
    assert page.redirect_chain == [(reverse("admin:photos_photo_changelist"), 302)]
    assert words in page.content.decode()
