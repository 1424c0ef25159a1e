"""The slideshow: for whoever has its link, and nothing but photos."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from events.models import Event
from photos.models import Photo
from tests.builders import NOON, make_event, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(event):
    return make_photo(event)


def addresses(event, photo):
    code = [event.slug, event.live_code]
    return [
        reverse("live", args=code),
        reverse("live_slides", args=code),
        reverse("live_picture", args=[*code, photo.pk]),
    ]


def test_the_link_is_enough_and_nobody_gets_a_session_by_it(event, photo):
    client = Client()
    for address in addresses(event, photo):
        assert client.get(address).status_code == 200
    assert not client.cookies


@pytest.mark.parametrize("code", ["x", "", None])
def test_without_the_right_code_there_is_nothing_even_for_members(
    event, photo, as_user, guest, code
):
    event.live_code = event.join_code if code is None else code or "0"
    for client in (Client(), as_user(guest)):
        for address in addresses(event, photo):
            assert client.get(address).status_code == 404


def test_a_code_that_the_database_cannot_hold_is_nobodys(event):
    assert Client().get(f"/e/{event.slug}/live/a%00b/slides.json").status_code == 404


def test_the_code_opens_no_other_event_and_no_other_page(event, photo):
    other = make_event()
    theirs = make_photo(other)
    assert Client().get(reverse("live", args=[other.slug, event.live_code])).status_code == 404
    picture = reverse("live_picture", args=[event.slug, event.live_code, theirs.pk])
    assert Client().get(picture).status_code == 404
    assert Client().get(reverse("preview", args=[event.slug, photo.pk])).status_code == 302


def test_the_page_tells_nothing_of_who_is_signed_in(event, photo, as_user, organizer):
    page = as_user(organizer).get(event.get_live_url()).content.decode()
    assert event.name in page
    for secret in (organizer.name, organizer.email, event.join_code, "csrf", "/account/"):
        assert secret not in page


NOBODY_CAN_JOIN = {
    "slideshow_qr": False,
    "closed_at": NOON,
    "join_until": NOON,
}


@pytest.mark.parametrize(("field", "value"), NOBODY_CAN_JOIN.items(), ids=NOBODY_CAN_JOIN)
def test_an_open_screen_shows_the_code_only_while_it_should(event, photo, field, value):
    page, slides, _ = addresses(event, photo)
    client = Client()
    before = client.get(slides)
    code = before.json()["qr"]
    assert code.startswith("data:image/svg+xml")
    assert escape(code) in client.get(page).content.decode()
    Event.objects.update(**{field: value})
    after = client.get(slides, headers={"if-none-match": before["ETag"]})
    assert (after.status_code, after.json()["qr"]) == (200, "")
    assert "image/svg+xml;" not in client.get(page).content.decode()


def test_another_join_code_makes_another_picture(event, photo):
    slides = addresses(event, photo)[1]
    client = Client()
    before = client.get(slides)
    Event.objects.update(join_code="ANOTHERX")
    after = client.get(slides, headers={"if-none-match": before["ETag"]})
    assert after.json()["qr"] not in ("", before.json()["qr"])


def test_photographers_are_named_and_guests_are_not(event, organizer, guest):
    make_photo(event, uploader=guest)
    make_photo(event, uploader=organizer)
    page, slides, _ = addresses(event, make_photo(event, uploader=organizer))
    found = Client().get(slides).json()["slides"]
    assert [slide["by"] for slide in found] == [organizer.name, organizer.name, ""]
    assert f"Photo: {organizer.name}" in Client().get(page).content.decode()


def test_the_newest_visible_photos_come_first_and_no_others(event):
    older, newer = make_photo(event), make_photo(event)
    make_photo(event, hidden=True)
    make_photo(event, status=Photo.Status.PROCESSING)
    slides = Client().get(reverse("live_slides", args=[event.slug, event.live_code])).json()
    assert [slide["id"] for slide in slides["slides"]] == [newer.pk, older.pk]


def test_hiding_a_photo_takes_it_away_at_once(event, photo):
    page, slides, picture = addresses(event, photo)
    client = Client()
    etags = {address: client.get(address)["ETag"] for address in (slides, picture)}
    for address, etag in etags.items():
        assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    Photo.objects.update(hidden=True)
    again = client.get(slides, headers={"if-none-match": etags[slides]})
    assert again.json()["slides"] == []
    assert client.get(picture, headers={"if-none-match": etags[picture]}).status_code == 404
    assert picture not in client.get(page).content.decode()


def test_a_new_link_ends_the_old_one(event, photo, as_user, organizer):
    old = event.get_live_url()
    as_user(organizer).post(reverse("admin:events_event_rotate_live_code", args=[event.pk]))
    event.refresh_from_db()
    assert Client().get(old).status_code == 404
    assert Client().get(event.get_live_url()).status_code == 200
