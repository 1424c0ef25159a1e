"""What the viewer says below photos: when, and by whom."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from events.models import Membership
from photos.audience import ALL
from photos.gallery import timeline
from photos.models import Photo
from tests.builders import add_member, make_photo, make_user

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 28, 18, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("en", "Sat 28 Nov, 19:32"),
        ("fr", "Sam. 28 nov. à 19:32"),
    ],
)
def test_a_photos_time_is_the_events_in_the_language_of_the_page(event, language, when):
    photo = make_photo(event, taken_at=EVENING)
    with timezone.override(ZoneInfo("Europe/Paris")), translation.override(language):
        said = timeline.captions(event, [photo], ALL)
    assert said["photos"][str(photo.pk)] == (when, "")


@pytest.mark.parametrize(
    ("language", "brief", "full"),
    [
        ("en", "Added Sat 28 Nov, 19:32", "Photo, added Saturday 28 November, 19:32"),
        ("fr", "Ajoutée sam. 28 nov. à 19:32", "Photo, ajoutée samedi 28 novembre, 19:32"),
    ],
)
def test_of_a_photo_without_a_capture_time_it_is_said_when_it_was_added(
    event, guest, as_user, language, brief, full
):
    photo = make_photo(event, taken_at=EVENING, has_capture_time=False)
    with timezone.override(ZoneInfo("Europe/Paris")), translation.override(language):
        said = timeline.captions(event, [photo], ALL)
    assert said["photos"][str(photo.pk)] == (brief, "")
    client = as_user(guest)
    client.cookies["django_language"] = language
    for name, args in (("general", [event.slug]), ("photo", [event.slug, photo.pk])):
        page = client.get(reverse(name, args=args)).content.decode()
        assert full in page
        assert brief in page.encode().decode("unicode_escape") or brief in page


def test_photographers_are_named_and_guests_are_not(event, guest, as_user):
    anna = make_user("Annalind")
    add_member(event, anna, role=Membership.Role.PHOTOGRAPHER)
    hers, theirs = make_photo(event, uploader=anna), make_photo(event, uploader=guest)
    said = timeline.captions(event, Photo.objects.in_event(event).shown(), ALL)
    assert said["names"] == {str(anna.pk): "Annalind"}
    assert said["photos"][str(hers.pk)][1] == str(anna.pk)
    assert said["photos"][str(theirs.pk)][1] == ""
    for name in ("general", "photo"):
        args = [event.slug, *([hers.pk] if name == "photo" else [])]
        assert "Annalind" in as_user(guest).get(reverse(name, args=args)).content.decode()
