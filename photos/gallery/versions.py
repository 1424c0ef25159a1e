"""Whether a gallery looks as it did: a version that changes with every commit that shows in it.

Triggers write a row with a random token for each statement that changes what an event's guests see
(`user_id` 0), or what one of them sees. So does a look at a photo: galleries say how many people
are in it (`user_id` -1; news and the slideshow do not). The version is all tokens of these,
combined by XOR: whatever order transactions commit in, each commit changes it, and no writer waits
for another. The triggers are in the migrations of `photos` and `faces`; `note` does it by
hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from events.models import Event, User
from events.visits import Part, Visitor
from photos.models import GalleryChange

EVERYBODY = 0

VERSION = "SELECT everybody, guest FROM photos_version(%s, %s)"
# For a short way: both with whoever asks.
OF_VISIT = Part("photos_version((visit.event).id, (visit.account).id)", ("everybody", "guest"))
LIVE = """
    SELECT everybody, event_id, slideshow_qr, join_code, closed_at, join_until, general,
           general_from
      FROM photos_live_version(%s, %s)
"""
# One statement: whoever reads meanwhile sees the rows before or the row after, never neither.
FOLD = """
    WITH crowded AS (
        SELECT event_id, user_id FROM photos_gallerychange
         GROUP BY event_id, user_id HAVING COUNT(*) > 1
    ), gone AS (
        DELETE FROM photos_gallerychange AS change
         USING crowded
         WHERE change.event_id = crowded.event_id AND change.user_id = crowded.user_id
        RETURNING change.event_id, change.user_id, change.token
    )
    INSERT INTO photos_gallerychange (event_id, user_id, token)
    SELECT event_id, user_id, BIT_XOR(token) FROM gone GROUP BY event_id, user_id
"""
FORGET = """
    DELETE FROM photos_gallerychange AS change
     WHERE NOT EXISTS (SELECT FROM events_event WHERE id = change.event_id)
        OR (user_id > 0 AND NOT EXISTS (SELECT FROM events_user WHERE id = change.user_id))
"""
FORGET_GUEST = "DELETE FROM photos_gallerychange WHERE user_id = %s"


@dataclass(frozen=True)
class Version:
    """One for what all guests see, one for what their galleries say besides, of people and of
    the one who asks."""

    everybody: str
    guest: str

    def __str__(self) -> str:
        return f"{self.everybody}-{self.guest}"


def version(event: Event, user: AbstractBaseUser | AnonymousUser | None = None) -> Version:
    """The version of an event's galleries as a guest sees them. One query, by index only.

    Read it before what it stands for: then what is shown is never older than it says.
    """
    guest_id = user.pk if user is not None and user.pk else EVERYBODY
    with connection.cursor() as cursor:
        cursor.execute(VERSION, [event.pk, guest_id])
        return _version(event.pk, *cursor.fetchone())


def of_visitor(visitor: Visitor) -> Version:
    """The same of a visitor who was found with `OF_VISIT`. No query."""
    return _version(visitor.event.pk, visitor.more["everybody"], visitor.more["guest"])


def of_everybody(visitor: Visitor) -> Version:
    """What all guests see, of the same."""
    return _version(visitor.event.pk, visitor.more["everybody"], 0)


def live(slug: str, code: str) -> tuple[Event, Version] | None:
    """What the slideshow of that link shows, and the event with nothing but how it is joined and
    from when on guests see all; None where the link leads nowhere. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE, [slug, code])
        row = cursor.fetchone()
    if row is None:
        return None
    everybody, *of_event = row
    names = ["pk", "slideshow_qr", "join_code", "closed_at", "join_until"]
    names += ["general", "general_from"]
    event = Event(**dict(zip(names, of_event, strict=True)))
    return event, _version(event.pk, everybody, 0)


def _version(event_id: int, *tokens: int) -> Version:
    everybody, guest = (f"{token & (2**64 - 1):016x}" for token in tokens)
    return Version(f"{event_id}-{everybody}", guest)


def note(event: Event, users: Iterable[User]) -> None:
    """Something else changed in what these guests see, which no trigger watches."""
    GalleryChange.objects.bulk_create(
        GalleryChange(event_id=event.pk, user_id=user.pk, token=secrets.randbits(63))
        for user in users
    )


def fold() -> None:
    """Make one row of many, with the same versions; drop those of events and people that are
    gone."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(FOLD)


def forget_guest(user_id: int) -> None:
    """Drop what is kept for a guest who is gone. What is under way may add one more, until the
    sweep."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_GUEST, [user_id])
