"""Taking back: what a withdrawal removes, and the receipt of it."""

from __future__ import annotations

import logging

from django.utils import timezone

from events.models import Event, User
from faces import matching
from faces.index import face_index
from faces.models import Consent, Enrollment, FaceMatch, Selfie

logger = logging.getLogger(__name__)

Receipt = dict[str, int]


def withdraw(*, user: User, event: Event) -> Receipt:
    """Remove what was made of a guest's face for an event; selfies too, if no other needs them.

    Returns what was removed, and keeps that with the consent. A job under way cannot write
    anything back: it checks the consent inside the same exclusion.
    """
    with matching.matching(event.pk, with_others=False):
        now = timezone.now()
        Consent.objects.filter(user=user, event=event, withdrawn_at=None).update(withdrawn_at=now)
        enrollments = Enrollment.objects.filter(selfie__user=user, event=event)
        remote = [pk for pk in enrollments.values_list("remote_face_id", flat=True) if pk]
        receipt = {
            "matches": FaceMatch.objects.of(user).in_event(event).delete()[0],
            "templates": enrollments.delete()[0],
            "selfies": _remove_unneeded_selfies(user),
        }
        matching.forget_strangers(event, event.faces.all())
        Consent.objects.filter(user=user, event=event, withdrawn_at=now).update(
            erasure_receipt=receipt
        )
    face_index().forget(event, remote)
    logger.info("consent_withdrawn event=%s", event.pk)
    return receipt


def remove_selfie(selfie: Selfie) -> None:
    """Remove one selfie, its templates, and the matches that rested on it."""
    events = Event.objects.filter(enrollments__selfie=selfie).distinct()
    for event in events:
        with matching.matching(event.pk, with_others=False):
            enrollments = Enrollment.objects.filter(selfie=selfie, event=event)
            remote = [pk for pk in enrollments.values_list("remote_face_id", flat=True) if pk]
            enrollments.delete()
            matching.match_guest(event, selfie.user_id)
            matching.forget_strangers(event, event.faces.all())
        face_index().forget(event, remote)
    selfie.delete()
    logger.info("selfie_removed selfie=%s", selfie.pk)


def _remove_unneeded_selfies(user: User) -> int:
    if Consent.objects.filter(user=user, withdrawn_at=None).exists():
        return 0
    return Selfie.objects.of(user).delete()[0]
