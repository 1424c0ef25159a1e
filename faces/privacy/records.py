"""What is stored about a guest: shown, handed out, and erased."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from events.models import Event, Membership, User
from faces.finding import erasing
from faces.models import Consent, Enrollment, FaceMatch, NoticeRequest, Selfie
from faces.privacy import personal_data, receipts
from photos.models import Download, Favourite, Photo

logger = logging.getLogger(__name__)


class SoleOrganizer(Exception):
    """Events that would be left without an organizer, by name."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("sole_organizer")
        self.names = names


@dataclass
class EventRecord:
    """What one event knows of a guest."""

    event: Event
    role: str = ""
    consents: list[Consent] = field(default_factory=list)
    template_count: int = 0
    match_count: int = 0
    favourite_count: int = 0
    upload_count: int = 0
    download_count: int = 0
    wants_notices: bool = False

    @property
    def consent(self) -> Consent | None:
        """The one in force."""
        return next((c for c in self.consents if c.withdrawn_at is None), None)

    @property
    def has_face_data(self) -> bool:
        return bool(self.consent or self.template_count or self.match_count)


@dataclass(frozen=True)
class Happening:
    """One line of a guest's activity. `what` is a key of the page's wording."""

    at: datetime
    what: str
    event_name: str = ""


def records(user: User) -> list[EventRecord]:
    """By event, newest first. Nine queries, however many events there are."""
    roles = {m.event_id: m.get_role_display() for m in Membership.objects.of(user)}
    given = list(Consent.objects.of(user).exclude(event=None).order_by("-given_at"))
    notices = set(NoticeRequest.objects.filter(user=user).values_list("event_id", flat=True))
    counts = _counts(user)
    known = {
        *roles,
        *(c.event_id for c in given if c.event_id),
        *notices,
        *(pk for _, pk in counts),
    }
    return [
        EventRecord(
            event,
            role=roles.get(event.pk, ""),
            consents=[consent for consent in given if consent.event_id == event.pk],
            wants_notices=event.pk in notices,
            **{name: count for (name, pk), count in counts.items() if pk == event.pk},
        )
        for event in Event.objects.filter(pk__in=known)
    ]


def past_consents(user: User) -> list[Consent]:
    """Those to events that are deleted: the proof of what was agreed to, and how it ended."""
    return list(Consent.objects.of(user).filter(event=None).order_by("-given_at"))


def activity(user: User) -> list[Happening]:
    """What the guest did and what was done for them, newest first. Four queries."""
    happenings = [Happening(user.date_joined, "account")]
    happenings += [
        Happening(membership.joined_at, "joined", membership.event.name)
        for membership in Membership.objects.of(user).select_related("event")
    ]
    for consent in Consent.objects.of(user).select_related("event"):
        name = consent.event.name if consent.event else ""
        happenings.append(Happening(consent.given_at, "consented", name))
        if consent.withdrawn_at:
            happenings.append(Happening(consent.withdrawn_at, "withdrew", name))
    happenings += [Happening(selfie.created_at, "selfie") for selfie in Selfie.objects.of(user)]
    for request in NoticeRequest.objects.filter(user=user).select_related("event"):
        happenings.append(Happening(request.asked_at, "asked_notices", request.event.name))
        if request.last_sent_at:
            happenings.append(Happening(request.last_sent_at, "noticed", request.event.name))
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)


def withdraw(*, user: User, event: Event) -> erasing.Receipt:
    """Withdraw for one event, with a receipt by e-mail."""
    receipt = erasing.withdraw(user=user, event=event)
    receipts.write(user=user)
    return receipt


def withdraw_everywhere(user: User) -> erasing.Receipt:
    """Withdraw for all events, with one receipt by e-mail. Returns the sums.

    Event by event, each in a transaction of its own: a locked event must not make another wait.
    """
    total: erasing.Receipt = {"matches": 0, "templates": 0, "selfies": 0}
    for event in _events_with_face_data(user):
        for name, count in erasing.withdraw(user=user, event=event).items():
            total[name] = total.get(name, 0) + count
    total["selfies"] += _remove_stray_selfies(user)
    receipts.write(user=user)
    return total


def delete_account(user: User) -> dict[str, int]:
    """Erase the account and all rows that are the guest's. Returns their numbers by model.

    Raises `SoleOrganizer`. Consents go first, with everything that rests on them, in the face
    index too. Then the account's row is held: whoever would add a consent or a selfie waits for
    it, and finds it gone.
    """
    if names := sole_organizer_of(user):
        raise SoleOrganizer(names)
    before = personal_data.counts(user)
    while True:
        for event in _events_with_face_data(user):
            erasing.withdraw(user=user, event=event)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            if _events_with_face_data(user):
                continue  # given in another tab meanwhile
            receipts.write(user=user, account_counts=before)
            user_id = user.pk
            User.objects.get(pk=user.pk).delete()
        logger.info("account_deleted user=%s", user_id)
        return before


def sole_organizer_of(user: User) -> list[str]:
    """Names of events whose only organizer the user is: they must be handed over first."""
    organizers = Count("memberships", filter=Q(memberships__role=Membership.Role.ORGANIZER))
    own = Membership.objects.of(user).organizers().values("event")
    events = Event.objects.kept().filter(pk__in=own).annotate(organizers=organizers)
    return list(events.filter(organizers=1).values_list("name", flat=True))


def _counts(user: User) -> dict[tuple[str, int], int]:
    """By field of `EventRecord` and event. Five queries."""
    rows: dict[str, tuple[QuerySet[Any], str]] = {
        "template_count": (Enrollment.objects.filter(selfie__user=user), "event"),
        "match_count": (FaceMatch.objects.of(user), "event"),
        "favourite_count": (Favourite.objects.filter(user=user), "photo__event"),
        "upload_count": (Photo.objects.filter(uploader=user), "event"),
        "download_count": (Download.objects.filter(user=user), "event"),
    }
    found: dict[tuple[str, int], int] = {}
    for name, (queryset, event) in rows.items():
        for pk, count in queryset.order_by().values_list(event).annotate(count=Count("pk")):
            found[name, pk] = count
    return found


def _events_with_face_data(user: User) -> list[Event]:
    """In the order of their ids: whoever locks several events locks them in one order."""
    in_force = Consent.objects.of(user).in_force().values("event")
    enrolled = Enrollment.objects.filter(selfie__user=user).values("event")
    matched = FaceMatch.objects.of(user).values("event")
    ids = Q(pk__in=in_force) | Q(pk__in=enrolled) | Q(pk__in=matched)
    return list(Event.objects.filter(ids).order_by("pk"))


def _remove_stray_selfies(user: User) -> int:
    """Selfies that no event uses, such as those the index refused."""
    if Consent.objects.of(user).in_force().exists():
        return 0
    return Selfie.objects.of(user).delete()[0]
