"""The bin: nobody sees what is in it; it comes back as it was, and goes when its days are over."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events import audit
from events.models import Event
from faces.desk import figures
from faces.finding import progress, reindexing
from faces.index.indexes import index_of
from faces.models import PhotoScan
from faces.notices import mailing
from photos import binning, removing
from photos.desk import hide_requests as answers
from photos.gallery import covers, hide_requests
from photos.intake import guest_upload
from photos.models import Cover, Photo
from photos.signals import photos_removing
from tests.builders import consent, make_match, make_photo, make_scan

pytestmark = pytest.mark.django_db


def put_in(*photos, by=None):
    return binning.put_in(Photo.objects.filter(pk__in=[photo.pk for photo in photos]), by=by)


def restore(*photos, by=None):
    return binning.restore(Photo.objects.filter(pk__in=[photo.pk for photo in photos]), by=by)


def last_line(event):
    return audit.lines(audit.entries(event)[:1])[0].what


def long_ago(photo, days=30):
    Photo.objects.filter(pk=photo.pk).update(binned_at=timezone.now() - timedelta(days=days))


def test_photos_come_back_hidden_or_not_as_they_were(event, organizer):
    shown, hidden = make_photo(event), make_photo(event, hidden=True)
    assert put_in(shown, hidden, by=organizer) == [shown.pk, hidden.pk]
    assert put_in(shown) == []
    assert set(Photo.objects.values_list("hidden", flat=True)) == {True}
    assert restore(shown, hidden) == [shown.pk, hidden.pk]
    rows = Photo.objects.order_by("pk").values_list("hidden", "binned_at", "binned_hidden")
    assert list(rows) == [(False, None, False), (True, None, False)]
    said = f"Restored photos from the bin (2): {shown.name}, {hidden.name}"
    assert last_line(event) == said


def test_the_log_names_the_first_but_no_guests_file(event, organizer, guest):
    photos = [make_photo(event, uploader=organizer) for _ in range(7)]
    own = make_photo(event, uploader=guest, name="Gina Rossi.jpg")
    put_in(*photos, own, by=organizer)
    names = ", ".join(photo.name for photo in photos[:5])
    assert last_line(event) == f"Put photos in the bin (8): {names} and 3 more"
    guest_upload.part_with_all(organizer)
    assert last_line(event) == "Put photos in the bin (8)"


def test_a_photo_in_the_bin_is_nowhere_for_a_guest(event, guest, organizer, as_user):
    Event.objects.update(guest_uploads=True)
    photo = make_photo(event, uploader=guest, moderation="rejected", hidden=True)
    make_match(guest, photo)
    kinds = ("thumbnail", "medium", "preview", "original", "photo", "my_photo", "download")
    pictures = [reverse(kind, args=[event.slug, photo.pk]) for kind in kinds]
    put_in(photo)
    for client in (as_user(guest), as_user(organizer)):
        assert [client.get(each, follow=True).status_code for each in pictures] == [404] * 7
    page = as_user(guest).get(reverse("uploads", args=[event.slug])).content.decode()
    assert "Photos you added" not in page
    assert guest_upload.left(event, guest) == event.guest_upload_quota


def test_it_counts_nowhere_at_the_desk(event, guest):
    photo, other = make_photo(event), make_photo(event)
    for each in (photo, other):
        make_scan(each)
        make_match(guest, each)
    hide_requests.ask(photo=photo, user=guest)
    Cover.objects.create(event=event, photo=photo)
    put_in(photo)
    counts = {total.name: total.count for total in figures.totals(event)}
    assert (counts["photos"], counts["matches"]) == (1, 1)
    assert progress.of_event(event).total == 1
    assert answers.waiting_count(event) == 0
    found = covers.cover_of(event)
    assert found
    assert found.photo.pk == other.pk
    restore(photo)
    assert answers.waiting_count(event) == 1


def test_what_is_taken_back_in_the_bin_stays_out_of_sight_until_it_comes_out(event, guest):
    photo = make_photo(event)
    hide_requests.ask(photo=photo, user=guest)
    put_in(photo)
    assert hide_requests.take_back(event=event, photo_id=photo.pk, user=guest)
    photo.refresh_from_db()
    assert photo.hidden
    restore(photo)
    photo.refresh_from_db()
    assert not photo.hidden


def test_no_letter_tells_of_what_is_in_the_bin(event, guest):
    Event.objects.update(ends_on=timezone.localdate())
    consent(guest, event)
    request = mailing.ask(user=guest, event=event)
    photo = make_photo(event)
    make_match(guest, photo)
    put_in(photo)
    assert not mailing.send(request.pk)
    restore(photo)
    Event.objects.update(binned_at=timezone.now())
    assert not mailing.send(request.pk)
    Event.objects.update(binned_at=None)
    assert mailing.send(request.pk)


def test_an_index_that_was_built_meanwhile_looks_at_what_comes_out(event):
    photo = make_photo(event)
    put_in(photo)
    name = index_of(event).name
    assert reindexing.queue_missing_scans(event, name) == 0
    restore(photo)
    assert PhotoScan.objects.get().photo == photo


def test_when_its_days_are_over_a_photo_goes(event, settings):
    over, not_yet = make_photo(event), make_photo(event)
    put_in(over, not_yet)
    long_ago(over)
    long_ago(not_yet, 29)
    assert binning.sweep() == 1
    assert list(Photo.objects.all()) == [not_yet]
    said = f"Emptied the bin of photos whose days were over (1): {over.name}"
    assert last_line(event) == said
    settings.BIN_DAYS = 0
    assert binning.sweep() == 1


def test_what_somebody_takes_out_just_now_stays(event):
    photo = make_photo(event)
    put_in(photo)
    long_ago(photo)

    def take_out(sender, photo_ids, **kwargs):
        restore(photo)

    photos_removing.connect(take_out)
    try:
        assert binning.sweep() == 0
    finally:
        photos_removing.disconnect(take_out)
    assert Photo.objects.kept().get() == photo


def test_a_guest_erases_at_once_and_out_of_the_bin_too(event, guest, as_user):
    one, other = (make_photo(event, uploader=guest) for _ in range(2))
    put_in(one, other)
    as_user(guest).post(reverse("remove_upload", args=[event.slug, one.pk]))
    assert list(Photo.objects.all()) == [other]
    Event.objects.update(binned_at=timezone.now())
    assert guest_upload.remove_all(guest) == 1
    assert not Photo.objects.exists()


def test_names_are_forgotten_with_the_event(event, organizer):
    put_in(make_photo(event, name="secret.jpg"), by=organizer)
    assert "secret.jpg" in last_line(event)
    removing.remove_batch(list(Photo.objects.values_list("pk", flat=True)))
    log = list(audit.entries(event))
    event.delete()
    for row in log:
        row.refresh_from_db()
    assert "secret.jpg" not in str([row.additional_data for row in log])
