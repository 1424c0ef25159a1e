"""Archives that have to wait for others: nobody is refused, nobody overtaken."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from findme import space
from photos.delivery import bundles, turns
from photos.delivery.outgoing import Room
from photos.models import ArchiveTurn, Photo
from tests.builders import add_member, make_photo, make_user
from tests.photos.delivery.answers import address, archive, content, ids_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(monkeypatch):
    """For one archive at a time."""
    monkeypatch.setattr(bundles, "_room", Room(1))


@pytest.fixture
def photos(event):
    return [make_photo(event).pk for _ in range(3)]


@pytest.fixture
def under_way(room, event, photos, as_user, guest):
    """Another guest's archive, until its `content` is read."""
    return as_user(guest).post(address("download_selection", event), {"photo": photos})


@pytest.fixture
def another(event, as_user):
    """Of a guest more."""

    def make():
        add_member(event, user := make_user())
        return as_user(user)

    return make


def wait(client, event, photos):
    """Ask for an archive that has to wait. Returns where its page is."""
    answer = client.post(address("download_selection", event), {"photo": photos})
    assert answer.status_code == 302
    return answer.url


def asked_next(page):
    """The address that the page asks by itself."""
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    found = re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', page.content.decode())
    return unescape(found[1])


def test_five_beyond_the_room_each_end_with_their_zip_in_the_order_in_which_they_came(
    event, under_way, another, photos
):
    waiting = [(client := another(), wait(client, event, photos[:2])) for _ in range(5)]
    pages = [(client, asked_next(client.get(url))) for client, url in waiting]
    content(under_way)
    for served in range(5):
        for client, url in pages[:served:-1]:  # whoever came later asks sooner
            asked_next(client.get(url))
        client, url = pages[served]
        assert ids_in(archive(client.get(url))) == photos[:2]
    assert not ArchiveTurn.objects.exists()


def test_who_comes_later_does_not_overtake_even_where_there_is_room(
    event, under_way, another, photos
):
    first, second = another(), another()
    url = wait(first, event, photos)
    content(under_way)
    later = wait(second, event, photos)
    assertContains(second.get(later), "One guest came before you.")
    archive(first.get(url))
    archive(second.get(later))


def test_whoever_has_gone_keeps_up_nobody_and_has_the_old_place_when_they_return(
    event, under_way, another, photos
):
    gone, there = another(), another()
    url, other = wait(gone, event, photos), wait(there, event, photos)
    there.get(other)
    ArchiveTurn.objects.filter(pk=ArchiveTurn.objects.earliest("pk").pk).update(
        waits_until=timezone.now() - timedelta(seconds=1)
    )
    turns.sweep()
    assert ArchiveTurn.objects.count() == 1
    assert "came before you" not in there.get(other).content.decode()
    gone.get(url)
    content(under_way)
    asked_next(there.get(other))
    archive(gone.get(url))


def test_a_page_that_waits_is_its_guest_s_alone(event, under_way, another, photos, as_user, client):
    mine = another()
    url = wait(mine, event, photos)
    assertRedirects(another().get(url), event.get_absolute_url())
    assertRedirects(mine.get(url + "x"), event.get_absolute_url())
    assert as_user(make_user()).get(url).status_code == 404
    assert client.get(url).url.startswith(reverse("account_request_login_code"))
    assert mine.get(url.replace(f"/{event.slug}/", "/elsewhere/")).status_code == 404


def test_what_was_hidden_or_forbidden_while_it_waited_does_not_leave(
    event, under_way, another, photos
):
    client = another()
    url = wait(client, event, photos)
    content(under_way)
    Photo.objects.filter(pk=photos[0]).update(hidden=True)
    assert ids_in(archive(client.get(url))) == photos[1:]
    type(event).objects.update(downloads="none")
    assert client.get(url).status_code == 403
    Photo.objects.update(hidden=True)
    type(event).objects.update(downloads="web")
    assert client.get(url).status_code == 404


def test_a_disk_that_others_fill_is_waited_for_and_one_that_stays_full_is_said(
    event, photos, another, as_user, guest, monkeypatch
):
    monkeypatch.setattr(bundles, "_room", Room(2))
    data = {"photo": photos}
    under_way = as_user(guest).post(address("download_selection", event), data)
    monkeypatch.setattr(space, "takes_temporarily", lambda amount: False)
    client = another()
    url = wait(client, event, photos)
    asked_next(client.get(url))
    content(under_way)
    assert client.get(url).status_code == 503


def test_a_selection_of_thousands_fits_an_address(event, guest):
    numbers = [*range(10_000, 40_000, 7), 123_456_789]
    wish = turns.Wish(1, numbers, turns.Size.WEB, "name")
    assert len(wish.address(event, guest)) < 4_000
