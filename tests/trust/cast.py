"""Everybody who may come to an event's addresses, and one of everything that these may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from events.access import LOOKS_AS
from events.entrance import exclusions
from events.models import Event, Exclusion, Membership, SignIn, User
from faces.guest import children, together
from faces.notices import mailing
from tests.builders import (
    add_member,
    consent,
    join_unproven,
    make_event,
    make_match,
    make_photo,
    make_question,
    make_selfie,
    make_user,
)

DESK = "events.entrance.backends.DeskBackend"
GUEST, HOST, PHOTOGRAPHER, ORGANIZER = Membership.Role
# What a page of ours sends with what its scripts ask.
ASKING = {"HTTP_ORIGIN": "http://testserver"}


@dataclass
class World:
    """An event with all that belongs to it, and another one."""

    event: Event
    other: Event
    guest: User


def make_world() -> World:
    event = make_event(name="Zephyrine and Aurelio", slug="zephyrine", guest_uploads=True)
    guest = make_user("Gina")
    add_member(event, guest)
    return World(event, make_event(), guest)


def rows(world: World) -> dict[str, Any]:
    """What stands in addresses, by the names of their variables: all of the one event and guest.

    Where an address wants another one, its name stands before the variable's.
    """
    event, guest = world.event, world.guest
    _session(guest)
    consent(guest, event)
    photo, own = make_photo(event), make_photo(event, uploader=guest)
    make_match(guest, photo)
    question = make_question(guest, event)
    friend = make_user("Frida")
    add_member(event, friend)
    partner = consent(friend, event)
    exclusions.exclude(event, make_user("Removed"))
    for user in (guest, friend):
        together.set_sharing(user=user, event=event, shares=True)
    return {
        "slug": event.slug,
        "code": event.join_code,
        "photo_id": photo.pk,
        "remove_upload photo_id": own.pk,
        "answer_question photo_id": question.photo_id,
        "face_id": question.face_id,
        "selfie_id": make_selfie(guest).pk,
        "child_id": _child(guest, world.other).pk,
        "sign_in_id": SignIn.objects.filter(user=guest).latest("pk").pk,
        "exclusion_id": Exclusion.objects.get(event=event).pk,
        "pk": 1,  # a passkey, which nobody has
        "consent_id": partner.pk,
        "token": mailing.stop_token(mailing.ask(user=guest, event=event)),
        "upload_id": "none",
        "number": 1,
        "event_id": event.pk,
        "membership_id": Membership.objects.get(event=event, user=guest).pk,
        "kind": "png",
        "content_type_id": ContentType.objects.get_for_model(Event).pk,
        "app_label": "events",
        "rest": "1/1/",
        "url": "nothing/",
        **{f"{name} code": event.live_code for name in ("live", "live_slides", "live_picture")},
        "event object_id": event.pk,
        "photo object_id": photo.pk,
        "user object_id": guest.pk,
        "user id": guest.pk,
        "object_id": event.pk,
    }


def forms(world: World) -> dict[str, dict[str, Any]]:
    """What has to be sent, by the names of addresses, to get past their gates."""
    return {"look_as": {"person": world.guest.pk}, "set_notices": {"event": world.event.slug}}


def _session(user: User, **values: Any) -> Client:
    client = Client(raise_request_exception=False, **ASKING)
    client.force_login(user, backend=DESK)
    session = client.session
    for name, value in values.items():
        session[name] = value
    session.save()
    return client


def _unproven(world: World, event: Event, role: str = GUEST) -> Client:
    """Somebody who typed an address to join an event, and is a member of ours."""
    client = join_unproven(event, f"{role}@example.com")
    client.defaults |= ASKING
    client.raise_request_exception = False
    user = User.objects.get(email=f"{role}@example.com")
    Membership.objects.update_or_create(event=world.event, user=user, defaults={"role": role})
    return client


def _member(event: Event, role: str, **fields: Any) -> User:
    user = make_user(role, is_staff=role == ORGANIZER and "invited_at" not in fields)
    Membership.objects.create(event=event, user=user, role=role, **fields)
    return user


def _inactive(world: World) -> Client:
    user = _member(world.event, ORGANIZER)
    client = _session(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


def _anonymous(world: World) -> Client:
    return Client(raise_request_exception=False, **ASKING)


def _child(guardian: User, event: Event) -> User:
    guardian.proven_at = timezone.now()
    return children.add(guardian=guardian, event=event, name="Ida")


def _guardian(world: World) -> Client:
    """Looks at the event as a child of theirs."""
    user = _member(world.event, GUEST)
    child = _child(user, world.event)
    return _session(user, **{LOOKS_AS: {str(world.event.pk): child.pk}})


ROLES: dict[str, Callable[[World], Client]] = {
    "anonymous": _anonymous,
    "inactive organizer": _inactive,
    "stranger": lambda world: _session(make_user("Stranger")),
    "guest of another": lambda world: _session(_member(world.other, GUEST)),
    "unproven, of another": lambda world: _unproven(world, world.other),
    "rival organizer": lambda world: _session(_member(world.other, ORGANIZER)),
    "unproven": lambda world: _unproven(world, world.event),
    "unproven organizer": lambda world: _unproven(world, world.event, ORGANIZER),
    "proven before invited": lambda world: _session(
        _member(world.event, ORGANIZER, invited_at=timezone.now() + timedelta(hours=1))
    ),
    "guardian": _guardian,
    "other guest": lambda world: _session(_member(world.event, GUEST)),
    "guest": lambda world: _session(world.guest),
    "photographer": lambda world: _session(_member(world.event, PHOTOGRAPHER)),
    "organizer": lambda world: _session(_member(world.event, ORGANIZER)),
    "superuser": lambda world: _session(make_user("Root", is_staff=True, is_superuser=True)),
}


# --- where they go ---


def _walk(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        full = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield (f"{space}{entry.name}" if entry.name else full), full
        else:
            yield from _walk(entry, full, f"{entry.namespace}:" if entry.namespace else space)


@cache
def patterns() -> dict[str, str]:
    """Routes by the patterns' names; those without one are called as they are."""
    return dict(_walk(get_resolver()))


