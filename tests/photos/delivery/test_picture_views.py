"""A photo's pictures: who gets which, typed and kept privately, and what each costs."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageCms

from events.desk import guard
from events.entrance import proof
from events.models import Event
from photos.imaging import images
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import image_bytes, make_photo
from tests.events.second_factors import give_app

pytestmark = pytest.mark.django_db

# What browsers say where they ask for a picture: Chromium, and Safari 13.
NEW = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
OLD = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PICTURES = ["thumbnail", "medium", "preview", "original"]


@pytest.fixture
def photo(event):
    return make_photo(event)


def test_a_hidden_photo_is_gone_for_guests_at_once_and_there_for_organizers(
    event, photo, as_user, guest, organizer
):
    address = reverse("thumbnail", args=[event.slug, photo.pk])
    assert as_user(guest).get(address).status_code == 200
    Photo.objects.update(hidden=True)
    assert as_user(guest).get(address).status_code == 404
    assert as_user(organizer).get(address).status_code == 200


def has_a_factor(organizer, client, settings):
    give_app(organizer)


def wants_a_factor(organizer, client, settings):
    settings.DESK_SECOND_FACTOR = "required"


def was_idle(organizer, client, settings):
    session = client.session
    long_ago = (timezone.now() - guard.IDLE).isoformat()
    session[guard.SEEN_AT] = session[proof.PROVEN_AT] = long_ago
    session.save()


@pytest.mark.parametrize("is_locked", [has_a_factor, wants_a_factor, was_idle])
def test_what_organizers_alone_see_is_behind_what_the_desk_asks(
    event, photo, as_user, organizer, settings, is_locked
):
    client = as_user(organizer)
    Photo.objects.update(hidden=True)
    addresses = {name: reverse(name, args=[event.slug, photo.pk]) for name in PICTURES}
    assert {client.get(address).status_code for address in addresses.values()} == {200}
    is_locked(organizer, client, settings)
    answers = {name: client.get(address).status_code for name, address in addresses.items()}
    assert answers == dict.fromkeys(PICTURES, 404) | {"original": 302}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_served_privately_and_never_sniffed(
    event, photo, as_user, guest, organizer, name
):
    user = organizer if name == "original" else guest
    response = as_user(user).get(reverse(name, args=[event.slug, photo.pk]))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert int(response["Content-Length"]) == len(response.getvalue())


def test_a_picture_that_the_browser_has_is_not_read_again(event, photo, as_user, guest):
    client, address = as_user(guest), reverse("thumbnail", args=[event.slug, photo.pk])
    etag = client.get(address)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        again = client.get(address, headers={"if-none-match": etag})
    assert again.status_code == 304
    assert len(captured) == 1
    assert "false" in captured[0]["sql"]  # of the bytes


@pytest.mark.parametrize("kind", ["thumbnail", "medium"])
def test_a_picture_is_a_jpeg_for_browsers_without_webp_and_no_copy_of_the_other(
    event, as_user, guest, kind
):
    webp = images.to_webp(images.decode(image_bytes(icc_profile=SRGB), min_side=None), 80, method=0)
    photo = make_photo(event, name="A.png", **{f"{kind}_data": webp})
    client, address = as_user(guest), reverse(kind, args=[event.slug, photo.pk])
    seen = {accept: client.get(address, headers={"accept": accept}) for accept in (NEW, OLD)}
    assert seen[NEW].content == webp
    for accept, suffix in ((NEW, "webp"), (OLD, "jpg")):
        answer, shown = seen[accept], Image.open(io.BytesIO(seen[accept].content))
        assert answer["Content-Type"] == Image.MIME[shown.format]
        assert answer["Content-Disposition"] == f'inline; filename="A.{suffix}"'
        assert shown.info["icc_profile"] == SRGB
        known = {"accept": accept, "if-none-match": answer["ETag"]}
        again = client.get(address, headers=known)
        other = client.get(address, headers=known | {"accept": OLD if accept == NEW else NEW})
        assert (again.status_code, other.status_code) == (304, 200)
        assert all("Accept," in f"{one['Vary']}," for one in (answer, again))


def test_a_photo_of_before_is_sent_as_the_jpeg_that_it_is(event, photo, as_user, guest):
    address = reverse("thumbnail", args=[event.slug, photo.pk])
    for accept in (NEW, OLD):
        answer = as_user(guest).get(address, headers={"accept": accept})
        assert (answer["Content-Type"], answer.content) == ("image/jpeg", photo.thumbnail_data)


def test_the_type_of_an_original_comes_from_its_bytes(event, as_user, organizer):
    data = image_bytes(kind="PNG")
    photo = ingest(event=event, data=data, name="evil.html", uploader=None).photo
    response = as_user(organizer).get(reverse("original", args=[event.slug, photo.pk]))
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("downloads", "status"), [("none", 403), ("web", 200), ("original", 200)])
def test_originals_are_for_organizers_and_what_guests_take_home_is_at_one_address(
    event, photo, as_user, guest, organizer, downloads, status
):
    Event.objects.update(downloads=downloads)
    original = reverse("original", args=[event.slug, photo.pk])
    to_guest = as_user(guest).get(original)
    assert (to_guest.status_code, bool(to_guest.getvalue())) == (404, True)
    assert as_user(organizer).get(original).status_code == 200
    taken_home = as_user(guest).get(reverse("download", args=[event.slug, photo.pk]))
    assert (taken_home.status_code, bool(taken_home.getvalue())) == (status, True)


def test_a_thumbnail_is_one_query_with_session_and_user(
    as_user, event, guest, photo, django_assert_num_queries
):
    client, address = as_user(guest), reverse("thumbnail", args=[event.slug, photo.pk])
    with django_assert_num_queries(1):
        assert client.get(address).content == bytes(photo.thumbnail_data)
