"""No page of the desk shows an organizer somebody else's event: all its addresses are walked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from events.entrance import exclusions
from events.models import Event, Exclusion, Membership
from tests.builders import (
    add_member,
    consent,
    make_face,
    make_match,
    make_photo,
    make_selfie,
    make_user,
)

pytestmark = pytest.mark.django_db

STAFF_ONLY = ("events_user", "auth_user")
# Asked by scripts, which are told in JSON instead of being sent to log in.
SCRIPTS = {"photos_photo_known", "photos_photo_receive", "photos_photo_progress"}
PHOTOGRAPHERS = SCRIPTS | {
    f"photos_photo_{page}" for page in ("upload", "picture", "change", "history", "delete")
}
# Addresses whose names do not begin with the model of their object.
OWNERS = {"auth_user_password_change": "events_user", "view_on_site": "events_event"}


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    has_object: bool


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found = []
    for pattern in resolver.url_patterns:
        nested = isinstance(pattern, URLResolver)
        found += patterns(pattern) if nested else [pattern]
    return found


def admin_patterns() -> list[URLPattern]:
    (resolver,) = [
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.app_name == "admin"
    ]
    return [pattern for pattern in patterns(resolver) if pattern.name]


@pytest.fixture
def rows(event, guest, organizer):
    """One of everything that an address of the desk may name, all of the same event."""
    Event.objects.filter(pk=event.pk).update(name="Zephyrine and Aurelio", slug="zephyrine")
    event.refresh_from_db()
    photo = make_photo(event, uploader=organizer)
    face = make_face(photo)
    make_match(guest, photo, face=face)
    make_selfie(guest)
    consent(guest, event)
    membership = Membership.objects.get(event=event, user=guest)
    exclusions.exclude(event, make_user("Removed"))
    return {
        "event_id": event.pk,
        "photo_id": photo.pk,
        "face_id": face.pk,
        "membership_id": membership.pk,
        "exclusion_id": Exclusion.objects.get(event=event).pk,
        "events_event": event.pk,
        "photos_photo": photo.pk,
        "events_user": guest.pk,
        "kind": "png",
        "content_type_id": ContentType.objects.get_for_model(Event).pk,
        "app_label": "events",
    }


def keys(pattern: URLPattern) -> list[str]:
    """Names of a pattern's variables, whether it is a path or a regular expression."""
    return list(pattern.pattern.converters) or list(pattern.pattern.regex.groupindex)


def fill(pattern: URLPattern, rows) -> Address:
    """The address of a pattern with the rows put in; a KeyError names what `rows` lacks."""
    model = OWNERS.get(pattern.name, "_".join(pattern.name.split("_")[:2]))
    values = {
        key: rows[model] if key in ("object_id", "id") else rows[key] for key in keys(pattern)
    }
    is_of_object = set(values) - {"app_label"} != set()
    return Address(pattern.name, reverse(f"admin:{pattern.name}", kwargs=values), is_of_object)


@pytest.fixture
def addresses(rows) -> list[Address]:
    return [fill(pattern, rows) for pattern in admin_patterns()]


def of_objects(addresses: list[Address]) -> list[Address]:
    """Less those of people, which are for staff only."""
    return [a for a in addresses if a.has_object and not a.name.startswith(STAFF_ONLY)]


def statuses(client, addresses: list[Address]) -> dict[str, set[int]]:
    return {
        address.name: {client.get(address.path).status_code, client.post(address.path).status_code}
        for address in addresses
    }


def test_a_rival_gets_404_on_every_address_of_the_event(addresses, rival_organizer, as_user):
    found = statuses(as_user(rival_organizer), of_objects(addresses))
    assert len(found) >= 20
    assert {name: codes for name, codes in found.items() if codes != {404}} == {}


def test_a_photographer_reaches_uploads_and_photos_and_no_other_address(addresses, event, as_user):
    photographer = make_user("Pia")
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    found = statuses(as_user(photographer), of_objects(addresses))
    assert {name for name, codes in found.items() if codes != {404}} == PHOTOGRAPHERS
    assert found["photos_photo_delete"] == {403}


def test_its_organizer_finds_every_address_of_the_event(addresses, organizer, as_user):
    client = as_user(organizer)
    missing = [a.name for a in of_objects(addresses) if client.get(a.path).status_code == 404]
    assert missing == ["view_on_site"]


def test_people_are_for_staff_only(addresses, organizer, rival_organizer, as_user):
    people = [a for a in addresses if a.name.startswith(STAFF_ONLY)]
    assert people
    for user in (organizer, rival_organizer):
        assert set().union(*statuses(as_user(user), people).values()) == {403}


def test_no_list_filter_or_search_names_a_rivals_event(addresses, event, rival_organizer, as_user):
    client = as_user(rival_organizer)
    pages = [a.path for a in addresses if not a.has_object and a.name != "logout"]
    for path in pages:
        for query in ("", f"?event__id__exact={event.pk}", f"?q={event.slug[:5]}", "?s=event"):
            page = client.get(path + query).content.decode()
            assert event.name not in page, path
            assert event.join_code not in page, path


def test_guests_and_strangers_are_sent_to_the_desks_log_in(addresses, guest, stranger, as_user):
    for user in (guest, stranger):
        client = as_user(user)
        for address in of_objects(addresses):
            answer = client.get(address.path)
            if address.name in SCRIPTS:
                assert answer.status_code == (403 if user == guest else 404), address
                continue
            assert answer.status_code == 302, address
            assert answer.url.startswith(reverse("admin:login")), address
