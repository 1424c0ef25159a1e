"""What pictures are called counts the people in them, and names none."""

import re

import pytest
from django.urls import reverse

from faces.index.models import EventIndex
from faces.models import PhotoScan
from tests.builders import consent, make_match, make_photo, make_scan, make_selfie


@pytest.fixture
def own(event, guest, other_guest):
    photo = make_photo(event)
    make_scan(photo, state=PhotoScan.State.DONE, face_count=4)
    make_match(guest, photo)
    consent(guest, event)
    make_selfie(guest)
    make_match(other_guest, photo)
    return photo


def called(client, name, *args):
    page = client.get(reverse(name, args=args)).content.decode()
    return re.findall('alt="(Photo, .*?)"', page)


def test_galleries_and_the_page_of_a_photo_call_it_the_same(event, as_user, guest, own):
    other = make_photo(event)
    make_scan(other, state=PhotoScan.State.QUEUED, face_count=3)
    make_scan(own, index_name="another", state=PhotoScan.State.DONE, face_count=9)
    client, slug = as_user(guest), event.slug
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    mine, theirs = (
        f"Photo, samedi 20 juin, {photo.taken_at.astimezone(event.zone):%H:%M}"
        for photo in (own, other)
    )
    mine += ", vous y êtes, 4 personnes"
    assert called(client, "general", slug) == [theirs, mine]
    assert called(client, "my_photos", slug) == called(client, "my_photo", slug, own.pk) == [mine]
    assert called(client, "photo", slug, other.pk) == [theirs]


def test_a_photo_that_was_looked_at_is_called_so_in_a_page_that_a_browser_has(
    event, as_user, guest
):
    scan = make_scan(make_photo(event), state=PhotoScan.State.QUEUED, face_count=3)
    client, address = as_user(guest), reverse("general", args=[event.slug])
    client.get(address)  # the cookie of its forms
    before, news = (client.get(one).headers["ETag"] for one in (address, f"{address}news/"))
    PhotoScan.objects.filter(pk=scan.pk).update(claimed_at=None)
    known = client.get(address, headers={"if-none-match": before})
    PhotoScan.objects.filter(pk=scan.pk).update(state=PhotoScan.State.DONE)
    seen = client.get(address, headers={"if-none-match": before})
    assert (known.status_code, seen.status_code) == (304, 200)
    assert "3 people" in seen.content.decode()
    assert client.get(f"{address}news/").headers["ETag"] == news  # it counts photos
    EventIndex.objects.filter(name=scan.index_name).update(state=EventIndex.State.RETIRED)
    assert client.get(address).headers["ETag"] not in {before, seen.headers["ETag"]}
