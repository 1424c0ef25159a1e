"""Requests under way while what they rest on is deleted."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.desk import roles
from events.models import Event, Membership
from faces.privacy import withdrawal
from photos.gallery import favourites
from photos.intake import guest_upload
from photos.models import Favourite, Photo
from tests.builders import add_member, image_bytes, make_photo, make_user

# Foreign keys are checked at the commit, which a test's own transaction never reaches.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(owner, name, what)`: something happens just before a function runs."""

    def prepare(owner, name, what):
        function = getattr(owner, name)

        def later(*args, **kwargs):
            what()
            return function(*args, **kwargs)

        monkeypatch.setattr(owner, name, later)

    return prepare


def mark(client, event, photo):
    address = reverse("mark_favourites", args=[event.slug])
    return client.post(address, {"photos": photo.pk}, HTTP_ACCEPT="application/json")


def test_a_photo_deleted_meanwhile_is_not_found(event, guest, as_user, meanwhile, caplog):
    photo = make_photo(event)
    meanwhile(favourites, "still_theirs", lambda: Photo.objects.all().delete())
    assert mark(as_user(guest), event, photo).status_code == 404
    assert "gone_meanwhile code=row" in caplog.text


def test_an_account_deleted_meanwhile_is_signed_out(event, guest, as_user, meanwhile):
    photo = make_photo(event)
    client = as_user(guest)
    meanwhile(favourites, "still_theirs", lambda: withdrawal.delete_account(guest))
    assert mark(client, event, photo).headers["Location"] == reverse("home")
    assert "sessionid" not in client.cookies or not client.cookies["sessionid"].value


def test_an_account_deleted_twice_at_once_is_deleted_once(guest, as_user, meanwhile):
    client = as_user(guest)
    delete = withdrawal.delete_account
    meanwhile(withdrawal, "delete_account", lambda: delete(guest))
    assert client.post(reverse("delete_account")).headers["Location"] == reverse("home")


def test_who_leaves_during_an_upload_is_told(event, guest, as_user, meanwhile):
    Event.objects.update(guest_uploads=True)
    own = Membership.objects.filter(user=guest)
    meanwhile(guest_upload, "add", own.delete)
    file = SimpleUploadedFile("a.jpg", image_bytes(), "image/jpeg")
    answer = as_user(guest).post(reverse("uploads", args=[event.slug]), {"photos": [file]})
    assert "You are no longer a guest of this event." in answer.content.decode()
    assert not Photo.objects.exists()


def test_a_guest_removed_by_two_organizers_at_once_is_not_found_by_the_second(
    event, organizer, as_user, meanwhile
):
    membership = add_member(event, make_user("Leaver"))
    meanwhile(roles, "change_role", Membership.objects.filter(pk=membership.pk).delete)
    address = reverse("admin:events_event_guest_role", args=[event.pk, membership.pk])
    assert as_user(organizer).post(address, {"role": "photographer"}).status_code == 404


def test_other_errors_stay_errors(event, guest, as_user, meanwhile):
    def fail():
        raise RuntimeError("a bug")

    meanwhile(type(Favourite.objects), "bulk_create", fail)
    with pytest.raises(RuntimeError):
        mark(as_user(guest), event, make_photo(event))
