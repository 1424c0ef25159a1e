"""The upload page, and the desk's limits."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Membership
from photos.models import Photo
from tests.builders import add_member, make_photo, make_user
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def upload(client, event, files):
    sent = [SimpleUploadedFile(name, data, "text/html") for name, data in files]
    return client.post(reverse("admin:photos_photo_upload", args=[event.pk]), {"photos": sent})


def test_every_uploaded_file_is_in_the_summary_once(event, organizer, as_user):
    files = [("a.jpg", picture([1])), ("b.jpg", picture([1])), ("c.jpg", b"<svg/>"), ("d.jpg", b"")]
    page = upload(as_user(organizer), event, files)
    summary = page.context["summary"]
    assert (summary.accepted, summary.known) == (["a.jpg"], ["b.jpg"])
    assert {file["name"]: file["code"] for file in summary.refused} == {
        "c.jpg": "not_an_image",
        "d.jpg": "empty",
    }
    assert Photo.objects.get().uploader == organizer


def test_a_rival_organizer_and_a_guest_cannot_open_the_upload_page(
    event, rival_organizer, guest, as_user
):
    address = reverse("admin:photos_photo_upload", args=[event.pk])
    assert as_user(rival_organizer).get(address).status_code == 404
    assert as_user(guest).get(address).status_code == 302  # to the desk's log-in


def test_a_photographer_may_upload_but_not_change_the_event(event, as_user):
    photographer = make_user("Pia", is_staff=True)
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    client = as_user(photographer)
    assert upload(client, event, [("a.jpg", picture([1]))]).status_code == 200
    assert client.get(reverse("admin:events_event_change", args=[event.pk])).status_code == 404


def test_the_desk_shows_an_organizer_the_photos_of_own_events_only(
    event, organizer, rival_organizer, as_user
):
    photo = make_photo(event)
    change = reverse("admin:photos_photo_change", args=[photo.pk])
    picture = reverse("admin:photos_photo_picture", args=[photo.pk, "thumbnail"])
    for address in (change, picture):
        assert as_user(organizer).get(address).status_code == 200
        assert as_user(rival_organizer).get(address).status_code == 404
    listed = as_user(rival_organizer).get(reverse("admin:photos_photo_changelist"))
    assert photo.name not in listed.content.decode()


def test_hiding_is_undone_by_showing(event, organizer, as_user):
    photo = make_photo(event)
    for action, hidden in [("hide", True), ("show", False)]:
        as_user(organizer).post(
            reverse("admin:photos_photo_changelist"),
            {"action": action, "_selected_action": [photo.pk]},
        )
        photo.refresh_from_db()
        assert photo.hidden is hidden


def test_all_is_offered_where_not_all_is_shown(event, organizer, as_user):
    make_photo(event)
    client, place = as_user(organizer), reverse("admin:photos_photo_changelist")
    for query, offered in [("", 0), (f"?event__id__exact={event.pk}", 0), ("?hidden__exact=0", 1)]:
        assert client.get(place + query).content.decode().count("Show all") == offered
