"""Behind everything made of a face stands a consent in force, of a member."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from events.models import Event, Membership, User
from faces.consent_models import ConsentQuerySet
from faces.finding import erasing, matching, tidying
from faces.guest_models import CandidateQuerySet, GuestModelQuerySet
from faces.index.implementations import implementation
from faces.index.models import EventIndex
from faces.letter_models import NoticeRequestQuerySet
from faces.models import (
    Candidate,
    Consent,
    Enrollment,
    FaceMatch,
    GuestModel,
    NoticeRequest,
    Selfie,
)
from faces.privacy import withdrawal
from faces.querysets import EnrollmentQuerySet, FaceMatchQuerySet, SelfieQuerySet
from findme.diagnosis import Rule, broken

# What is given with a consent may be there a moment before it.
JUST_NOW = timedelta(hours=1)


def _consented(user: str = "user") -> Exists:
    own = {"user": OuterRef(user), "event": OuterRef("event")}
    return Exists(Consent.objects.in_force().filter(**own))


def _consents_of_strangers() -> ConsentQuerySet:
    """Who leaves an event withdraws, and whoever removes them withdraws for them. An event that is
    being deleted has no members, and withdraws one by one."""
    member = Membership.objects.filter(user=OuterRef("user"), event=OuterRef("event"))
    consents = Consent.objects.in_force().filter(event__deletion_started_at=None)
    return consents.filter(~Exists(member))


def _matches() -> FaceMatchQuerySet:
    return FaceMatch.objects.filter(~_consented())


def _enrollments() -> EnrollmentQuerySet:
    return Enrollment.objects.filter(~_consented("selfie__user"))


def _models() -> GuestModelQuerySet:
    return GuestModel.objects.filter(~_consented())


def _candidates() -> CandidateQuerySet:
    return Candidate.objects.filter(~_consented())


def _withdraw_all(*found: QuerySet[Any], user: str = "user", ended: bool = True) -> int:
    """By the one door. `ended`: unless there is a consent by now."""
    pairs = {pair for rows in found for pair in rows.order_by().values_list(user, "event")}
    return sum(_withdrawn(*pair, ended=ended) for pair in sorted(pairs))


def _withdrawn(user_id: int, event_id: int, *, ended: bool) -> bool:
    """Whoever would give a consent waits for the account's row."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        event = Event.objects.filter(pk=event_id).first()
        if user is None or event is None:
            return False
        if ended:
            blocked = Consent.objects.of(user).in_event(event).in_force().exists()
        else:
            blocked = Membership.objects.of(user).filter(event=event).exists()
        if not blocked:
            withdrawal.withdraw(user=user, event=event)
    return not blocked


def _not_agreed() -> list[EnrollmentQuerySet]:
    """Of guests who agreed, but not to the service that has their face."""
    kinds = set(EventIndex.objects.order_by().values_list("kind", flat=True))
    own = {"user": OuterRef("selfie__user"), "event": OuterRef("event")}
    found = []
    for kind in sorted(kind for kind in kinds if implementation(kind).is_remote):
        index = {"event": OuterRef("event"), "name": OuterRef("index_name"), "kind": kind}
        covering = Consent.objects.in_force().covering(kind).filter(**own)
        there = Exists(EventIndex.objects.filter(**index))
        found.append(
            Enrollment.objects.filter(there, _consented("selfie__user"), ~Exists(covering))
        )
    return found


def _leave_service() -> int:
    count = 0
    for rows in _not_agreed():
        for enrollment in rows.select_related("event", "selfie"):
            event, user_id = enrollment.event, enrollment.selfie.user_id
            with matching.matching(event.pk, with_others=False):
                count += rows.filter(pk=enrollment.pk).delete()[0] > 0
                matching.match_guest(event, user_id)
                tidying.ask_for(event)
    return count


def _selfies() -> SelfieQuerySet:
    in_force = Consent.objects.in_force().filter(user=OuterRef("user"))
    old = Selfie.objects.filter(created_at__lt=timezone.now() - JUST_NOW)
    return old.filter(~Exists(in_force))


def _remove_selfies() -> int:
    count = 0
    for user_id in sorted(set(_selfies().order_by().values_list("user", flat=True))):
        with transaction.atomic():
            user = User.objects.select_for_update().filter(pk=user_id).first()
            count += erasing.remove_unneeded_selfies(user) if user else 0
    return count


def _notices() -> NoticeRequestQuerySet:
    return NoticeRequest.objects.filter(~_consented())


def _of_refused() -> EnrollmentQuerySet:
    return Enrollment.objects.exclude(selfie__state=Selfie.State.ACCEPTED)


RULES = (
    Rule(
        "consent_of_stranger",
        "consents in force of somebody who is no member of the event",
        "Nobody sees their photos, and they cannot withdraw on its pages. --repair withdraws for"
        " them, with a receipt, as the removal of a guest does.",
        lambda: broken(_consents_of_strangers()),
        lambda: _withdraw_all(_consents_of_strangers(), ended=False),
        "consents withdrawn",
    ),
    Rule(
        "match_without_consent",
        "matches of guests without a consent in force",
        "--repair erases what was made of these guests' faces for the event, as a withdrawal does.",
        lambda: broken(_matches()),
        lambda: _withdraw_all(_matches()),
        "guests erased from an event",
    ),
    Rule(
        "template_without_consent",
        "templates of selfies without a consent in force",
        "--repair erases what was made of these guests' faces for the event, as a withdrawal does.",
        lambda: broken(_enrollments()),
        lambda: _withdraw_all(_enrollments(), user="selfie__user"),
        "guests erased from an event",
    ),
    Rule(
        "model_without_consent",
        "models and candidates of guests without a consent in force",
        "--repair erases what was made of these guests' faces for the event, as a withdrawal does.",
        lambda: broken(_models(), _candidates()),
        lambda: _withdraw_all(_models(), _candidates()),
        "guests erased from an event",
    ),
    Rule(
        "template_not_agreed",
        "selfies at a service that their guests did not agree to",
        "--repair removes them there; on our own machines these guests are found as before.",
        lambda: broken(*_not_agreed()),
        _leave_service,
        "selfies removed from a service",
    ),
    Rule(
        "selfie_without_consent",
        "selfies that no consent in force needs",
        "--repair removes them, as the last withdrawal would have.",
        lambda: broken(_selfies()),
        _remove_selfies,
        "selfies removed",
    ),
    Rule(
        "template_of_refused_selfie",
        "templates of selfies that another event's index refused",
        "The guest is still found by them, and sees no picture of it. They may give a new selfie,"
        " or remove the refused one.",
        lambda: broken(_of_refused()),
        is_warning=True,
    ),
    Rule(
        "notice_without_consent",
        "requests for e-mail about new photos, without a consent in force",
        "No such mail is sent. --repair removes the requests.",
        lambda: broken(_notices()),
        lambda: _notices().delete()[0],
        "requests removed",
    ),
)
