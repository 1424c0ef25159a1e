"""Photos with me and another guest, both of whom share them. Who does not share, sees nothing.

Sharing rests on the consent: it ends with it, and with leaving the event, at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from events.access import still_theirs
from events.models import Event, Membership, User
from faces.consent_models import ConsentQuerySet
from faces.models import Consent, FaceMatch
from faces.querysets import FaceMatchQuerySet
from photos.audience import Audience
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Partner:
    """Another guest who shares. The consent's id stands for them: it ends when sharing ends."""

    consent_id: int
    user_id: int
    name: str


def set_sharing(*, user: User, event: Event, shares: bool) -> bool:
    """Start or stop sharing. False where there is no consent that it could rest on."""
    own = Consent.objects.of(user).in_event(event).in_force()
    now = timezone.now() if shares else None
    with still_theirs(user):
        changed = own.filter(together_since__isnull=shares).update(together_since=now)
    logger.info("together_%s event=%s changed=%s", "on" if shares else "off", event.pk, changed)
    return bool(changed) or own.exists()


def is_sharing(user: User, event: Event) -> bool:
    return _sharing(event).filter(user=user).exists()


def partners(user: User, event: Event) -> list[Partner]:
    """The others who share, by name; nobody for a guest who does not. Two queries."""
    if not is_sharing(user, event):
        return []
    others = _sharing(event).exclude(user=user).select_related("user")
    found = [Partner(one.pk, one.user_id, one.user.name) for one in others]
    return sorted(found, key=lambda partner: partner.name.casefold())


def partner(user: User, event: Event, consent_id: int) -> Partner | None:
    """One of the others who share now, or None."""
    return next((one for one in partners(user, event) if one.consent_id == consent_id), None)


def photos_of(user: User, other: Partner, event: Event, audience: Audience) -> PhotoQuerySet:
    """The photos that both are in, as far as the user is shown them: they are the user's own."""
    matches = FaceMatch.objects.in_event(event).counting()
    photos = Photo.objects.in_event(event).shown_to(audience)
    return photos.filter(
        Exists(_in(matches, user.pk)),
        Exists(_in(matches, other.user_id)),
    )


def counts(user: User, others: list[Partner], event: Event, audience: Audience) -> dict[int, int]:
    """How many such photos the guest is in with each of the others, by user id. One query."""
    matches = FaceMatch.objects.in_event(event).counting()
    own = Photo.objects.in_event(event).shown_to(audience).filter(Exists(_in(matches, user.pk)))
    shared = matches.filter(user__in=[one.user_id for one in others], photo__in=own)
    found = shared.values("user_id").annotate(count=Count("pk"))
    return dict(found.values_list("user_id", "count"))


def _in(matches: FaceMatchQuerySet, user_id: int) -> FaceMatchQuerySet:
    """Matches of one guest with the photo of the query around."""
    return matches.filter(user_id=user_id, photo=OuterRef("pk"))


def _sharing(event: Event) -> ConsentQuerySet:
    """Consents in force of members who share. Names are shown, and an address is never a name: a
    guest without one does not take part."""
    members = Membership.objects.filter(event=event, user=OuterRef("user"))
    sharing = Consent.objects.in_event(event).in_force().filter(together_since__isnull=False)
    return sharing.filter(Exists(members)).exclude(user__name="")
