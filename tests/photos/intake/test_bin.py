"""What is sent again while it is in the bin comes out of it, and is told as new."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from photos import binning
from photos.intake import guest_upload, ingest
from photos.intake.ingest import UploadNotAllowed
from photos.intake.outcomes import Outcome
from photos.models import Photo
from tests.builders import image_bytes

pytestmark = pytest.mark.django_db
DATA = image_bytes()


@pytest.fixture
def binned(event, guest):
    photo = ingest.ingest(event=event, data=DATA, name="a.jpg", uploader=guest).photo
    binning.put_in(Photo.objects.all(), by=None)
    return photo


def test_the_desk_takes_it_out_and_counts_it_as_accepted(event, binned, organizer):
    assert not ingest.look(event, DATA, "b.jpg").is_known
    taken = ingest.ingest(event=event, data=DATA, name="b.jpg", uploader=organizer)
    assert (taken.photo, taken.outcome, taken.is_new) == (binned, Outcome.ACCEPTED, False)
    assert Photo.objects.kept().get() == binned
    again = ingest.ingest(event=event, data=DATA, name="b.jpg", uploader=organizer)
    assert again.outcome == Outcome.KNOWN


def test_the_uploads_page_asks_for_it_again(event, binned, organizer, as_user):
    client = as_user(organizer)
    known = reverse("admin:photos_photo_known", args=[event.pk])
    asked = {"data": {"sha256": [binned.sha256]}, "content_type": "application/json"}
    assert client.post(known, **asked).json()["known"] == []
    form = {"photos": SimpleUploadedFile("a.jpg", DATA, "image/jpeg")}
    page = client.post(reverse("admin:photos_photo_upload", args=[event.pk]), form)
    assert page.context["summary"].accepted == ["a.jpg"]
    assert client.post(known, **asked).json()["known"] == [binned.sha256]


def test_a_guest_does_not_take_out_what_an_organizer_deleted(event, binned, guest):
    taken = guest_upload.add(event=event, user=guest, data=DATA, name="a.jpg")
    assert taken.outcome == Outcome.KNOWN
    assert Photo.objects.binned().get() == binned


def test_an_event_that_is_in_the_bin_by_now_takes_nothing(event, organizer):
    Event.objects.update(binned_at=timezone.now())
    with pytest.raises(UploadNotAllowed) as refused:
        ingest.ingest(event=event, data=DATA, name="a.jpg", uploader=organizer)
    assert refused.value.code == "unknown_event"
    assert not Photo.objects.exists()
