"""Newest or oldest first: as an address says, remembered by a browser, and never a stale page."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from photos.layout.order import COOKIE, DENSITY_COOKIE
from tests.builders import consent, make_enrollment, make_match, make_photo, make_selfie

pytestmark = pytest.mark.django_db

GALLERIES = ["general", "my_photos", "favourites"]
OLDEST = {"order": "oldest"}


@pytest.fixture
def photos(event, guest):
    made = [make_photo(event) for _ in range(3)]
    for photo in made:
        make_match(guest, photo)
        guest.favourites.create(photo=photo)
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    return [photo.pk for photo in made]


@pytest.fixture
def client(guest, event, photos, as_user):
    client = as_user(guest)
    client.get(reverse("general", args=[event.slug]))  # gives the cookie that forms go with
    return client


def shown(answer):
    return [int(number) for number in re.findall(r'id="photo-(\d+)"', answer.content.decode())]


@pytest.mark.parametrize("name", GALLERIES)
def test_an_order_that_was_chosen_is_remembered_for_every_gallery(client, event, photos, name):
    address = reverse(name, args=[event.slug])
    assert shown(client.get(address)) == photos[::-1]
    assert shown(client.get(address, OLDEST)) == photos
    assert client.cookies[COOKIE]["httponly"]
    for other in GALLERIES:
        assert shown(client.get(reverse(other, args=[event.slug]))) == photos
    assert shown(client.get(address, {"order": "newest"})) == photos[::-1]
    assert shown(client.get(address)) == photos[::-1]


@pytest.mark.parametrize("name", ["general", "my_photos", "general_news", "my_news"])
def test_a_page_in_another_order_or_size_is_another_page(client, event, name):
    address = reverse(name, args=[event.slug])
    known = {"if-none-match": client.get(address)["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    for cookie, value in ((COOKIE, "oldest"), (DENSITY_COOKIE, "small")):
        client.cookies[cookie] = value
        answer = client.get(address, headers=known)
        assert answer.status_code == 200
        assert "Cookie" in answer["Vary"]
        del client.cookies[cookie]


def test_a_browser_that_has_the_page_still_remembers_the_order(client, event):
    address = reverse("general", args=[event.slug])
    known = {"if-none-match": client.get(address, OLDEST)["ETag"]}
    client.get(address, {"order": "newest"})
    assert client.get(address, OLDEST, headers=known).status_code == 304
    assert client.cookies[COOKIE].value == "oldest"


def test_what_scripts_fetch_is_remembered_by_nobody(client, event):
    client.get(reverse("general", args=[event.slug]), OLDEST, headers={"sec-fetch-dest": "empty"})
    assert COOKIE not in client.cookies


def test_a_page_goes_on_in_its_order_whatever_is_chosen_elsewhere(
    client, event, photos, monkeypatch
):
    monkeypatch.setattr("photos.gallery.paging.PAGE_SIZE", 2)
    address = reverse("general", args=[event.slug])
    following = client.get(address, OLDEST).context["page"].following
    client.get(address, {"order": "newest"})
    second = client.get(address + following)
    assert shown(second) == photos[2:]
    assert shown(client.get(address + second.context["page"].previous)) == photos[:2]


def test_news_of_a_gallery_that_begins_with_the_oldest_are_at_its_end(client, event, photos):
    page = client.get(reverse("general_news", args=[event.slug]), OLDEST | {"shown": "1"})
    assert "2 new photos at the end" in page.content.decode()
    address = re.search('class="news-pill" href="(.*?)#end"', page.content.decode())[1]
    end = client.get(address.replace("&amp;", "&"))
    assert shown(end) == photos
    assert end.context["page"].following is None


def test_a_time_leads_to_where_its_hour_begins_in_that_order(client, event, photos):
    times = client.get(reverse("times", args=[event.slug]), OLDEST)
    (hour,) = times.context["days"][0].hours
    general = reverse("general", args=[event.slug])
    assert shown(client.get(f"{general}?{hour.query}")) == photos


def test_a_photos_page_leads_on_in_the_order_that_is_remembered(client, event, photos):
    client.get(reverse("general", args=[event.slug]), OLDEST)
    context = client.get(reverse("photo", args=[event.slug, photos[1]])).context
    assert f"/{photos[0]}/" in context["previous_url"]
    assert f"/{photos[2]}/" in context["following_url"]


@pytest.mark.parametrize("said", ["", "x", "NEWEST", "oldest'"])
def test_an_order_that_is_none_is_the_newest_first(client, event, photos, said):
    client.cookies[COOKIE] = said
    address = reverse("general", args=[event.slug])
    assert shown(client.get(address, {"order": said})) == photos[::-1]


def test_outsiders_get_404_in_any_order(event, photos, as_user, stranger):
    for name in GALLERIES:
        address = reverse(name, args=[event.slug])
        assert as_user(stranger).get(address, OLDEST).status_code == 404
        assert Client().get(address, OLDEST).status_code == 302
