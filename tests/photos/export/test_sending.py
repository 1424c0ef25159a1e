"""Archives on their way: how many at once, and whose place is taken by whom."""

from __future__ import annotations

import gc
from unittest import mock

import pytest
from pytest_django.asserts import assertContains

from findme.refusals import words_of
from photos.delivery.outgoing import Busy
from photos.export import sending
from tests.builders import make_photo
from tests.photos.export.pages import CHOICE, address, links

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user, organizer):
    return as_user(organizer)


@pytest.fixture
def two_places(monkeypatch):
    """So many archives at once, and as many to one person."""
    found = sending.Places(2, 2)
    monkeypatch.setattr(sending, "places", found)
    return found


def of_somebody(user_id, digest="another"):
    return sending.Place(user_id, digest, mock.Mock(spec=["end"]))


def test_who_finds_no_place_reads_so_beside_the_links(client, event, two_places):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    for user_id in (0, -1):
        two_places.take(of_somebody(user_id))
    answer = client.get(link)
    assertContains(answer, words_of("export_busy"), status_code=503)
    assert answer["Retry-After"]
    assert links(answer) == [link]
    assertContains(answer, f'action="{address(event)}"', status_code=503)


def test_what_nobody_reads_gives_its_place_back(client, event, two_places):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    for _ in range(3):
        assert client.get(link).status_code == 200
        gc.collect()
    assert client.get(link).getvalue()


def test_who_asks_again_gets_the_place_of_their_own_older_sending(client, event, two_places):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    first = client.get(link)
    begun = iter(first.streaming_content)
    assert next(begun)
    two_places.take(of_somebody(0))
    resumed = client.get(link, headers={"Range": "bytes=10-"})
    assert resumed.status_code == 206
    assert list(begun) == []
    assert resumed.getvalue()


def test_another_archive_of_theirs_ends_nothing(two_places):
    places = [of_somebody(1, "part 1"), of_somebody(1, "part 2")]
    for place in places:
        two_places.take(place)
    with pytest.raises(Busy):
        two_places.take(of_somebody(1, "part 3"))
    two_places.take(of_somebody(1, "part 2"))
    assert [place.connection.end.called for place in places] == [False, True]
