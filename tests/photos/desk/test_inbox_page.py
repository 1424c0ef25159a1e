"""Guests' photos that wait: announced, and decided on by one button, which can be taken back."""

import pytest
from django.urls import reverse

from events import audit
from events.models import Membership
from photos.models import Photo
from tests.builders import add_member, make_photo
from tests.photos.desk.pages import LIST, act_on, press, undo_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(event, guest):
    fields = {"uploader": guest, "moderation": "pending", "hidden": True}
    return [make_photo(event, **fields) for _ in range(3)]


@pytest.fixture
def address(event):
    return reverse("admin:events_event_inbox", args=[event.pk])


def states(photos):
    rows = Photo.objects.filter(pk__in=[photo.pk for photo in photos]).order_by("pk")
    return [(moderation, hidden) for moderation, hidden in rows.values_list("moderation", "hidden")]


def log(event):
    lines = audit.lines(audit.entries(event))
    return [line.what for line in lines if line.what != "Created the event"]


WAITS, SHOWN, REJECTED = ("pending", True), ("", False), ("rejected", True)


def test_only_the_events_organizers_decide(
    waiting, address, event, guest, rival_organizer, stranger, as_user
):
    add_member(event, stranger, Membership.Role.PHOTOGRAPHER)
    for user in (guest, rival_organizer, stranger):
        assert as_user(user).post(address, {"approve": waiting[0].pk}).status_code in (
            302,
            403,
            404,
        )
    assert states(waiting) == [WAITS] * 3


def test_photos_of_another_event_are_left_alone(waiting, rival_organizer, as_user):
    theirs = reverse("admin:events_event_inbox", args=[rival_organizer.events.get().pk])
    as_user(rival_organizer).post(theirs, {"approve": waiting[0].pk})
    assert states(waiting) == [WAITS] * 3


def test_what_waits_is_announced_and_the_oldest_comes_first(
    waiting, address, event, organizer, as_user
):
    client = as_user(organizer)
    page = client.get(address)
    assert [photo.pk for photo in page.context["page"]] == [photo.pk for photo in waiting]
    for desk in (reverse("admin:index"), reverse("admin:events_event_change", args=[event.pk])):
        said = client.get(desk).content.decode()
        assert "3 photos of guests wait for your approval." in said
        assert address in said
    photos = client.get(reverse(LIST), {"event__id__exact": event.pk}).content.decode()
    assert "To approve (3)" in photos
    assert 'name="approve"' in photos
    assert 'name="show"' not in photos


def test_without_any_the_page_is_in_no_navigation(address, event, organizer, as_user):
    client = as_user(organizer)
    desk = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert address not in desk
    assert "No photo waits for approval." in client.get(address).content.decode()


@pytest.mark.parametrize(("button", "state"), [("approve", SHOWN), ("reject", REJECTED)])
def test_a_cards_button_decides_on_one_and_undo_takes_it_back(
    waiting, address, organizer, as_user, button, state
):
    client = as_user(organizer)
    page = client.post(address, {button: waiting[0].pk}, follow=True)
    assert states(waiting) == [state, WAITS, WAITS]
    press(client, undo=undo_token(page))
    assert states(waiting) == [WAITS] * 3


def test_ticked_ones_are_decided_on_together(waiting, address, event, organizer, as_user):
    ticked = [photo.pk for photo in waiting[:2]]
    as_user(organizer).post(address, {"approve": "", "photo": ticked})
    assert states(waiting) == [SHOWN, SHOWN, WAITS]
    assert log(event) == ["Approved guests’ photos (2)"]


def test_nothing_ticked_is_said(waiting, address, organizer, as_user):
    answer = as_user(organizer).post(address, {"reject": ""})
    assert (answer.status_code, states(waiting)) == (422, [WAITS] * 3)
    assert "Tick some photos first." in answer.content.decode()


def test_showing_them_in_the_list_approves_them_and_says_so(waiting, event, organizer, as_user):
    mine = make_photo(event, hidden=True)
    client = as_user(organizer)
    page = act_on(client, "show", [*waiting, mine])
    assert log(event) == ["Showed photos again (1)", "Approved guests’ photos (3)"]
    press(client, undo=undo_token(page))
    assert states([*waiting, mine]) == [*[WAITS] * 3, ("", True)]


def test_the_lists_filters_have_names(waiting, event, organizer, as_user):
    make_photo(event)
    page = as_user(organizer).get(reverse(LIST), {"event__id__exact": event.pk})
    changelist = page.context["cl"]
    names = {str(c["display"]) for f in changelist.filter_specs for c in f.choices(changelist)}
    assert {"nothing to approve", "without an account"} <= names
    assert not names & {"-", "–"}
