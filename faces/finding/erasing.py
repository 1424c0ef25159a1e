"""Removes matches, templates and selfies: of a guest who withdraws, or with one selfie."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from django.utils import timezone

from events.models import Event, User
from faces.finding import matching, tidying
from faces.models import (
    Candidate,
    Consent,
    Enrollment,
    FaceChange,
    FaceMatch,
    GuestModel,
    NoticeRequest,
    Selfie,
)

logger = logging.getLogger(__name__)

# How many rows of what.
Removed = dict[str, int]


def erase(*, user: User, event: Event) -> Removed:
    """End a guest's consent for an event, and remove what was made of their face for it; selfies
    too, if no other event needs them.

    For `faces.privacy.withdrawal`, which writes the receipt. Returns what was removed, and keeps
    that with the consent. A job under way cannot write anything back: it checks the consent
    inside the same exclusion.
    """
    with matching.matching(event.pk, with_others=False):
        now = timezone.now()
        Consent.objects.of(user).in_event(event).in_force().update(withdrawn_at=now)
        enrollments = Enrollment.objects.filter(selfie__user=user, event=event)
        removed = {
            "matches": FaceMatch.objects.of(user).in_event(event).delete()[0],
            "templates": enrollments.delete()[0],
            "selfies": remove_unneeded_selfies(user, event),
        }
        matching.match_guest(event, user.pk)
        GuestModel.objects.filter(user=user, event=event).delete()
        Candidate.objects.filter(user=user, event=event).delete()
        matching.forget_strangers(event, event.faces.all())
        event.scans.forget_answers()
        NoticeRequest.objects.of(user).in_event(event).delete()
        withdrawn = Consent.objects.of(user).in_event(event).filter(withdrawn_at=now)
        withdrawn.update(erasure_receipt=removed)
        tidying.ask_for(event)
    logger.info("consent_withdrawn event=%s", event.pk)
    return removed


def remove_selfie(selfie: Selfie) -> None:
    """Remove one selfie, its templates, and the matches that rested on it.

    All at once and excluding its events' enrolling, which would otherwise enroll it again between
    the removal of a template and that of the selfie.
    """
    user_id, selfie_id = selfie.user_id, selfie.pk
    was_in_use = selfie.state == Selfie.State.ACCEPTED
    events = list(Consent.objects.filter(user_id=user_id).in_force().events())
    with ExitStack() as exclusion:
        for event in events:
            exclusion.enter_context(matching.matching(event.pk, with_others=False))
        selfie.delete()
        in_use = Selfie.objects.filter(user_id=user_id).accepted().exists()
        for event in events:
            if was_in_use and not in_use:
                FaceChange.objects.note_removal(user_id, event)
            matching.match_guest(event, user_id)
            matching.forget_strangers(event, event.faces.all())
            event.scans.forget_answers()
            tidying.ask_for(event)
    logger.info("selfie_removed selfie=%s", selfie_id)


def remove_unneeded_selfies(user: User, event: Event | None = None) -> int:
    """Remove a guest's selfies where no event needs them, such as those that the index refused.
    `event` is the last that needed them."""
    if Consent.objects.of(user).in_force().exists():
        return 0
    if event and Selfie.objects.of(user).accepted().exists():
        FaceChange.objects.note_removal(user.pk, event)
    return Selfie.objects.of(user).delete()[0]
