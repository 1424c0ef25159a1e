"""What is stored about a guest, as their page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from events.access import is_seen_in
from events.models import Event, Membership, User
from faces.models import Consent, Enrollment, FaceMatch, NoticeRequest, Selfie
from photos.models import Download, Favourite, Photo


@dataclass
class EventRecord:
    """What one event knows of a guest."""

    event: Event
    role: str = ""
    consents: list[Consent] = field(default_factory=list)
    template_count: int = 0
    match_count: int = 0
    question_count: int = 0
    denied_count: int = 0
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
        matches = self.match_count + self.question_count + self.denied_count
        return bool(self.consent or self.template_count or matches)


@dataclass(frozen=True)
class PersonRecord:
    """All of it about one person: the guest, or a child that they look for."""

    person: User
    records: list[EventRecord]
    past_consents: list[Consent]
    selfies: list[Selfie]

    @property
    def has_face_data(self) -> bool:
        return any(record.has_face_data for record in self.records)


@dataclass(frozen=True)
class Happening:
    """One line of a guest's activity. `what` is a key of the page's wording."""

    at: datetime
    what: str
    event_name: str = ""


def of_person(person: User) -> PersonRecord:
    """Thirteen queries, however many events there are."""
    selfies = list(Selfie.objects.of(person))
    return PersonRecord(person, records(person), past_consents(person), selfies)


def records(user: User) -> list[EventRecord]:
    """One record for each event, newest first; for a session that proved nothing, of the one that
    it may use. Eleven queries, however many events there are."""
    roles = {m.event_id: m.get_role_display() for m in Membership.objects.of(user)}
    given = list(Consent.objects.of(user).exclude(event=None).order_by("-given_at"))
    notices = set(NoticeRequest.objects.of(user).values_list("event_id", flat=True))
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
        if is_seen_in(user, event.pk)
    ]


def past_consents(user: User) -> list[Consent]:
    """Those to events that are deleted: the proof of what was agreed to, and how it ended."""
    return list(Consent.objects.of(user).filter(event=None).order_by("-given_at"))


def activity(user: User) -> list[Happening]:
    """What the guest did and what was done for them, newest first. Four queries.

    A session that proved nothing is not told what other events somebody was invited to.
    """
    happenings = [Happening(user.date_joined, "account")]
    happenings += [
        Happening(membership.joined_at, "joined", membership.event.name)
        for membership in Membership.objects.of(user).select_related("event")
        if is_seen_in(user, membership.event_id)
    ]
    for consent in Consent.objects.of(user).select_related("event"):
        name = consent.event.name if consent.event else ""
        happenings.append(Happening(consent.given_at, "consented", name))
        if consent.withdrawn_at:
            ended = "replaced" if consent.is_replaced else "withdrew"
            happenings.append(Happening(consent.withdrawn_at, ended, name))
    happenings += [Happening(selfie.created_at, "selfie") for selfie in Selfie.objects.of(user)]
    for request in NoticeRequest.objects.of(user).select_related("event"):
        happenings.append(Happening(request.asked_at, "asked_notices", request.event.name))
        if request.last_sent_at:
            happenings.append(Happening(request.last_sent_at, "noticed", request.event.name))
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)


def _counts(user: User) -> dict[tuple[str, int], int]:
    """Numbers of rows, by field of `EventRecord` and event. Seven queries."""
    matches = FaceMatch.objects.of(user)
    rows: dict[str, tuple[QuerySet[Any], str]] = {
        "template_count": (Enrollment.objects.filter(selfie__user=user), "event"),
        "match_count": (matches.counting(), "event"),
        "question_count": (matches.asked(), "event"),
        "denied_count": (matches.denied(), "event"),
        "favourite_count": (Favourite.objects.filter(user=user), "photo__event"),
        "upload_count": (Photo.objects.by(user), "event"),
        "download_count": (Download.objects.filter(user=user), "event"),
    }
    found: dict[tuple[str, int], int] = {}
    for name, (queryset, event) in rows.items():
        for pk, count in queryset.order_by().values_list(event).annotate(count=Count("pk")):
            found[name, pk] = count
    return found
