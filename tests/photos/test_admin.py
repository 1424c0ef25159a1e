"""The desk's page of one photo, and whose photos are seen there."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from events import audit
from events.models import Membership
from photos import binning
from photos.clocks import shifting
from photos.desk import photo_list
from photos.models import Photo
from tests.builders import NOON, add_member, make_photo, make_scan
from tests.photos.desk.pages import press

pytestmark = pytest.mark.django_db


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


def test_a_form_opened_before_a_photo_was_hidden_does_not_show_it_again(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    press(client, hide=photo.pk)
    change = reverse("admin:photos_photo_change", args=[photo.pk])
    refused = client.post(change, {"taken_at_0": "6.6.2126", "taken_at_1": "12:00"})
    said = refused.context["adminform"].form.errors["taken_at"]
    assert "Please give a year from 1990" in said[0]
    client.post(change, {"taken_at_0": "2026-06-06", "taken_at_1": "12:00:00"})
    photo = Photo.objects.get(pk=photo.pk)
    assert photo.hidden
    assert photo.taken_at.astimezone(event.zone).hour == 12


def test_the_page_of_a_failed_photo_says_why_and_tries_again(event, organizer, as_user):
    photo = make_photo(event)
    scan = make_scan(photo, state="failed", failure_code="internal_error")
    client = as_user(organizer)
    page = client.get(reverse("admin:photos_photo_change", args=[photo.pk])).content.decode()
    assert "Something went wrong on our side" in page
    assert 'name="retry"' in page
    press(client, retry=photo.pk)
    scan.refresh_from_db()
    assert scan.state == "queued"
    assert audit.lines(audit.entries(event)[:1])[0].what == "Had failed photos tried again (1)"


def test_what_was_done_to_a_photo_is_read_in_its_events_log(event, organizer, as_user):
    photo = make_photo(event)
    answer = as_user(organizer).get(reverse("admin:photos_photo_history", args=[photo.pk]))
    assert answer.url == reverse("admin:events_event_history", args=[event.pk])


def form_of(client, photo):
    """What the page of a photo would send if nothing was typed."""
    page = client.get(reverse("admin:photos_photo_change", args=[photo.pk])).content.decode()
    fields = ("taken_at_0", "taken_at_1", "seen")
    tags = {name: re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0] for name in fields}
    return {
        name: re.search(r'value="([^"]*)"', tag)[1].replace("&quot;", '"')
        for name, tag in tags.items()
    }


@pytest.fixture
def dated(event, organizer):
    return make_photo(event, taken_at=NOON + timedelta(seconds=5), uploader=None)


def save(client, photo, fields, **typed):
    return client.post(
        reverse("admin:photos_photo_change", args=[photo.pk]), fields | typed, follow=True
    )


def test_a_page_that_stayed_open_keeps_the_shift_of_a_colleague(dated, organizer, as_user):
    client = as_user(organizer)
    fields = form_of(client, dated)
    shifting.shift(dated.event, Photo.objects.all(), 3600, by=organizer)
    answer = save(client, dated, fields)
    assert Photo.objects.get().taken_at == dated.taken_at + timedelta(hours=1)
    assert "Changed by somebody else meanwhile, and kept" in answer.content.decode()
    assert "photo was taken" not in audit.lines(audit.entries(dated.event)[:1])[0].what


def test_where_both_changed_the_time_the_later_is_told_and_may_save_again(
    dated, organizer, as_user
):
    client = as_user(organizer)
    fields = form_of(client, dated)
    shifting.shift(dated.event, Photo.objects.all(), 3600, by=organizer)
    refused = save(client, dated, fields, taken_at_1="18:30:07")
    form = refused.context["adminform"].form
    assert "It is now" in form.errors["taken_at"][0]
    assert ":00:05" in form.errors["taken_at"][0]
    assert Photo.objects.get().taken_at == dated.taken_at + timedelta(hours=1)
    save(client, dated, fields, taken_at_1="18:30:07", seen=form["seen"].value())
    local = Photo.objects.get().taken_at.astimezone(dated.event.zone)
    assert f"{local:%H:%M:%S}" == "18:30:07"
    what = audit.lines(audit.entries(dated.event)[:1])[0].what
    assert what == f"Changed when a photo was taken: {dated.name}"


def test_a_time_that_an_organizer_gives_is_known(event, organizer, as_user):
    photo = make_photo(event, has_capture_time=False, uploader=None)
    client = as_user(organizer)
    address = reverse("admin:photos_photo_change", args=[photo.pk])
    said = "The file does not say when it was taken"
    assert said in client.get(address).content.decode()
    save(client, photo, form_of(client, photo))
    assert not Photo.objects.get().has_capture_time
    save(client, photo, form_of(client, photo), taken_at_1="18:30")
    assert Photo.objects.get().has_capture_time
    assert said not in client.get(address).content.decode()


def test_a_page_that_stayed_open_moves_no_photo_where_the_zone_changed(dated, organizer, as_user):
    client = as_user(organizer)
    fields = form_of(client, dated)
    type(dated.event).objects.update(time_zone="Asia/Tokyo")
    save(client, dated, fields)
    assert Photo.objects.get().taken_at == dated.taken_at
    assert "photo was taken" not in audit.lines(audit.entries(dated.event)[:1])[0].what


def test_the_log_does_not_name_the_file_of_a_guest(dated, guest, organizer, as_user):
    Photo.objects.update(uploader=guest)
    client = as_user(organizer)
    save(client, dated, form_of(client, dated), taken_at_1="18:30")
    what = audit.lines(audit.entries(dated.event)[:1])[0].what
    assert what == "Changed when a photo was taken"


def test_a_photographer_reads_when_a_photo_was_taken_and_changes_nothing(dated, stranger, as_user):
    add_member(dated.event, stranger, Membership.Role.PHOTOGRAPHER)
    client = as_user(stranger)
    address = reverse("admin:photos_photo_change", args=[dated.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"taken_at_1": "18:30"}).status_code == 403


@pytest.mark.parametrize("page", ["change", "delete"])
def test_the_pages_of_a_photo_in_the_bin_lead_to_the_list(
    dated, organizer, rival_organizer, as_user, page
):
    binning.put_in(Photo.objects.all(), by=organizer)
    address = reverse(f"admin:photos_photo_{page}", args=[dated.pk])
    answer = as_user(organizer).post(address, {}, follow=True)
    assert answer.redirect_chain == [(photo_list.address_of(dated.event), 302)]
    assert "That is not there any more." in answer.content.decode()
    assert as_user(rival_organizer).post(address, {}).status_code == 404
