"""Home shows a cover of each event."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from photos.gallery import covers
from tests.builders import add_member, make_event, make_photo

pytestmark = pytest.mark.django_db


def test_a_cover_is_the_newest_visible_photo_of_its_event(event):
    make_photo(event)
    newest = make_photo(event)
    make_photo(event, hidden=True)
    other = make_event()
    theirs = make_photo(other)
    empty = make_event()
    shown = covers.covers_of([event, other, empty])
    assert {pk: one.photo for pk, one in shown.items()} == {event.pk: newest, other.pk: theirs}


def test_home_reads_all_covers_at_once(event, guest, as_user):
    events = [event, make_event(), make_event()]
    for one in events[1:]:
        add_member(one, guest)
    photos = [make_photo(one) for one in events]
    with CaptureQueriesContext(connection) as captured:
        page = as_user(guest).get(reverse("home")).content.decode()
    for one, photo in zip(events, photos, strict=True):
        assert reverse("preview", args=[one.slug, photo.pk]) in page
    assert len([q for q in captured if q["sql"].startswith('SELECT "photos_photo"')]) == 1
