"""When guests' models are made anew: once the photos rest, and while a guest looks.

A photo marks the models that it may become a part of (`faces.finding.comparing`), and never makes
one anew itself: of a batch of thousands each guest's model is made anew a few times, not thousands.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from events.models import Event, User
from faces.finding import comparing, matching
from faces.guest_models import GuestModelQuerySet
from faces.index.contract import TemplateIndex
from faces.index.indexes import has_templates, index_of, indexes_of
from faces.models import Consent, GuestModel, PhotoScan
from findme import jobs

logger = logging.getLogger(__name__)

# A guest who looks has their model made anew no more often than this while photos arrive; and so
# does everybody where photos come one by one.
LOOK_AGAIN = timedelta(seconds=20)
# While a batch is scanned, those who do not look wait this long.
BUSY = timedelta(minutes=5)


def renew(event: Event) -> int:
    """Make every model anew that needs it, in each of the event's indexes. Returns how many.

    Block by block: who dies in between leaves the others to the sweep.
    """
    renewed = 0
    for index in indexes_of(event):
        if has_templates(index):
            users = sorted(_to_renew(index, event))
            for block in matching.blocks(users):
                renew_guests(event, index, block)
            renewed += len(users)
    if renewed:
        logger.info("models_renewed event=%s guests=%s", event.pk, renewed)
    return renewed


def renew_guests(event: Event, index: TemplateIndex, user_ids: Sequence[int]) -> None:
    with matching.matching(event.pk, with_others=False):
        matching.match_guests(event, index, user_ids)
        matching.forget_strangers(event, event.faces.all())


def renew_due(event: Event) -> int:
    """`renew`, unless it is too early for it: then the sweep comes back to it."""
    return renew(event) if _is_due(event) else 0


def ask_if_resting(event: Event) -> None:
    """A photo was looked at: if it was the last for now, have the models made anew."""
    if _rests(event) and _stale(event).exists():
        jobs.enqueue("renew", event.pk)


def ask_for(event: Event, user: User) -> bool:
    """A guest looks: have their model made anew, unless that was asked for a moment ago."""
    now = timezone.now()
    stale = _stale(event).filter(user=user, renewed_at__lt=now - LOOK_AGAIN)
    consent = Consent.objects.of(user).in_event(event).in_force().first()
    if consent is None or not stale.update(renewed_at=now):
        return False
    jobs.enqueue("search_guest", consent.pk)
    return True


def renew_for(event: Event, user_id: int) -> None:
    """What `ask_for` asked for."""
    index = index_of(event)
    if has_templates(index) and _stale(event).filter(user=user_id).exists():
        renew_guests(event, index, [user_id])


def stale_count(index: TemplateIndex, event: Event) -> int:
    """How many guests' models have to be made before the index finds all it can."""
    return len(_to_renew(index, event))


def sweep() -> None:
    """Enqueue the events with models to make anew."""
    events = GuestModel.objects.stale().values("event")
    for event in Event.objects.kept().filter(pk__in=events):
        if _is_due(event):
            jobs.enqueue("renew", event.pk)


def _is_due(event: Event) -> bool:
    """Whether photos rest and nothing was made anew a moment ago, or it is long ago."""
    now, stale = timezone.now(), _stale(event)
    if not _rests(event):
        return stale.filter(renewed_at__lt=now - BUSY).exists()
    return stale.exists() and not stale.filter(renewed_at__gt=now - LOOK_AGAIN).exists()


def _stale(event: Event) -> GuestModelQuerySet:
    return GuestModel.objects.filter(event=event).stale()


def _to_renew(index: TemplateIndex, event: Event) -> set[int]:
    """Guests without a model, and those whose model is stale or was judged by another threshold."""
    models = GuestModel.objects.in_event(event, index.name)
    outdated = Q(is_stale=True) | ~Q(sure_at=comparing.limits(index, event).sure)
    old = set(models.filter(outdated).values_list("user", flat=True))
    known = set(models.values_list("user", flat=True))
    return old | (matching.enrolled_users(event, index) - known)


def _rests(event: Event) -> bool:
    return PhotoScan.objects.filter(event=event).are_complete()
