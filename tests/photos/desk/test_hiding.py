"""Hiding and showing: in bulk, undoable, for guests at once."""

import pytest
from django.urls import reverse

from tests.builders import (
    make_match,
    make_photo,
)
from tests.photos.desk.pages import act_on, hidden, press, undo_token

pytestmark = pytest.mark.django_db


def test_undo_takes_back_exactly_what_the_action_changed(event, organizer, as_user):
    before, now = make_photo(event, hidden=True), make_photo(event)
    client = as_user(organizer)
    page = act_on(client, "hide", [before, now])
    assert "1 photo is hidden from guests." in page.content.decode()
    page = press(client, undo=undo_token(page))
    assert hidden(before, now) == {before.pk: True, now.pk: False}
    assert "Undone." in page.content.decode()


def test_undo_works_once_and_only_for_the_last_action(event, organizer, as_user):
    one, two = make_photo(event), make_photo(event)
    client = as_user(organizer)
    first = undo_token(act_on(client, "hide", [one]))
    second = undo_token(act_on(client, "hide", [two]))
    assert "no longer" in press(client, undo=first).content.decode()
    assert hidden(one, two) == {one.pk: True, two.pk: True}
    assert "no longer" in press(client, undo=second).content.decode()


def test_a_hidden_photo_is_gone_for_guests_at_once(event, organizer, guest, as_user):
    photo = make_photo(event)
    make_match(guest, photo)
    addresses = [reverse("general", args=[event.slug]), reverse("my_photos", args=[event.slug])]
    pictures = [
        reverse(kind, args=[event.slug, photo.pk])
        for kind in ("thumbnail", "preview", "photo", "my_photo", "favourite_photo")
    ]
    press(as_user(organizer), hide=photo.pk)
    client = as_user(guest)
    for address in addresses:
        assert pictures[0] not in client.get(address).content.decode()
    answers = [client.get(address, follow=True).status_code for address in pictures]
    assert answers == [404] * 5
