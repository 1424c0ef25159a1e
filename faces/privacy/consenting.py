"""Consent: to which words, and that it is given.

The words say what is done with the faces and by whom, so they are others where an event's faces are
kept otherwise, or recognized by a service. What a guest agreed to is kept as the hash of the words
that were on the page, with what they said; `faces.consent_models` says how far that goes.
"""

from __future__ import annotations

import hashlib
import html
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from events.access import still_theirs
from events.entrance import exclusions
from events.models import Event, Membership, User
from faces import consent_models
from faces.consent_models import AskedAgain, ConsentQuerySet
from faces.finding import enrolling, matching
from faces.index.contract import FaceIndex
from faces.index.indexes import indexes_of
from faces.models import Consent
from findme import jobs
from findme.language import current_language

logger = logging.getLogger(__name__)

TEXT = "faces/privacy/_consent_words.html"
# A guardian's, for a child.
CHILD_TEXT = "faces/privacy/_child_consent_words.html"
# Of the texts in those files: who changes it, gives it a new one.
TEXT_VERSION = "2026-11-30"


@dataclass(frozen=True)
class Words:
    """What a guest reads before they agree, and what it says."""

    shown: SafeString
    language: str
    indexing: str
    index_kind: str
    # Names of the services that look at the photos.
    services: tuple[str, ...]

    @property
    def text_hash(self) -> str:
        """Of the text as it is read: without markup, each run of spaces one."""
        text = " ".join(html.unescape(strip_tags(self.shown)).split())
        return hashlib.sha256(text.encode()).hexdigest()

    def as_fields(self) -> dict[str, Any]:
        return {
            "text_version": TEXT_VERSION,
            "text_hash": self.text_hash,
            "language": self.language,
            "indexing": self.indexing,
            "index_kind": self.index_kind,
        }


def words(event: Event, person: User | None = None) -> Words:
    """The words for an event as they are now, in the language that is spoken; for a child those
    that its guardian reads."""
    child = person if person is not None and person.guardian_id else None
    context = {"event": event, "child": child}
    indexes = indexes_of(event)
    services = tuple(index.service for index in indexes if index.service)
    return Words(
        shown=render_to_string(CHILD_TEXT if child else TEXT, context | {"services": services}),
        language=current_language(),
        indexing=event.indexing,
        index_kind=_kind(indexes),
        services=services,
    )


def give(*, user: User, event: Event, words: Words) -> Consent:
    """Record that the guest agrees, and enroll the selfies that are already there.

    Who is removed from the event meanwhile is no member any more: `Membership.DoesNotExist`.
    Raises `ProofNeeded`.
    """
    if event.proof_first:
        enrolling.demand_proof(user)
    with still_theirs(user):
        # As whoever removes them does, who says why it is `no_key`.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if exclusions.of_user(event, user).exists():
            raise Membership.DoesNotExist
        consent, _ = Consent.objects.in_force().get_or_create(
            user=user, event=event, defaults=words.as_fields()
        )
        jobs.enqueue("enroll", event.pk)
    return consent


def give_anew(*, user: User, event: Event, words: Words) -> Consent | None:
    """Replace the guest's consent by one to other words: nothing is removed, and whom they share
    with stays. None where there is none to replace: it was withdrawn meanwhile.

    Alone, as a withdrawal is: of the two the later one counts. Raises `ProofNeeded`.
    """
    if event.proof_first:
        enrolling.demand_proof(user)
    with still_theirs(user), matching.matching(event.pk, with_others=False):
        old = Consent.objects.of(user).in_event(event).in_force().first()
        if old is None:
            return None
        Consent.objects.filter(pk=old.pk).update(withdrawn_at=timezone.now(), is_replaced=True)
        consent = Consent.objects.create(
            user=user, event=event, together_since=old.together_since, **words.as_fields()
        )
        jobs.enqueue("enroll", event.pk)
    logger.info("consent_replaced event=%s", event.pk)
    return consent


def asked_again(user: User, event: Event) -> AskedAgain | None:
    """What the guest must agree to anew, if anything."""
    consent = Consent.objects.of(user).in_event(event).in_force().first()
    if consent is None:
        return None
    kinds = [index.row.kind for index in indexes_of(event)]
    return consent_models.asked_again(consent, kinds, event.indexing)


def to_be_asked(event: Event, kind: str) -> ConsentQuerySet:
    """The guests who have not agreed to such an index: nothing of theirs goes into it."""
    consents = Consent.objects.in_event(event).in_force().not_covering(kind)
    return consents.filter(user__selfies__state="accepted").distinct()


def _kind(indexes: Sequence[FaceIndex]) -> str:
    """What the words name: the service, also while it is only about to take over, or just goes."""
    remote = [index.row.kind for index in indexes if index.is_remote]
    return remote[-1] if remote else indexes[0].row.kind
