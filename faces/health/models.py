"""Guests who are enrolled have a model of faces that are there, made anew when it must be."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.utils import timezone

from events.models import Event
from faces.finding import renewing
from faces.guest_models import GuestModelQuerySet, RematchQuerySet
from faces.index.indexes import has_templates, index_named, load
from faces.index.models import EventIndex
from faces.models import Enrollment, GuestModel, PhotoScan, Rematch
from faces.querysets import EnrollmentQuerySet
from findme import jobs
from findme.diagnosis import Rule, broken
from findme.health import queue_rests

# Made anew seconds after the photos rest.
MODEL_STALE = timedelta(hours=1)
# Heard of after each batch, and by each sweep that has it gone on with.
REMATCH_STUCK = timedelta(hours=1)
MEMBERS_GONE = """
    SELECT model.id FROM faces_guestmodel model
     WHERE NOT is_stale AND EXISTS (
         SELECT FROM unnest(members) member
          WHERE NOT EXISTS (SELECT FROM faces_face WHERE faces_face.id = member))
"""


def _of_faces_gone() -> GuestModelQuerySet:
    return GuestModel.objects.filter(pk__in=RawSQL(MEMBERS_GONE, ()))  # noqa: S611


def _mark_stale() -> int:
    count = _of_faces_gone().count()
    _of_faces_gone().mark_stale()
    return count


def _usable(**state: str) -> list[int]:
    """Indexes whose faces are compared here, by the installed model; others wait for it, and those
    of events in the bin until these come out."""
    in_sight = {"event__deletion_started_at": None, "event__binned_at": None}
    rows = EventIndex.objects.in_use().filter(**in_sight, **state)
    loaded = map(load, rows.exclude(event=None))
    return [one.row.pk for one in loaded if has_templates(one) and not one.is_outdated()]


def _in_usable(**state: str) -> Exists:
    own = EventIndex.objects.filter(event=OuterRef("event"), name=OuterRef("index_name"))
    return Exists(own.filter(pk__in=_usable(**state)))


def _without_model() -> EnrollmentQuerySet:
    models = GuestModel.objects.filter(
        user=OuterRef("selfie__user"), event=OuterRef("event"), index_name=OuterRef("index_name")
    )
    return Enrollment.objects.filter(_in_usable(), ~Exists(models), template__isnull=False)


def _make_models() -> int:
    lacking: dict[tuple[int, str], set[int]] = defaultdict(set)
    for event_id, name, user_id in _without_model().values_list(
        "event", "index_name", "selfie__user"
    ):
        lacking[event_id, name].add(user_id)
    count = 0
    for (event_id, name), users in sorted(lacking.items()):
        event = Event.objects.get(pk=event_id)
        index = index_named(event, name)
        if index is not None and has_templates(index):
            renewing.renew_guests(event, index, sorted(users))
            count += len(users)
    return count


def _stale_for_long() -> GuestModelQuerySet:
    """While photos arrive they wait, and so they do behind other jobs. In an index that is being
    built they are a part of that (`index_building_stuck`)."""
    if not queue_rests():
        return GuestModel.objects.none()
    unfinished = PhotoScan.objects.unfinished().filter(event=OuterRef("event"))
    stale = GuestModel.objects.stale().filter(renewed_at__lt=timezone.now() - MODEL_STALE)
    return stale.filter(_in_usable(state=EventIndex.State.ACTIVE), ~Exists(unfinished))


def _enqueue_renewing() -> int:
    events = sorted(set(_stale_for_long().values_list("event", flat=True)))
    jobs.enqueue_many("renew", events)
    return len(events)


def _rematch_stuck() -> RematchQuerySet:
    if not queue_rests():
        return Rematch.objects.none()
    stuck = Rematch.objects.filter(beat_at__lt=timezone.now() - REMATCH_STUCK)
    return stuck.filter(event__deletion_started_at=None)


def _enqueue_rematching() -> int:
    events = list(_rematch_stuck().values_list("event", flat=True))
    jobs.enqueue_many("rematch", events)
    return len(events)


RULES = (
    Rule(
        "model_members_gone",
        "guests' models that rest on faces which are gone",
        "--repair has them made anew.",
        lambda: broken(_of_faces_gone()),
        _mark_stale,
        "models marked to be made anew",
    ),
    Rule(
        "model_missing",
        "selfies in an index, of guests without a model",
        "They are found in no new photo. --repair makes the models.",
        lambda: broken(_without_model()),
        _make_models,
        "models made",
    ),
    Rule(
        "model_stale",
        "guests' models that should have been made anew an hour ago",
        "Look for renew among the jobs that failed. --repair has it done.",
        lambda: broken(_stale_for_long()),
        _enqueue_renewing,
        "events enqueued",
    ),
    Rule(
        "rematch_stuck",
        "events whose guests are being matched anew, and none was for an hour",
        "A worker's sweep would have gone on: is one running? --repair has it gone on with.",
        lambda: broken(_rematch_stuck()),
        _enqueue_rematching,
        "events enqueued",
    ),
)
