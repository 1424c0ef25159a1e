"""A photo that guests may not see, and the search for it in all that an event's addresses say."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client
from PIL import Image

from faces.models import FaceMatch
from photos.gallery import covers
from photos.models import Favourite, Photo, Section
from tests.builders import (
    add_member,
    make_candidate,
    make_face,
    make_match,
    make_photo,
    make_user,
)
from tests.trust.cast import World, fill, forms, patterns, rows

# Nothing else has such an id, or such a name.
ID, NAME = 7_777_000_123, "Quetzalcoatl"
SECTION_ID, SECTION = 7_777_000_999, "Xochimilco"
ID_TEXT = str(ID).encode()
# What is stored about oneself has the numbers of rows that one made: nothing of a photo besides.
OWN_ROWS = "privacy_export"
# Addresses without an event: of these the few that show something of events.
WITHOUT_EVENT = {"home", "privacy", OWN_ROWS, "open_notice", "manifest"}
# What scripts send for any of these addresses, and plain forms.
SENT = {"photo": ID, "photos": str(ID), "on": "1", "verdict": "me", "answer": "yes", "size": "web"}
PLAIN: dict[str, str] = {}
GET = (PLAIN, {"HTTP_HX_REQUEST": "true"})
NARROWED = {"section": SECTION_ID}
POST = (PLAIN, {"HTTP_ACCEPT": "application/json"})
NO_SUCH_METHOD = 405


@cache
def image() -> bytes:
    """A JPEG whose bytes are no other's, down to its end."""
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 480), Random(ID).randbytes(640 * 480 * 3)).save(out, "JPEG")
    return out.getvalue()


def make_secret(world: World, **fields: Any) -> Photo:
    """A photo that everything leads to: a guest has marked it, another guest who shares is in it,
    it is nearly the guest's, and the only one of its section."""
    data = image()
    pictures = dict.fromkeys(["preview_data", "medium_data", "thumbnail_data"], data)
    secret = make_photo(
        world.event,
        original=data,
        id=ID,
        name=f"{NAME}.jpg",
        uploader=add_member(world.event, make_user("Phil"), "photographer").user,
        section=Section.objects.create(id=SECTION_ID, event=world.event, name=SECTION),
        **(pictures | fields),
    )
    Favourite.objects.create(user=world.guest, photo=secret)
    make_candidate(world.guest, make_face(secret), similarity=30)
    return secret


def be_in(secret: Photo, world: World) -> None:
    """The guest is in it too, so that it is among those of each of their pages, and the cover."""
    make_match(world.guest, secret, band=FaceMatch.Band.SURE)
    covers.choose(secret, by=None)


def values_of(world: World, secret: Photo) -> dict[str, Any]:
    """What stands in addresses: the secret, wherever a photo is named."""
    values = rows(world)
    partner = next(one for one in world.event.consents.all() if one.pk == values["consent_id"])
    make_match(partner.user, secret)
    face = secret.faces.get()
    named = {name: ID for name in values if name.endswith("photo_id")}
    return values | named | {"face_id": face.pk}


def found_by(
    client: Client, world: World, values: dict[str, Any], among: Collection[str] = ()
) -> set[str]:
    """The names of addresses, or of those `among` them, that answered something of the secret,
    whatever the method."""
    found = set()
    for name, route in patterns().items():
        if name.startswith("admin") or not ("<slug:slug>" in route or name in WITHOUT_EVENT):
            continue
        if among and name not in among:
            continue
        needles = [NAME.encode(), SECTION.encode(), image()[-300:-2]]
        needles += [] if name == OWN_ROWS else [ID_TEXT]
        address = fill(name, route, values)
        sent = SENT | forms(world).get(name, {}) | {"face": values["face_id"]}
        answers = [
            *_ask(client, "get", address, [(one, head) for one in ({}, NARROWED) for head in GET]),
            *_ask(client, "post", address, [(sent, head) for head in POST]),
        ]
        if any(needle in answer for needle in needles for answer in answers):
            found.add(name)
    return found


def _ask(client: Client, method: str, address: str, ways: list[tuple[Any, Any]]) -> Iterator[bytes]:
    """What each way is answered, or the first that says that there is no such method."""
    for sent, headers in ways:
        status, answer = _answer(client, method, address, sent, headers)
        yield answer
        if status == NO_SUCH_METHOD:
            return


def _answer(
    client: Client, method: str, address: str, sent: dict[str, Any], headers: Any
) -> tuple[int, bytes]:
    """Status and body; what was done is undone. Who is led on to the address elsewhere is told
    nothing."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        kind = {"content_type": "application/x-www-form-urlencoded"} if method == "post" else {}
        body = urlencode(sent) if method == "post" else sent
        answer = getattr(client, method)(address, body, **kind, **headers)
        content = b"".join(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    said = "".join(v for k, v in answer.headers.items() if k != "Location")
    return answer.status_code, content.replace(address.encode(), b"") + said.encode()
