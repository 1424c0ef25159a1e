"""Who does not want a photo shown asks with one tap; how much is hidden at once is bounded."""

import pytest
from django.urls import reverse

from events.models import Event
from photos.desk import curating
from photos.gallery import hide_requests
from photos.models import HideRequest, Photo
from tests.builders import add_member, make_photo, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(event):
    return make_photo(event)


def address(name, photo):
    return reverse(name, args=[photo.event.slug, photo.pk])


def is_hidden(photo):
    return Photo.objects.get(pk=photo.pk).hidden


def test_outsiders_get_404_and_change_nothing(photo, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        for name in ("ask_to_hide", "take_hiding_back"):
            assert as_user(user).post(address(name, photo), {"fragment": 1}).status_code == 404
    assert not is_hidden(photo)
    assert not HideRequest.objects.exists()


def test_a_hidden_photo_that_was_not_asked_about_does_not_exist(event, as_user, guest):
    hidden = make_photo(event, hidden=True)
    assert as_user(guest).post(address("ask_to_hide", hidden)).status_code == 404


def test_one_tap_hides_it_at_once_from_everybody(photo, as_user, guest, other_guest):
    client = as_user(guest)
    assert "I don’t want this photo shown" in client.get(photo.get_absolute_url()).content.decode()
    favourites = reverse("favourites", args=[photo.event.slug])
    page = client.post(address("ask_to_hide", photo), {"gallery": favourites}, follow=True)
    assert page.redirect_chain[-1][0] == favourites
    assert "is hidden from everybody" in page.content.decode()
    assert as_user(other_guest).get(photo.get_absolute_url()).status_code == 404
    code = [photo.event.slug, photo.event.live_code]
    assert client.get(reverse("live_slides", args=code)).json()["slides"] == []


def test_where_the_event_says_so_it_stays_visible_until_the_organizer_decides(
    photo, as_user, guest
):
    Event.objects.update(hide_on_request=False)
    client, asked = as_user(guest), {"words": "Please"}
    page = client.post(address("ask_to_hide", photo), asked, follow=True)
    assert page.redirect_chain[-1][0] == photo.get_absolute_url()
    assert "It stays visible until the organizer decides" in page.content.decode()
    assert not is_hidden(photo)
    assert HideRequest.objects.get().words == "Please"
    within = reverse("favourite_photo", args=[photo.event.slug, photo.pk])
    again = client.post(address("ask_to_hide", photo), {"next": within})
    assert again["Location"] == within


@pytest.mark.parametrize(
    "elsewhere", ["a\x00b", "https://elsewhere.example/", "//elsewhere.example"]
)
def test_one_is_led_on_to_pages_of_ours_alone(photo, as_user, guest, elsewhere):
    answer = as_user(guest).post(address("ask_to_hide", photo), {"gallery": elsewhere})
    assert answer["Location"] == photo.event.get_absolute_url()


def test_a_second_tap_adds_the_words_and_changes_nothing_else(photo, as_user, guest):
    client = as_user(guest)
    for words in ("", "My ex is in it", ""):
        client.post(address("ask_to_hide", photo), {"words": words, "fragment": 1})
    asked = HideRequest.objects.get()
    assert (asked.words, asked.hid_at_once) == ("My ex is in it", True)


def test_taking_it_back_shows_the_photo_again(photo, as_user, guest):
    client = as_user(guest)
    shown = client.post(address("ask_to_hide", photo), {"fragment": 1}).content.decode()
    assert address("take_hiding_back", photo) in shown
    for _ in range(2):
        shown = client.post(address("take_hiding_back", photo), {"fragment": 1}).content.decode()
    assert "I don’t want this photo shown" in shown
    assert not is_hidden(photo)
    assert not HideRequest.objects.exists()


def test_what_somebody_else_does_not_want_shown_either_stays_hidden(photo, guest, other_guest):
    hide_requests.ask(photo=photo, user=guest)
    HideRequest.objects.create(
        event=photo.event, photo=photo, user=other_guest, hid_at_once=True
    )  # both tapped at the same moment
    hide_requests.take_back(event=photo.event, photo_id=photo.pk, user=guest)
    assert is_hidden(photo)


def test_a_photo_that_the_organizer_hid_is_not_shown_by_taking_back(photo, guest, organizer):
    hide_requests.ask(photo=photo, user=guest)
    curating.set_hidden(Photo.objects.filter(pk=photo.pk), hidden=True, by=organizer)
    assert not hide_requests.take_back(event=photo.event, photo_id=photo.pk, user=guest)
    assert hide_requests.ask(photo=photo, user=guest).state == HideRequest.State.HIDDEN
    assert is_hidden(photo)


def test_what_stays_by_decision_is_not_hidden_at_once_again_whatever_is_taken_back(
    photo, guest, organizer
):
    hide_requests.ask(photo=photo, user=guest)
    curating.set_hidden(Photo.objects.filter(pk=photo.pk), hidden=False, by=organizer)
    for _ in range(2):
        asked = hide_requests.ask(photo=photo, user=guest)
        assert (asked.state, asked.hid_at_once) == (HideRequest.State.OPEN, False)
        hide_requests.take_back(event=photo.event, photo_id=photo.pk, user=guest)
    assert not is_hidden(photo)


def test_a_guest_cannot_empty_a_gallery(event, guest):
    photos = [make_photo(event) for _ in range(hide_requests.AT_ONCE_OF_A_GUEST + 1)]
    asked = [hide_requests.ask(photo=photo, user=guest) for photo in photos]
    assert [one.hid_at_once for one in asked].count(False) == 1
    assert not is_hidden(photos[-1])


def test_nor_can_many_invented_guests(event, monkeypatch):
    monkeypatch.setattr(hide_requests, "AT_ONCE_IN_AN_EVENT", 3)
    for _ in range(4):
        guest = make_user()
        add_member(event, guest)
        hide_requests.ask(photo=make_photo(event), user=guest)
    assert Photo.objects.filter(hidden=True).count() == 3


def test_so_many_a_day_and_the_next_is_told_so(photo, as_user, guest):
    client = as_user(guest)
    for _ in range(20):
        client.post(address("ask_to_hide", photo), {"fragment": 1})
        client.post(address("take_hiding_back", photo), {"fragment": 1})
    answer = client.post(address("ask_to_hide", photo), {"fragment": 1})
    assert (answer.status_code, b"try again later" in answer.content) == (429, True)
    page = client.post(address("ask_to_hide", photo), follow=True)
    assert "try again later" in page.content.decode()
    assert not is_hidden(photo)


def test_who_has_no_account_is_told_whom_to_write_to(photo, as_user, guest, client):
    Event.objects.update(controller_contact="privacy@agency.example")
    code = [photo.event.slug, photo.event.live_code]
    pages = [client.get(reverse("live", args=code)), client.get(photo.event.get_join_url())]
    pages.append(as_user(guest).get(photo.get_absolute_url()))
    assert [b"privacy@agency.example" in page.content for page in pages] == [True] * 3
    Event.objects.update(controller_contact="")
    assert b"rite to" not in client.get(reverse("live", args=code)).content
