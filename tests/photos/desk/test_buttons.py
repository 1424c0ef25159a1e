"""Buttons of cards: each does one thing, to own photos, and leads back."""

import pytest
from django.urls import reverse

from events import audit
from events.models import Membership
from photos import binning
from photos.models import Photo
from tests.builders import (
    add_member,
    make_photo,
)
from tests.photos.desk.pages import ACT, LIST, act_on, hidden, press, undo_token

pytestmark = pytest.mark.django_db


def test_the_buttons_of_a_card_hide_and_show(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    for button, expected in [("hide", True), ("show", False)]:
        press(client, **{button: photo.pk})
        assert hidden(photo) == {photo.pk: expected}


def test_the_events_log_tells_what_was_done_to_how_many(event, organizer, as_user):
    photos, client = [make_photo(event) for _ in range(2)], as_user(organizer)
    press(client, undo=undo_token(act_on(client, "hide", photos)))
    change = reverse("admin:photos_photo_change", args=[photos[0].pk])
    client.post(change, {"taken_at_0": "2026-06-06", "taken_at_1": "12:00:00"})
    press(client, remove=",".join(str(photo.pk) for photo in photos))
    called = ", ".join(photo.name for photo in photos)
    lines = audit.lines(audit.entries(event)[:4])
    assert [(line.who, line.what) for line in reversed(lines)] == [
        (str(organizer), "Hid photos (2)"),
        (str(organizer), "Showed photos again (2)"),
        (str(organizer), f"Changed when a photo was taken: {photos[0].name}"),
        (str(organizer), f"Put photos in the bin (2): {called}"),
    ]


def test_of_other_peoples_photos_nothing_happens(event, rival_organizer, as_user):
    photo = make_photo(event)
    client = as_user(rival_organizer)
    for button in ("hide", "show", "remove", "retry"):
        assert press(client, **{button: photo.pk}).status_code == 404
    for action in ("hide", "remove"):
        act_on(client, action, [photo])
    assert hidden(photo) == {photo.pk: False}


def test_where_one_photographs_and_elsewhere_organizes_only_the_own_are_changed(
    event, rival_organizer, as_user
):

    add_member(event, rival_organizer, Membership.Role.PHOTOGRAPHER)
    own = make_photo(rival_organizer.memberships.exclude(event=event).get().event)
    seen = make_photo(event)
    act_on(as_user(rival_organizer), "hide", [own, seen])
    assert hidden(own, seen) == {own.pk: True, seen.pk: False}


@pytest.mark.parametrize(
    "ids", ["", "x", "-1", "0", "1,2,", str(2**63), "9" * 40, "9" * 5000, "1;drop"]
)
def test_ids_that_are_none_are_not_found(event, organizer, as_user, ids):
    client = as_user(organizer)
    assert press(client, hide=ids).status_code == 404
    assert press(client, nothing=ids).status_code == 400


def test_after_a_button_one_is_back_where_one_was_and_nowhere_else(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    here = f"{reverse(LIST)}?hidden__exact=1"
    assert client.post(reverse(ACT), {"hide": photo.pk, "next": here}).url == here
    away = client.post(reverse(ACT), {"show": photo.pk, "next": "https://evil.example/"})
    assert away.url == reverse(LIST)


def test_what_a_colleague_has_put_in_the_bin_is_no_error(event, organizer, as_user):
    photo = make_photo(event)
    binning.put_in(Photo.objects.all(), by=None)
    client = as_user(organizer)
    for name in ("hide", "show", "approve", "reject"):
        assert "Nothing changed." in press(client, **{name: photo.pk}).content.decode()
    assert Photo.objects.binned().get().binned_hidden is False
