"""Hearts: the guest's own, on visible photos, whatever is tapped how often."""

import pytest
from django.urls import reverse

from photos.models import Favourite, Photo
from tests.builders import make_photo, photos_shown

pytestmark = pytest.mark.django_db
AS_SCRIPT = {"accept": "application/json"}


def address(name, event):
    return reverse(name, args=[event.slug])


def test_outsiders_get_404(event, as_user, stranger, rival_organizer):
    photo = make_photo(event)
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert client.get(address("favourites", event)).status_code == 404
        assert client.get(address("favourite_ids", event)).status_code == 404
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
