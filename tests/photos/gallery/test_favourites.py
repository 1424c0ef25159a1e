"""Hearts: the guest's own, on visible photos, whatever is tapped how often."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from events.models import Membership
from photos.models import Favourite, Photo
from tests.builders import add_member, make_photo, make_user, photos_shown

pytestmark = pytest.mark.django_db
AS_SCRIPT = {"accept": "application/json"}


def address(name, event):
    return reverse(name, args=[event.slug])


def page_of(name, photo):
    return reverse(name, args=[photo.event.slug, photo.pk])


def test_outsiders_get_404(event, as_user, stranger, rival_organizer):
    photo = make_photo(event)
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert client.get(address("favourites", event)).status_code == 404
        assert client.get(address("favourite_ids", event)).status_code == 404
        assert client.get(page_of("favourite_photo", photo)).status_code == 404
        answer = client.post(address("mark_favourites", event), {"photo": photo.pk})
        assert answer.status_code == 404
    assert not Favourite.objects.exists()


def test_marking_twice_is_marking_once_and_unmarking_undoes_it(event, as_user, guest):
    photos = [make_photo(event) for _ in range(3)]
    client, url = as_user(guest), address("mark_favourites", event)
    for _ in range(2):
        answer = client.post(url, {"photos": f"{photos[0].pk},{photos[1].pk}"}, headers=AS_SCRIPT)
        assert answer.status_code == 204
    marked = client.get(address("favourite_ids", event)).json()["favourites"]
    assert marked == [photos[0].pk, photos[1].pk]
    client.post(url, {"photo": photos[0].pk, "on": "0"})
    assert client.get(address("favourite_ids", event)).json()["favourites"] == [photos[1].pk]


def test_each_sees_the_own_hearts_only(event, as_user, guest, other_guest):
    photo = make_photo(event)
    as_user(guest).post(address("mark_favourites", event), {"photo": photo.pk})
    page = as_user(other_guest).get(address("favourites", event))
    assert page.context["page"].photos == []
    assert photos_shown(as_user(guest).get(address("favourites", event)).context["page"]) == [photo]


def test_hosts_read_that_organizers_export_what_they_mark(event, as_user, guest):
    said = "The organizers can export what you mark here."
    host = make_user("Hanna")
    add_member(event, host, Membership.Role.HOST)
    page = address("favourites", event)
    assertContains(as_user(host).get(page), said)
    as_user(host).post(address("mark_favourites", event), {"photo": make_photo(event).pk})
    assertContains(as_user(host).get(page), said)
    assertNotContains(as_user(guest).get(page), said)


def test_the_page_of_a_favourite_stands_among_them_and_one_that_is_none_among_all(
    event, as_user, guest, other_guest, django_assert_max_num_queries
):
    photos = [make_photo(event) for _ in range(6)]
    client, marked = as_user(guest), photos[::2]
    client.post(address("mark_favourites", event), {"photo": [photo.pk for photo in marked]})
    pages = [page_of("favourite_photo", photo) for photo in photos]
    assert pages[2] in client.get(address("favourites", event)).content.decode()
    with django_assert_max_num_queries(16):
        said = client.get(pages[2]).context
    assert (said["place"], said["photo_count"]) == (2, 3)
    assert (said["previous_url"], said["following_url"]) == (pages[4], pages[0])
    assert said["gallery_url"] == address("favourites", event)
    assert client.get(pages[1])["Location"] == page_of("photo", photos[1])
    assert as_user(other_guest).get(pages[2])["Location"] == page_of("photo", photos[2])


def test_a_favourite_that_is_hidden_is_not_shown_and_none_can_be_made_of_it(event, as_user, guest):
    photo, hidden = make_photo(event), make_photo(event, hidden=True)
    data = {"photo": [photo.pk, hidden.pk]}
    as_user(guest).post(address("mark_favourites", event), data)
    assert list(Favourite.objects.values_list("photo", flat=True)) == [photo.pk]
    Photo.objects.update(hidden=True)
    assert as_user(guest).get(address("favourites", event)).context["page"].photos == []


def test_without_scripts_the_form_comes_back_to_its_page(event, as_user, guest):
    photo = make_photo(event)
    page = reverse("photo", args=[event.slug, photo.pk])
    url = address("mark_favourites", event)
    assert as_user(guest).post(url, {"photo": photo.pk, "next": page})["Location"] == page
    elsewhere = as_user(guest).post(url, {"photo": photo.pk, "next": "https://evil.example/"})
    assert elsewhere["Location"] == event.get_absolute_url()
    assert 'aria-pressed="true"' in as_user(guest).get(page).content.decode()
