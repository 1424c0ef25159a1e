"""Who sees what: every address of the resolver is asked by everybody, in each mode of an event."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.access import AS_GUEST, DESK_ROLES
from events.models import Event, Membership, User
from findme.serving import shortcuts
from tests.builders import make_match, make_user
from tests.trust import leaks
from tests.trust.cast import ROLES, _session, make_world

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def _from(hours: int) -> dict[str, object]:
    return {"general": "from", "general_from": timezone.now() + hours * HOUR}


# Of the event, of the photo.
OPEN = {
    "all photos": lambda: ({}, {}),
    "since a moment": lambda: (_from(-1), {}),
    "own photos, and it is a highlight": lambda: ({"general": "own"}, {"highlight": True}),
}
CLOSED = {
    "before the moment": lambda: (_from(1), {}),
    "own photos": lambda: ({"general": "own"}, {}),
    "not published": lambda: ({"publish_first": True}, {"published": False}),
    "not published, own photos": lambda: (
        {"publish_first": True, "general": "own"},
        {"published": False, "highlight": True},
    ),
}
# Where whoever sees a photo under General finds it; favourites are the guest's.
IN_GENERAL = {"general", "photo", "thumbnail", "medium", "preview", "download"}
IN_GENERAL |= {"download_selection"}
OF_GUEST = {"favourites", "favourite_photo", "favourite_ids", "download_favourites"}
# For whoever has a link: what every guest may see.
BY_LINK = {"live", "live_slides", "live_picture", "cover", "cover_large", "cover_link"}
NOT_PUBLISHED = [mode for mode in CLOSED if mode.startswith("not")]


def prepared(mode: str):
    """The world in that mode, and what stands in addresses."""
    world = make_world()
    of_event, of_photo = (OPEN | CLOSED)[mode]()
    secret = leaks.make_secret(world, **of_photo)
    if mode in NOT_PUBLISHED:
        leaks.be_in(secret, world)
    values = leaks.values_of(world, secret)
    Event.objects.filter(pk=world.event.pk).update(**of_event)
    world.event.refresh_from_db()
    return world, values


def as_guest(world):
    """An organizer who looks as a guest does."""
    client = ROLES["organizer"](world)
    session = client.session
    session[AS_GUEST] = [world.event.pk]
    session.save()
    return client


def invited_since(world):
    """As a host, and the address was not proven since."""
    user = make_user("Hosta")
    since = timezone.now() + HOUR
    Membership.objects.create(event=world.event, user=user, role="host", invited_at=since)
    return _session(user)


OTHERS = {"as guest": as_guest, "invited as host since": invited_since}


@pytest.mark.parametrize(
    ("mode", "way"),
    [
        *((mode, "short") for mode in CLOSED),
        *((mode, "whole") for mode in ("own photos", "not published")),
    ],
)
def test_no_address_tells_a_guest_of_what_they_may_not_see(mode, way, monkeypatch):
    world, values = prepared(mode)
    if way == "whole":
        monkeypatch.setattr(shortcuts, "_shortcuts", [])
    assert leaks.found_by(ROLES["guest"](world), world, values) == set()


@pytest.mark.parametrize(
    ("mode", "role"),
    [
        *((mode, "as guest") for mode in CLOSED),
        *(("own photos", role) for role in ("unproven", "guardian", "invited as host since")),
    ],
)
def test_nor_anybody_else_who_sees_what_guests_see(mode, role):
    world, values = prepared(mode)
    client = OTHERS[role](world) if role in OTHERS else ROLES[role](world)
    assert leaks.found_by(client, world, values) == set()


@pytest.mark.parametrize("mode", OPEN)
def test_the_search_finds_what_a_guest_may_see(mode):
    world, values = prepared(mode)
    shown = IN_GENERAL | OF_GUEST | {"live_slides", "live_picture", "photo_faces"}
    assert leaks.found_by(ROLES["guest"](world), world, values, among=shown) == shown


@pytest.mark.parametrize(
    ("mode", "role"),
    [*((mode, "host") for mode in CLOSED), *((NOT_PUBLISHED[0], role) for role in DESK_ROLES)],
)
def test_hosts_and_the_desk_see_all(mode, role):
    world, values = prepared(mode)
    assert leaks.found_by(ROLES[role](world), world, values, among=IN_GENERAL) == IN_GENERAL


@pytest.mark.parametrize(
    ("mode", "role"),
    [
        ("own photos", "anonymous"),
        *((mode, "stranger") for mode in ("all photos", "own photos", "not published")),
    ],
)
def test_outsiders_see_what_a_link_shows_to_everybody(mode, role):
    world, values = prepared(mode)
    found = leaks.found_by(ROLES[role](world), world, values)
    assert found <= (BY_LINK if mode in OPEN else set())


@pytest.mark.parametrize("whose", ["guest", "child"])
@pytest.mark.parametrize("mode", ["before the moment", "own photos"])
def test_a_photo_of_theirs_is_theirs_and_in_no_gallery_of_all(mode, whose):
    world, values = prepared(mode)
    person = world.guest if whose == "guest" else User.objects.get(guardian=world.guest)
    make_match(person, world.event.photos.get(pk=leaks.ID))
    own = {"my_photos", "my_photo", "download_mine"} if whose == "guest" else set()
    theirs = {"photo", "thumbnail", "preview", "medium", "download"} | OF_GUEST | own
    of_all = {"general", "times", "general_news"} | BY_LINK
    found = leaks.found_by(_session(world.guest), world, values, among=theirs | of_all)
    assert found == theirs
