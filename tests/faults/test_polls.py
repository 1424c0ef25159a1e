"""What many pages ask every few seconds costs next to nothing while nothing happens."""

import pytest
from django.db import connection
from django.urls import reverse

from tests.builders import find, make_match, make_photo, make_scan
from tests.faults.reading import rows_read

pytestmark = pytest.mark.django_db

PHOTOS = 30
# Statements for the answer that nothing changed. The desk's is asked by a few organizers, and is
# put together of counts.
POLLS = {"general_news": 1, "my_news": 1, "live_slides": 1, "photos_photo_progress": 7}


@pytest.fixture
def poll(request, event, guest, organizer, as_user):
    """`poll(name)` asks as a page does that was answered before."""
    find(guest, event)
    for _ in range(PHOTOS):
        photo = make_photo(event)
        make_scan(photo, state="done")
        make_match(guest, photo)
    addresses = {
        "general_news": (guest, reverse("general_news", args=[event.slug])),
        "my_news": (guest, reverse("my_news", args=[event.slug])),
        "live_slides": (guest, reverse("live_slides", args=[event.slug, event.live_code])),
        "photos_photo_progress": (
            organizer,
            reverse("admin:photos_photo_progress", args=[event.pk]),
        ),
    }

    def ask(name):
        user, address = addresses[name]
        client = as_user(user)
        known = {"if-none-match": client.get(address)["ETag"]}
        return lambda: client.get(address, headers=known)

    return ask


@pytest.mark.parametrize("name", POLLS)
def test_a_poll_without_news_reads_no_photo_and_makes_no_page(
    poll, name, django_assert_num_queries
):
    ask = poll(name)
    with connection.cursor() as cursor:
        # PostgreSQL plans by what it knows of the rows of earlier tests, more of them in the bin.
        cursor.execute("ANALYZE photos_photo")
    before = rows_read("photos_photo")
    with django_assert_num_queries(POLLS[name]):
        answer = ask()
    assert (answer.status_code, answer.content, answer.templates) == (304, b"", [])
    assert rows_read("photos_photo") == before
