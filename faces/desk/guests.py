"""What an organizer sees of the guests: who joined, and what their selfie came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.audit import Person
from events.desk import roles
from events.models import Event, Membership, User
from faces.index.indexes import active_name
from faces.models import Consent, Enrollment, FaceMatch, Selfie
from faces.privacy import withdrawal

SELFIE_STATES = {
    "found": gettext_lazy("in use"),
    "waiting": gettext_lazy("being looked at"),
    "rejected": gettext_lazy("not usable"),
    "consented": gettext_lazy("agreed, no selfie yet"),
    "withdrawn": gettext_lazy("withdrawn"),
    "none": gettext_lazy("none"),
}


@dataclass(frozen=True)
class Guest:
    membership: Membership
    name: str
    email: str
    joined_at: datetime
    selfie: str | Promise
    photo_count: int


def members(event: Event, *, search: str = "", role: str = "") -> QuerySet[Membership]:
    """An event's people, the latest first, narrowed to those whose name or address has a text."""
    rows = Membership.objects.filter(event=event).select_related("user__guardian")
    if search:
        of_guardian = Q(user__guardian__name__icontains=search)
        of_guardian |= Q(user__guardian__email__icontains=search)
        own = Q(user__guardian=None, user__email__icontains=search)
        rows = rows.filter(Q(user__name__icontains=search) | own | of_guardian)
    if role in Membership.Role.values:
        rows = rows.filter(role=role)
    return _with_figures(rows, event).order_by("-joined_at", "-pk")


def guest(row: Membership) -> Guest:
    """A row of `members` in words. No selfie, only what became of it."""
    return Guest(
        membership=row,
        name=_name(row.user),
        email=row.user.mailbox,
        joined_at=row.joined_at,
        selfie=SELFIE_STATES[_selfie_state(row)],
        photo_count=row.photo_count,  # type: ignore[attr-defined]
    )


def remove(membership: Membership, *, by: Person) -> dict[str, int]:
    """Take somebody out of an event, with all that was made of their face for it, or do nothing.
    They get the receipt that they would get had they withdrawn themselves. The children whom they
    look for there go too.

    Raises `roles.LastOrganizer`.
    """
    user, event = membership.user, membership.event
    with transaction.atomic():
        for child in Membership.objects.filter(event=event, user__guardian=user):
            remove(child, by=by)
        roles.remove_member(membership, by=by)
        return withdrawal.withdraw(user=user, event=event)


def _name(user: User) -> str:
    if not user.guardian:
        return user.name
    return _("%(child)s (child of %(guardian)s)") % {"child": user.name, "guardian": user.guardian}


def _with_figures(rows: QuerySet[Membership], event: Event) -> QuerySet[Membership]:
    user = OuterRef("user")
    matches = FaceMatch.objects.in_event(event).counting().filter(user=user)
    visible = matches.visible()
    count = visible.order_by().values("user").annotate(number=Count("pk")).values("number")
    consents = Consent.objects.in_event(event).filter(user=user)
    selfies = Selfie.objects.filter(user=user)
    enrolled = Enrollment.objects.in_event(event, active_name(event))
    return rows.annotate(
        photo_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        consents_now=Exists(consents.in_force()),
        consented_once=Exists(consents),
        is_enrolled=Exists(enrolled.filter(selfie__user=user)),
        has_accepted=Exists(selfies.accepted()),
        has_any=Exists(selfies),
    )


def _selfie_state(row: Membership) -> str:
    """Selfies serve all events of a guest: without a consent for this one they do not count."""
    if not row.consents_now:  # type: ignore[attr-defined]
        return "withdrawn" if row.consented_once else "none"  # type: ignore[attr-defined]
    if row.is_enrolled:  # type: ignore[attr-defined]
        return "found"
    if row.has_accepted:  # type: ignore[attr-defined]
        return "waiting"
    return "rejected" if row.has_any else "consented"  # type: ignore[attr-defined]
