"""Taking back: what a withdrawal removes, and the receipt of it."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Event, User
from faces import matching
from faces.index import face_index
from faces.models import Consent, Enrollment, Face, FaceMatch, Selfie

logger = logging.getLogger(__name__)

Receipt = dict[str, int]


def withdraw(*, user: User, event: Event) -> Receipt:
    """Remove what was made of a guest's face for an event; selfies too, if no other needs them.

    Returns what was removed, and keeps that with the consent. A job under way cannot write
    anything back: it checks the consent inside the same exclusion.
    """
    with matching.matching(event.pk, with_others=False):
        now = timezone.now()
        Consent.objects.of(user).in_event(event).in_force().update(withdrawn_at=now)
        enrollments = Enrollment.objects.filter(selfie__user=user, event=event)
        remote = _remote_ids(enrollments)
        receipt = {
            "matches": FaceMatch.objects.of(user).in_event(event).delete()[0],
            "templates": enrollments.delete()[0],
            "selfies": _remove_unneeded_selfies(user),
        }
        matching.forget_strangers(event, event.faces.all())
        withdrawn = Consent.objects.of(user).in_event(event).filter(withdrawn_at=now)
        withdrawn.update(erasure_receipt=receipt)
    face_index().forget(event, remote)
    logger.info("consent_withdrawn event=%s", event.pk)
    return receipt


def remove_selfie(selfie: Selfie) -> None:
    """Remove one selfie, its templates, and the matches that rested on it.

    All at once and excluding its events' enrolling, which would otherwise enroll it again between
    the removal of a template and that of the selfie.
    """
    user_id, selfie_id = selfie.user_id, selfie.pk
    events = list(Consent.objects.filter(user_id=user_id).in_force().events())
    with ExitStack() as exclusion:
        for event in events:
            exclusion.enter_context(matching.matching(event.pk, with_others=False))
        remote = {event: _remote_ids(selfie.enrollments.filter(event=event)) for event in events}
        selfie.delete()
        for event in events:
            matching.match_guest(event, user_id)
            matching.forget_strangers(event, event.faces.all())
    for event, remote_ids in remote.items():
        face_index().forget(event, remote_ids)
    logger.info("selfie_removed selfie=%s", selfie_id)


def forget_photos(photo_ids: list[int]) -> None:
    """Have a remote index forget the faces of photos that are about to be deleted.

    In the deleting transaction; the index is asked after its commit. Rows go with their photos.
    """
    remote: dict[int, list[str]] = {}
    faces = Face.objects.filter(photo__in=photo_ids).exclude(remote_face_id="")
    for event_id, face_id in faces.values_list("event", "remote_face_id"):
        remote.setdefault(event_id, []).append(face_id)
    for event in Event.objects.filter(pk__in=remote):
        transaction.on_commit(partial(face_index().forget, event, remote[event.pk]))


def _remote_ids(enrollments: QuerySet[Enrollment]) -> list[str]:
    return [face_id for face_id in enrollments.values_list("remote_face_id", flat=True) if face_id]


def _remove_unneeded_selfies(user: User) -> int:
    if Consent.objects.of(user).in_force().exists():
        return 0
    return Selfie.objects.of(user).delete()[0]
