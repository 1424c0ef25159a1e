"""A gallery is answered 304 as long as it would look the same, and never longer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from faces.models import FaceMatch, NoticeRequest
from faces.notices import mailing
from photos.models import Photo
from tests.builders import (
    consent,
    make_enrollment,
    make_match,
    make_photo,
    make_scan,
    make_selfie,
)

pytestmark = pytest.mark.django_db

GALLERIES = ["general", "my_photos"]


@pytest.fixture
def photo(event, guest):
    photo = make_photo(event)
    make_match(guest, photo)
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    return photo


@pytest.fixture
def revalidate(event, photo, guest, as_user):
    """`revalidate("general")` asks as a browser does that has the page already."""
    client = as_user(guest)
    pages = {}

    def ask(name):
        address = reverse(name, args=[event.slug])
        if name not in pages:
            client.get(address)  # gives the cookie that forms go with
            pages[name] = client.get(address)["ETag"]
        answer = client.get(address, headers={"if-none-match": pages[name]})
        assert "no-cache" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        return answer

    ask.client = client
    for name in GALLERIES:
        assert ask(name).status_code == 304
    return ask


@pytest.mark.parametrize("name", GALLERIES)
def test_a_hidden_photo_is_gone_with_the_next_answer(revalidate, photo, name):
    Photo.objects.update(hidden=True)
    answer = revalidate(name)
    assert answer.status_code == 200
    assert f"photo-{photo.pk}" not in answer.content.decode()
    assert answer.context["photo_count"] == 0


@pytest.mark.parametrize("name", GALLERIES)
def test_an_added_photo_is_there_with_the_next_answer(revalidate, event, guest, name):
    added = make_photo(event)
    make_match(guest, added)
    answer = revalidate(name)
    assert answer.status_code == 200
    assert f"photo-{added.pk}" in answer.content.decode()
    assert answer.context["photo_count"] == 2


def test_a_match_marks_the_photo_in_general_with_the_next_answer(
    revalidate, event, guest, other_guest, photo
):
    other = make_photo(event)
    assert revalidate("general").context["mine"] == {photo.pk}
    make_match(guest, other)
    assert revalidate("general").context["mine"] == {photo.pk, other.pk}


@pytest.mark.parametrize(
    "change",
    [
        lambda event, guest: Event.objects.update(name="Renamed"),
        lambda event, guest: Event.objects.update(downloads="none"),
        lambda event, guest: type(guest).objects.update(name="Renamed"),
    ],
    ids=["event", "downloads", "guest"],
)
@pytest.mark.parametrize("name", GALLERIES)
def test_what_else_stands_on_the_page_counts_too(revalidate, event, guest, change, name):
    change(event, guest)
    assert revalidate(name).status_code == 200


def test_the_language_counts(revalidate):
    revalidate.client.cookies["django_language"] = "fr"
    assert revalidate("general").status_code == 200


def test_a_form_never_outlives_its_cookie(revalidate):
    revalidate.client.cookies["csrftoken"] = "x" * 32
    assert revalidate("general").status_code == 200


def test_how_far_the_machine_is_counts_in_my_photos(revalidate, event, guest, photo):
    scan = make_scan(photo)
    assert revalidate("my_photos").context["progress"].looked_at == 0
    type(scan).objects.update(state="done")
    assert revalidate("my_photos").status_code == 200  # how many people are in it is known now
    make_selfie(guest)
    assert not revalidate("my_photos").context["guest_progress"].is_enrolled


def test_another_guest_never_gets_304_for_this_ones_page(revalidate, event, other_guest, as_user):
    answer = revalidate("my_photos")
    other = as_user(other_guest)
    address = reverse("my_photos", args=[event.slug])
    again = other.get(address, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 200


@pytest.mark.parametrize(("name", "queries"), [("general", 1), ("my_photos", 1)])
def test_304_reads_no_photo_and_no_match(revalidate, name, queries):
    with CaptureQueriesContext(connection) as captured:
        assert revalidate(name).status_code == 304
    tables = " ".join(query["sql"] for query in captured)
    assert "photos_photo" not in tables
    assert "faces_facematch" not in tables
    assert len(captured) == queries


def test_notices_turned_on_count_in_my_photos(revalidate, event, guest):
    mailing.ask(user=guest, event=event)
    assert revalidate("my_photos").status_code == 200


def test_a_304_is_a_visit_too(revalidate, event, guest):
    mailing.ask(user=guest, event=event)
    etag = revalidate("my_photos")["ETag"]
    NoticeRequest.objects.update(announced_match_id=0)
    address = reverse("my_photos", args=[event.slug])
    answer = revalidate.client.get(address, headers={"if-none-match": etag})
    assert answer.status_code == 304
    assert NoticeRequest.objects.get().announced_match_id == FaceMatch.objects.get().pk


def test_a_message_is_shown_once_and_not_kept(event, guest, photo, as_user):
    client, address = as_user(guest), reverse("general", args=[event.slug])
    client.get(address)
    client.post(reverse("privacy_withdraw"), {"event": event.pk})
    shown = client.get(address)
    assert "notice" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert 'class="notice' not in client.get(address).content.decode()
