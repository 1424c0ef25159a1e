"""Children: those whom a guest looks for as their parent or guardian.

A child is a person with a name, selfies, consents and photos of its own, so that all of recognition
works for it as for a guest. Nobody signs in as a child, and letters about it go to the guardian.
"""

from __future__ import annotations

import logging
import secrets

from django.db import transaction
from django.db.models import QuerySet

from events.models import CHILDREN_DOMAIN, Event, Exclusion, Membership, User
from findme.refusals import Refusal
from photos.gallery import versions

logger = logging.getLogger(__name__)

# A family has room, and nobody looks for a whole school class.
MOST_CHILDREN = 6


class ChildRefused(Refusal):
    """A child is not looked for."""


def add(*, guardian: User, event: Event, name: str) -> User:
    """Make a child of the guardian's, to be looked for in an event. Raises `ChildRefused`.

    Only who proved their address speaks for somebody else. Nothing is looked for before there are a
    consent and a selfie: those are given as a guest's own are.
    """
    if guardian.proven_at is None:
        raise ChildRefused("child_needs_proof")
    with transaction.atomic():
        # Two at once must not pass the limit together; and whoever deletes the account waits.
        User.objects.select_for_update().get(pk=guardian.pk)
        if User.objects.children_of(guardian).count() >= MOST_CHILDREN:
            raise ChildRefused("too_many_children")
        child = User.objects.create_user(
            _no_address(), guardian=guardian, name=name, is_active=False
        )
        bring(child, event)
    logger.info("child_profile_added event=%s child=%s", event.pk, child.pk)
    return child


def bring(child: User, event: Event) -> None:
    """Let a child be looked for in an event too. Raises `ChildRefused`."""
    if Exclusion.objects.filter(event=event, user=child).exists():
        raise ChildRefused("child_removed_here")
    Membership.objects.get_or_create(user=child, event=event)
    versions.note(event, family(child.reader))


def of(guardian: User, event: Event) -> QuerySet[User]:
    """The children that a guardian looks for in an event."""
    return User.objects.children_of(guardian).filter(memberships__event=event)


def elsewhere(guardian: User, event: Event) -> QuerySet[User]:
    """The guardian's other children."""
    here = Membership.objects.filter(event=event).values("user")
    return User.objects.children_of(guardian).exclude(pk__in=here)


def family(guardian: User) -> list[User]:
    return [guardian, *User.objects.children_of(guardian)]


def _no_address() -> str:
    """Unique as addresses must be, and nobody can guess it."""
    return f"{secrets.token_hex(16)}@{CHILDREN_DOMAIN}"