def fill(name: str, route: str, values: dict[str, Any]) -> str:
    """The address of a pattern with `values` put in; a KeyError names what they lack."""
    model = re.match(r"admin/\w+/(\w+)/", route)

    def value(found: re.Match[str]) -> str:
        key = found["path"] or found["regex"]
        own = (f"{name} {key}", f"{model[1]} {key}" if model else "")
        return str(next((values[one] for one in own if one in values), None) or values[key])

    path = re.sub(r"\(\?P<(?P<regex>\w+)>[^)]*\)|<(?:\w+:)?(?P<path>\w+)>", value, route)
    return "/" + path.replace("^", "").replace("$", "")


# --- what they are answered ---

LOG_IN = {"/account/login/", "/account/login/code/", "/admin/login/"}


def ask(client: Client, method: str, address: str, form: dict[str, Any]) -> str:
    """`in`, `login`, `prove`, `403`, `404`, `405` or `error`; what was done is undone."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        kind = "application/x-www-form-urlencoded"
        answer = client.generic(method, address, urlencode(form), content_type=kind)
        b"".join(answer)  # what is streamed holds its place until its end
        transaction.set_rollback(True)
    client.cookies = cookies
    return outcome(answer)


def outcome(answer: HttpResponse) -> str:
    code = answer.status_code
    to = answer["Location"].partition("?")[0] if code == 302 else ""
    if code == 401 or to in LOG_IN:
        return "login"
    if to == reverse("prove"):
        return "prove"
    if code >= 500:
        return "error"
    if answer.request["REQUEST_METHOD"] == "OPTIONS" and "Allow" in answer:
        return "405"  # which methods there are, and no more
    return str(code) if code in (403, 404, 405) else "in"
