"""What an organizer sees of the guests: who joined, what their selfie came to, who came with
another face, and who was removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Lower
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.audit import Person
from events.desk import roles
from events.models import Event, Exclusion, Membership, User
from faces.guest_models import FaceChangeQuerySet
from faces.index.indexes import active_name
from faces.models import Consent, Enrollment, FaceChange, FaceMatch, Selfie
from faces.privacy import withdrawal

SELFIE_STATES = {
    "found": gettext_lazy("in use"),
    "waiting": gettext_lazy("being looked at"),
    "rejected": gettext_lazy("not usable"),
    "consented": gettext_lazy("agreed, no selfie yet"),
    "withdrawn": gettext_lazy("withdrawn"),
    "none": gettext_lazy("none"),
}


# By what the list can be sorted; the other way round with a minus.
SORTED_BY: dict[str, list[str | Lower]] = {
    "name": [Lower("user__name"), "user__email"],
    "joined": ["joined_at"],
    "photos": ["photo_count"],
}
LATEST_FIRST = "-joined"


@dataclass(frozen=True)
class Guest:
    membership: Membership
    name: str
    email: str
    is_proven: bool
    joined_at: datetime
    selfie: str | Promise
    has_selfie: bool
    photo_count: int
    # When they last gave selfies after all earlier ones were removed, and were refused one that
    # was not like those in use.
    changed_at: datetime | None
    refused_at: datetime | None


def members(
    event: Event,
    *,
    search: str = "",
    role: str = "",
    other_faces: bool = False,
    sort: str = LATEST_FIRST,
) -> QuerySet[Membership]:
    """An event's people, the latest first unless `sort` names one of `SORTED_BY`, narrowed to those
    whose name or address has a text, or who came with another face."""
    rows = Membership.objects.filter(event=event).select_related("user__guardian")
    if search:
        of_guardian = Q(user__guardian__name__icontains=search)
        of_guardian |= Q(user__guardian__email__icontains=search)
        own = Q(user__guardian=None, user__email__icontains=search)
        rows = rows.filter(Q(user__name__icontains=search) | own | of_guardian)
    if role in Membership.Role.values:
        rows = rows.filter(role=role)
    if other_faces:
        rows = rows.filter(Exists(_changes(event)))
    return _with_figures(rows, event).order_by(*_order(sort), "-pk")


def counts(event: Event) -> dict[str, int]:
    """How many people an event has of each role, of the others 0. One query."""
    roles_held = event.memberships.order_by().values_list("role").annotate(Count("pk"))
    return dict.fromkeys(Membership.Role.values, 0) | dict(roles_held)


def guest(row: Membership) -> Guest:
    """A row of `members` in words. No selfie, only what became of it."""
    state = _selfie_state(row)
    return Guest(
        membership=row,
        name=_name(row.user),
        email=row.user.mailbox,
        is_proven=row.user.reader.address_proven_at is not None,
        joined_at=row.joined_at,
        selfie=SELFIE_STATES[state],
        has_selfie=state == "found",
        photo_count=row.photo_count,  # type: ignore[attr-defined]
        changed_at=row.changed_at,  # type: ignore[attr-defined]
        refused_at=row.refused_at,  # type: ignore[attr-defined]
    )


def remove(membership: Membership, *, by: Person) -> dict[str, int]:
    """Take somebody out of an event, with all that was made of their face for it, or do nothing.
    They do not come back by themselves (`events.entrance.exclusions`), and get the receipt that
    they would get had they withdrawn themselves. The children whom they look for there go too.

    Raises `roles.LastOrganizer`.
    """
    children = Membership.objects.filter(event=membership.event, user__guardian=membership.user)
    with transaction.atomic():
        _hold(membership.user)
        for child in children:
            _take_out(child, by=by)
        return _take_out(membership, by=by)


def removed(event: Event) -> QuerySet[Exclusion]:
    """Who does not come back by themselves, the latest first."""
    return event.exclusions.select_related("user").order_by("-at", "-pk")


def _order(sort: str) -> list[OrderBy]:
    columns = SORTED_BY.get(sort.removeprefix("-")) or SORTED_BY["joined"]
    is_up = sort.removeprefix("-") in SORTED_BY and not sort.startswith("-")
    terms = [F(column) if isinstance(column, str) else column for column in columns]
    return [OrderBy(term, descending=not is_up) for term in terms]


def _hold(user: User) -> None:
    """A guest's row and those of their children, as whoever gives a consent does.

    All of them before the event, which is held where roles change. `no_key`: whoever holds the
    event may be writing rows that refer to them, and must not wait for who waits for the event.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    list(User.objects.children_of(user).select_for_update(no_key=True))


def _take_out(membership: Membership, *, by: Person) -> dict[str, int]:
    roles.remove_member(membership, by=by)
    return withdrawal.withdraw(user=membership.user, event=membership.event)


def _changes(event: Event) -> FaceChangeQuerySet:
    """Of a membership's user, and of the children whose guardian they are."""
    user = OuterRef("user")
    own = Q(user=user) | Q(user__guardian=user)
    return FaceChange.objects.in_event(event).telling().filter(own)


def _name(user: User) -> str:
    """Never an address, also where a guardian has no name: that is shown beside, or left out."""
    if not user.guardian:
        return user.name
    if not user.guardian.name:
        return _("%(child)s (child)") % {"child": user.name}
    names = {"child": user.name, "guardian": user.guardian.name}
    return _("%(child)s (child of %(guardian)s)") % names


def _with_figures(rows: QuerySet[Membership], event: Event) -> QuerySet[Membership]:
    user = OuterRef("user")
    matches = FaceMatch.objects.in_event(event).counting().filter(user=user)
    visible = matches.visible()
    count = visible.order_by().values("user").annotate(number=Count("pk")).values("number")
    consents = Consent.objects.in_event(event).filter(user=user)
    selfies = Selfie.objects.filter(user=user)
    enrolled = Enrollment.objects.in_event(event, active_name(event))
    changes = _changes(event).order_by().values("event")
    return rows.annotate(
        photo_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        consents_now=Exists(consents.in_force()),
        consented_once=Exists(consents),
        is_enrolled=Exists(enrolled.filter(selfie__user=user)),
        has_accepted=Exists(selfies.accepted()),
        has_any=Exists(selfies),
        changed_at=Subquery(changes.filter(what="changed").values(last=Max("at"))),
        refused_at=Subquery(changes.filter(what="refused").values(last=Max("at"))),
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
