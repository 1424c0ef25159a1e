"""The desk's bin of photos: into it by the usual question, and back, or gone for good."""

import pytest
from django.urls import reverse

from events.models import Membership
from photos import binning
from photos.desk import photo_list
from photos.models import Photo
from tests.builders import add_member, make_event, make_photo, make_user
from tests.photos.desk.pages import LIST, act_on, hidden, press, undo_token

pytestmark = pytest.mark.django_db


def address(event):
    return reverse("admin:events_event_bin", args=[event.pk])


@pytest.fixture
def binned(event):
    """The first was hidden before."""
    photos = [make_photo(event, hidden=not number) for number in range(3)]
    binning.put_in(Photo.objects.all(), by=None)
    return photos


def test_deleting_puts_in_the_bin_and_undo_takes_out_again(event, organizer, as_user):
    photos, client = [make_photo(event) for _ in range(2)], as_user(organizer)
    ids = act_on(client, "remove", photos).context["ids"]
    page = press(client, remove=ids)
    assert "2 photos are in the bin." in page.content.decode()
    assert Photo.objects.binned().count() == 2
    press(client, undo=undo_token(page))
    assert hidden(*photos) == dict.fromkeys((photo.pk for photo in photos), False)
    assert Photo.objects.kept().count() == 2


def test_what_is_in_the_bin_is_in_no_list_and_has_no_page(event, organizer, as_user, binned):
    client = as_user(organizer)
    page = client.get(reverse(LIST)).content.decode()
    assert not [photo for photo in binned if photo.name in page]
    for name in ("change", "delete"):
        one = reverse(f"admin:photos_photo_{name}", args=[binned[1].pk])
        assert client.get(one).url == photo_list.address_of(event)
    press(client, show=binned[1].pk)
    assert hidden(binned[1]) == {binned[1].pk: True}


def test_the_bin_shows_names_and_days_and_is_named_where_it_has_something(
    event, organizer, as_user, binned
):
    client = as_user(organizer)
    page = client.get(address(event)).content.decode()
    assert all(photo.name in page for photo in binned)
    assert page.count("30 days left") == 3
    thumbnail = reverse("admin:photos_photo_picture", args=[binned[0].pk, "thumbnail"])
    assert client.get(thumbnail).status_code == 200
    log = reverse("admin:events_event_history", args=[event.pk])
    assert address(event) in client.get(log).content.decode()
    client.post(address(event), {"restore_all": ""})
    assert address(event) not in client.get(log).content.decode()
    assert [each.hidden for each in Photo.objects.order_by("pk")] == [True, False, False]


def test_the_page_costs_the_same_for_many(
    event, organizer, as_user, binned, django_assert_max_num_queries
):
    client = as_user(organizer)
    client.get(address(event))
    with django_assert_max_num_queries(12):
        assert len(client.get(address(event)).context["rows"]) == 3


def test_the_chosen_come_out_alone(event, organizer, as_user, binned):
    client = as_user(organizer)
    answer = client.post(address(event), {"restore": "", "photo": [binned[0].pk, "x"]}, follow=True)
    assert "1 photo is back, as it was." in answer.content.decode()
    assert list(Photo.objects.kept()) == [binned[0]]


@pytest.mark.parametrize("button", ["restore", "ask"])
def test_none_chosen_is_said(event, organizer, as_user, binned, button):
    answer = as_user(organizer).post(address(event), {button: ""})
    assert answer.status_code == 422
    assert "Choose photos first." in answer.content.decode()


def test_for_good_asks_first_and_takes_only_what_is_in_the_bin(event, organizer, as_user, binned):
    kept, foreign = make_photo(event), make_photo(make_event())
    client = as_user(organizer)
    page = client.post(address(event), {"ask_all": ""})
    assert "Delete 3 photos for good?" in page.content.decode()
    assert "Delete for good (3)" in page.content.decode()
    binning.put_in(Photo.objects.filter(pk=foreign.pk), by=None)
    ids = f"{page.context['ids']},{kept.pk},{foreign.pk}"
    client.post(address(event), {"delete": ids})
    assert set(Photo.objects.all()) == {kept, foreign}


def test_a_button_that_is_none_is_refused(event, organizer, as_user):
    assert as_user(organizer).post(address(event), {}).status_code == 400


def test_a_photographer_and_others_see_nothing_of_it(event, rival_organizer, as_user, binned):
    photographer = make_user("Pia")
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    thumbnail = reverse("admin:photos_photo_picture", args=[binned[1].pk, "thumbnail"])
    for user in (photographer, rival_organizer):
        client = as_user(user)
        assert client.get(thumbnail).status_code == 404
        assert client.get(address(event)).status_code == 404
        assert client.post(address(event), {"restore_all": ""}).status_code == 404
    assert Photo.objects.binned().count() == 3
