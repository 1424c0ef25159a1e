"""Going through photos one by one: by links and buttons, or as the page's script asks."""

import pytest
from django.urls import reverse

from events.models import Membership
from photos import binning, sections
from photos.models import Photo
from tests.builders import add_member, make_photo

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def photos(event):
    return [make_photo(event) for _ in range(3)]


def address(photo, query=""):
    return reverse("admin:photos_photo_cull", args=[photo.pk]) + query


def decide(client, photo, deed):
    answer = client.post(address(photo), {"deed": deed}, **JSON)
    photo.refresh_from_db()
    return answer


def test_only_organizers_of_the_event_go_through_it(
    photos, event, guest, rival_organizer, stranger, as_user
):
    add_member(event, stranger, Membership.Role.PHOTOGRAPHER)
    for user, status in ((guest, 302), (rival_organizer, 404), (stranger, 403)):
        client = as_user(user)
        assert client.get(address(photos[0])).status_code == status
        assert decide(client, photos[0], "hide").status_code == status
    assert not photos[0].hidden


def test_the_neighbours_are_those_of_the_list(photos, event, organizer, as_user):
    query = f"?event__id__exact={event.pk}&order=oldest"
    page = as_user(organizer).get(address(photos[1], query)).content.decode()
    for beside in (photos[0], photos[2]):
        assert address(beside, query).replace("&", "&amp;") in page
    assert "2 of 3" in page


def test_each_deed_is_done_and_answered(photos, event, organizer, as_user):
    party = sections.make(event, "Party", by=organizer)
    client, photo = as_user(organizer), photos[0]
    for deed, name, value in (
        ("hide", "hidden", True),
        ("show", "hidden", False),
        ("highlight", "highlight", True),
        ("plain", "highlight", False),
        (f"section-{party.pk}", "section", party.pk),
        ("section-0", "section", 0),
    ):
        answer = decide(client, photo, deed)
        assert answer.json()[name] == value
        assert (photo.section_id or 0 if name == "section" else getattr(photo, name)) == value


def test_a_guests_photo_is_approved(event, guest, organizer, as_user):
    photo = make_photo(event, moderation="pending", hidden=True, uploader=guest)
    assert decide(as_user(organizer), photo, "approve").json()["waits"] is False
    assert (photo.moderation, photo.hidden) == ("", False)


@pytest.mark.parametrize("deed", ["section-999999", "section-x", "burn", ""])
def test_what_cannot_be_done_is_said(photos, organizer, as_user, deed):
    answer = decide(as_user(organizer), photos[0], deed)
    assert (answer.status_code, answer.json()["code"]) == (422, "section_gone")


def test_a_section_of_another_event_is_none(photos, organizer, rival_organizer, as_user):
    theirs = sections.make(rival_organizer.events.get(), "Theirs", by=rival_organizer)
    assert decide(as_user(organizer), photos[0], f"section-{theirs.pk}").status_code == 422
    assert photos[0].section is None


def test_buttons_come_back_to_the_page_and_a_photo_that_left_the_list_is_shown(
    photos, organizer, as_user
):
    client = as_user(organizer)
    at = address(photos[0], "?hidden__exact=0")
    page = client.post(at, {"deed": "hide"}, follow=True)
    assert page.redirect_chain == [(at, 302)]
    assert 'value="show"' in page.content.decode()


def test_the_script_is_told_of_those_around(photos, event, organizer, as_user):
    told = as_user(organizer).get(address(photos[1], f"?event__id__exact={event.pk}"), **JSON)
    assert {photo["id"] for photo in told.json()["photos"]} == {photo.pk for photo in photos}


def test_a_script_is_told_that_the_photo_is_gone(photos, organizer, as_user):
    binning.put_in(Photo.objects.filter(pk=photos[0].pk), by=None)
    client = as_user(organizer)
    answer = client.post(address(photos[0]), {"deed": "hide"}, **JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "photo_gone")


@pytest.mark.parametrize("way", ["get", "post"])
def test_without_script_a_photo_in_the_bin_leads_back_to_the_list(
    photos, event, organizer, rival_organizer, as_user, way
):
    binning.put_in(Photo.objects.filter(pk=photos[0].pk), by=organizer)
    query = f"?event__id__exact={event.pk}&order=oldest"
    page = getattr(as_user(organizer), way)(address(photos[0], query), {}, follow=True)
    if way == "post":
        assert page.redirect_chain == [(reverse("admin:photos_photo_changelist") + query, 302)]
    assert "That is not there any more." in page.content.decode()
    assert getattr(as_user(rival_organizer), way)(address(photos[0])).status_code == 404
