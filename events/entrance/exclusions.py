"""Who was removed from an event by its organizers, and does not come back by themselves.

Known by the account, and by a keyed hash of the address, which tells nobody the address and knows
it again after the account is gone. Each event's hashes are of its own: those of two say nothing
of one another.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from events import letters
from events.models import Event, Exclusion, User


def exclude(event: Event, user: User) -> None:
    """Within the transaction that removes the user."""
    Exclusion.objects.update_or_create(
        event=event, address_key=key_of(event, user.email), defaults={"user": user}
    )


def of_user(event: Event, user: User) -> QuerySet[Exclusion]:
    """Those that keep a user out: a child is kept out with its guardian."""
    people = [user, user.guardian] if user.guardian else [user]
    keys = [key_of(event, each.email) for each in people]
    return Exclusion.objects.filter(Q(user__in=people) | Q(address_key__in=keys), event=event)


def key_of(event: Event, email: str) -> str:
    """Addresses that lead to one mailbox have one key."""
    salt = f"events.entrance.exclusions.{event.pk}"
    return salted_hmac(salt, letters.mailbox_of(email), algorithm="sha256").hexdigest()
