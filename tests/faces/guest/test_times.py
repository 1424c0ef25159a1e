"""The way to a time in galleries of a guest's own: of their photos, and for nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faces.guest import together
from photos.gallery import pages
from photos.models import Favourite
from tests.builders import NOON, consent, make_match, make_photo, make_selfie, photos_shown

pytestmark = pytest.mark.django_db

GALLERIES = ["my_photos", "favourites", "together_with"]
TIMES = dict(zip(GALLERIES, ["my_times", "favourite_times", "together_times"], strict=True))


@pytest.fixture
def partner(event, guest, other_guest):
    """Both are in photos of two hours and like them; each in another hour that is theirs alone."""
    hours = [[make_photo(event, taken_at=NOON + timedelta(hours=h, minutes=h))] for h in range(4)]
    for user, own in ((guest, 2), (other_guest, 3)):
        made = consent(user, event)
        make_selfie(user)
        together.set_sharing(user=user, event=event, shares=True)
        for photo in [*hours[0], *hours[1], *hours[own]]:
            make_match(user, photo)
            Favourite.objects.create(user=user, photo=photo)
    return made.pk


def address(name, event, partner):
    return reverse(name, args=[event.slug, partner] if "together" in name else [event.slug])


@pytest.mark.parametrize("name", GALLERIES)
def test_the_hours_are_those_of_the_guests_own_photos_and_lead_to_them(
    event, as_user, guest, partner, name
):
    client = as_user(guest)
    with CaptureQueriesContext(connection) as asked:
        shown = client.get(address(TIMES[name], event, partner))
    (day,) = shown.context["days"]
    labels = [hour.label for hour in day.hours]
    assert labels == ["16:00", "15:00", "14:00"][name == "together_with" :]
    assert not [query for query in asked if "medium_data" in query["sql"]]
    there = f"{address(name, event, partner)}?{day.hours[-1].query}"
    assert there.replace("&", "&amp;") in shown.content.decode()
    found = client.get(there).context["page"]
    assert [photo.taken_at for photo in photos_shown(found)] == [NOON]
    assert found.preceding == len(labels) - 1


@pytest.mark.parametrize("name", GALLERIES)
def test_the_way_is_there_where_a_gallery_is_long(
    event, as_user, guest, partner, name, monkeypatch
):
    client, page = as_user(guest), address(name, event, partner)
    assert 'data-opens="times"' not in client.get(page).content.decode()
    monkeypatch.setattr(pages, "LONG", 2)
    shown = client.get(page, {"order": "oldest"})
    assert f'href="{address(TIMES[name], event, partner)}?order=oldest"' in shown.content.decode()


def test_whom_one_no_longer_shares_with_has_no_times_either(
    event, as_user, guest, other_guest, stranger, partner
):
    for name in TIMES.values():
        assert as_user(stranger).get(address(name, event, partner)).status_code == 404
    together.set_sharing(user=other_guest, event=event, shares=False)
    assert as_user(guest).get(address("together_times", event, partner)).status_code == 404


def test_the_hours_that_are_kept_are_kept_for_one_guest(
    event, as_user, guest, other_guest, partner
):
    theirs = [
        [
            hour.label
            for hour in as_user(one).get(address("my_times", event, 0)).context["days"][0].hours
        ]
        for one in (guest, other_guest)
    ]
    assert theirs == [["16:00", "15:00", "14:00"], ["17:00", "15:00", "14:00"]]
