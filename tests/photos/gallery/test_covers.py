"""The photo that stands for an event."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.urls import reverse

from photos.gallery import covers
from tests.builders import make_event, make_face, make_photo

pytestmark = pytest.mark.django_db


def page_of(event):
    return reverse("admin:events_event_cover", args=[event.pk])


def cover_of(event):
    shown = covers.cover_of(event)
    return shown and shown.photo


def choose(client, event, photo_id):
    return client.post(page_of(event), {"photo": photo_id})


def test_without_a_choice_it_is_the_newest(event):
    assert cover_of(event) is None
    make_photo(event)
    newest = make_photo(event)
    assert cover_of(event) == newest


def test_without_a_choice_a_recent_one_of_a_few_people_is_taken_before_the_newest(event):
    for faces, size in [(2, {}), (3, {"width": 480, "height": 640}), (1, {}), (9, {})]:
        photo = make_photo(event, **size)
        for number in range(faces):
            make_face(photo, ordinal=number)
    assert cover_of(event) == event.photos.order_by("pk").first()


def test_home_and_desk_cut_a_cover_around_its_people(event, organizer, as_user):
    make_face(make_photo(event), left=0.6, top=0.1, width=0.1, height=0.1)
    client = as_user(organizer)
    for page in ("/", reverse("admin:index")):
        assert 'class="focus-x70 focus-y5"' in client.get(page).content.decode()


def test_every_step_of_cutting_has_its_style():
    style = (settings.ROOT / "static/photos/gallery/focus.css").read_text()
    steps = range(0, 101, covers.FOCUS_STEP)
    assert [f"{n}%" for _ in "xy" for n in steps] == re.findall(r": (\d+%);", style)


def test_the_chosen_one_is_shown_to_guests_until_it_is_hidden(event, organizer, guest, as_user):
    chosen, newest = make_photo(event), make_photo(event)
    choose(as_user(organizer), event, chosen.pk)
    preview = reverse("preview", args=[event.slug, chosen.pk])
    assert preview in as_user(guest).get("/").content.decode()
    chosen.hidden = True
    chosen.save(update_fields=["hidden"])
    assert cover_of(event) == newest


def test_the_choice_can_be_changed_and_taken_back(event, organizer, as_user):
    first, second, newest = (make_photo(event) for _ in range(3))
    client = as_user(organizer)
    for photo in (first, second):
        choose(client, event, photo.pk)
        assert cover_of(event) == photo
    choose(client, event, "")
    assert cover_of(event) == newest


@pytest.mark.parametrize("wrong", ["0", "abc", "99999999999999999999"])
def test_what_is_no_photo_is_not_found(event, organizer, as_user, wrong):
    assert choose(as_user(organizer), event, wrong).status_code == 404


def test_another_events_photo_is_not_found(event, organizer, as_user):
    foreign = make_photo(make_event())
    assert choose(as_user(organizer), event, foreign.pk).status_code == 404
