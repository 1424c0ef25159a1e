"""What of an event those see who have its join code and no account, robots of messengers too."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from events.models import Event
from photos.models import Photo
from tests.builders import make_event, make_face, make_photo

pytestmark = pytest.mark.django_db
SIZES = ["cover", "cover_large", "cover_link"]


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def photo(event):
    return make_photo(event)


def ask(event, name="cover", code="", **headers):
    address = reverse(name, args=[event.slug, code or event.join_code])
    return Client().get(address, headers=headers)


def page_of(event):
    return Client().get(event.get_join_url()).content.decode()


@pytest.mark.parametrize("name", SIZES)
def test_the_code_is_enough_and_no_session_or_cookie_is_made(event, photo, name):
    answer = ask(event, name)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert not answer.cookies
    again = ask(event, name, **{"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "changes",
    [{"closed_at": timezone.now() - timedelta(1)}, {"join_until": timezone.now() - timedelta(1)}],
)
def test_there_is_nothing_once_nobody_can_join(event, photo, changes):
    Event.objects.update(**changes)
    assert [ask(event, name).status_code for name in SIZES] == [404, 404, 404]


def test_wrong_codes_find_nothing_and_count_as_they_do_on_the_page(event, photo, limited):
    limited(wrong_link="2/m/ip+key")
    assert ask(event, code=make_event().join_code).status_code == 404
    assert ask(event, code=event.live_code).status_code == 404
    assert ask(event, code="WRONG222").status_code == 429
    assert ask(event).status_code == 200


@pytest.mark.parametrize("change", [{"hidden": True}, {"status": "processing"}, None])
def test_a_photo_that_is_hidden_or_gone_is_gone_here_too(event, photo, change):
    etag = ask(event)["ETag"]
    photos = Photo.objects.filter(pk=photo.pk)
    photos.update(**change) if change else photos.delete()
    assert [ask(event, name).status_code for name in SIZES] == [404, 404, 404]
    assert ask(event, **{"if-none-match": etag}).status_code == 404
    assert "og:image" not in page_of(event)


def test_without_the_veil_it_is_the_cover_itself(event, photo):
    veiled = ask(event)
    Event.objects.update(veiled_cover=False)
    bare = ask(event)
    assert bare.content == bytes(Photo.objects.defer(None).get().medium_data)
    assert bare["ETag"] != veiled["ETag"]
    assert max(Image.open(io.BytesIO(veiled.content)).size) < 300


def test_faces_that_are_found_later_make_it_another_picture(event, photo):
    before = ask(event)["ETag"]
    make_face(photo)
    assert ask(event)["ETag"] != before


def test_the_page_says_to_messengers_what_it_is_an_invitation_to(event, photo):
    page = page_of(event)
    said = dict(re.findall(r'<meta (?:property|name)="([a-z:]+)"\s+content="([^"]*)"', page))
    assert said["og:title"] == event.name
    assert said["og:description"].startswith(event.period)
    assert (said["og:locale"], said["twitter:card"]) == ("en_US", "summary_large_image")
    assert said["robots"] == "noindex"
    address = said["og:image"].removeprefix("http://localhost:8000")
    shown = Client().get(address)
    assert Image.open(io.BytesIO(shown.content)).size == (1200, 630)
    assert not Session.objects.exists()


def test_the_page_names_no_photo_and_no_other_address_of_the_event(event, photo):
    assert f"/photos/{photo.pk}" not in page_of(event)


def test_the_page_reads_the_cover_once(event, photo, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page_of(event)
