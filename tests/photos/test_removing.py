"""Photos go by one door: it says so in the log, and to whoever keeps something of them."""

import pytest
from django.urls import reverse
from django.utils import translation

from events import audit
from photos import removing
from photos.models import Photo
from photos.signals import photos_removing
from tests.builders import make_event, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard_of():
    """Ids of the photos of which receivers hear that they go, while they are still there."""
    ids = []

    def hear(sender, photo_ids, **kwargs):
        ids.extend(Photo.objects.filter(pk__in=photo_ids).values_list("pk", flat=True))

    photos_removing.connect(hear)
    yield ids
    photos_removing.disconnect(hear)


def test_a_deletion_that_breaks_off_keeps_what_it_has_not_reached(event, monkeypatch):
    monkeypatch.setattr(removing, "BATCH", 2)
    photos = [make_photo(event) for _ in range(5)]
    ids = [photo.pk for photo in photos]

    def fail_late(sender, photo_ids, **kwargs):
        if ids[2] in photo_ids:
            raise RuntimeError

    photos_removing.connect(fail_late)
    try:
        with pytest.raises(RuntimeError):
            removing.remove(ids, by=None)
    finally:
        photos_removing.disconnect(fail_late)
    assert sorted(Photo.objects.values_list("pk", flat=True)) == ids[2:]
    assert removing.remove(ids, by=None) == 3


def test_each_event_has_a_line_with_its_own_count(event, organizer):
    other = make_event()
    ids = [make_photo(place).pk for place in (event, event, other)]
    assert removing.remove(ids, by=organizer) == 3
    lines = [audit.lines(audit.entries(place)[:1])[0].what for place in (event, other)]
    counted = [line.partition(":")[0] for line in lines]
    assert counted == ["Deleted photos (2)", "Deleted photos (1)"]


@pytest.mark.parametrize(
    ("language", "what"),
    [("en", "Deleted their own photos (1)"), ("fr", "A supprimé ses propres photos (1)")],
)
def test_a_guest_who_removes_an_own_photo_is_in_the_log_and_heard_of(
    event, guest, as_user, heard_of, language, what
):
    photo = make_photo(event, uploader=guest)
    as_user(guest).post(reverse("remove_upload", args=[event.slug, photo.pk]))
    with translation.override(language):
        line = audit.lines(audit.entries(event)[:1])[0]
    assert (line.who, line.what) == (str(guest), what)
    assert heard_of == [photo.pk]
    assert not Photo.objects.exists()
