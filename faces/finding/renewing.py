"""When guests' models are made anew: once the photos rest, while a guest looks, and everybody's
after a change of threshold.

A photo marks the models that it may become a part of (`faces.finding.comparing`), and never makes
one anew itself: of a batch of thousands each guest's model is made anew a few times, not thousands.

Many guests are matched in batches, each a short transaction, between which photos are published
and guests enroll. A job does some, then has another go on; how far they are is in a row
(`Rematch`), so that whoever dies loses one batch. Each batch goes by the event's threshold as it
then is: where that changes on the way, the job starts over, with those who were not matched by it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Event, User
from faces.finding import comparing, matching
from faces.guest_models import GuestModelQuerySet
from faces.index.contract import FaceIndex, FacesInMemory, TemplateIndex
from faces.index.indexes import active_name, has_templates, index_of, indexes_of
from faces.models import Consent, GuestModel, PhotoScan, Rematch
from findme import jobs

logger = logging.getLogger(__name__)

Report = Callable[[int, int], object]

# A guest who looks has their model made anew no more often than this while photos arrive; and so
# does everybody where photos come one by one.
LOOK_AGAIN = timedelta(seconds=20)
# While a batch is scanned, those who do not look wait this long.
BUSY = timedelta(minutes=5)
# A job that takes longer than this leaves the rest to the next one.
SLICE_SECONDS = 20.0
# While a batch is matched, photos and guests that come wait for it.
LONGEST_BATCH_SECONDS = 2.0
# So many guests are matched by one job; of more, the rest is left to the next.
MANY = 4 * matching.BLOCK


def renew(event: Event, seconds: float = inf) -> int:
    """Make every model anew that needs it, in each of the event's indexes, until the time is over.
    Returns how many.

    Block by block: who dies in between leaves the others to the sweep.
    """
    renewed, until = 0, monotonic() + seconds
    for index in indexes_of(event):
        if has_templates(index):
            faces = index.in_memory()
            for block in matching.blocks(sorted(_to_renew(index, event))):
                if monotonic() > until:
                    break
                jobs.beat()
                renew_guests(event, index, block, faces if len(block) > comparing.FEW else None)
                renewed += len(block)
    if renewed:
        logger.info("models_renewed event=%s guests=%s", event.pk, renewed)
    return renewed


def renew_guests(
    event: Event,
    index: TemplateIndex,
    user_ids: Sequence[int],
    faces: FacesInMemory | None = None,
) -> None:
    with matching.matching(event.pk, with_others=False):
        matching.match_guests(event, index, user_ids, faces)
        matching.forget_strangers(event, event.faces.all())


def renew_due(event: Event) -> int:
    """`renew`, unless it is too early for it: then the sweep comes back to it. Where that takes
    long it is a rematch, which goes on from job to job. Returns how many were renewed at once."""
    if not _is_due(event) or Rematch.objects.of(event).exists():
        return 0
    index = index_of(event)
    # Another model's templates are compared with nothing until `reindex`.
    if has_templates(index) and index.is_outdated():
        return 0
    if len(_left(event, index, everybody=False)) <= MANY:
        return renew(event)
    start(event)
    return 0


def start(event: Event, *, before: float | None = None) -> None:
    """`begin`, and have a job do it."""
    with transaction.atomic():
        begin(event, before=before)
        jobs.enqueue("rematch", event.pk)


def begin(event: Event, *, before: float | None = None) -> None:
    """Note that the guests are to be matched anew whom something changed for; with `before` their
    threshold, which was that. The job `rematch` does it; one that is at it notices by itself."""
    left = _left(event, index_of(event), everybody=False)
    asked = {} if before is None else {"rescans": True, "before": before}
    fresh = _from_the_first(event.match_threshold, len(left)) | asked
    with transaction.atomic():
        _threshold_alone(event)
        row, is_new = Rematch.objects.get_or_create(event=event, defaults=fresh)
        if asked and not is_new:
            first = row.before or before
            row.rescans, row.before = True, None if first == event.match_threshold else first
            row.save(update_fields=["rescans", "before"])


def begin_with_everybody(event: Event) -> None:
    """Note that all guests are to be matched anew, whoever is at it already."""
    left = _left(event, index_of(event), everybody=True)
    fresh = _from_the_first(event.match_threshold, len(left))
    fresh |= {"everybody": True, "rescans": True, "runner": None, "beat_at": timezone.now()}
    Rematch.objects.update_or_create(event=event, defaults=fresh)


def rematch(
    event: Event,
    *,
    seconds: float = SLICE_SECONDS,
    report: Report = lambda done, total: None,
) -> Rematch | None:
    """Match those who are left, until the time is over; then another job goes on. Does nothing
    where somebody else is at it, or did it. Returns the row, to be ended, once nobody is left.

    `report` is told how many of how many after each batch.
    """
    batches = _Batches(event.pk, runner=uuid4())
    rows = Rematch.objects.of(event).free()
    if not rows.update(runner=batches.runner, beat_at=timezone.now()):
        return None
    until = monotonic() + seconds
    while (row := batches.match_next()) is not None:
        report(row.done, row.total)
        if row.done >= row.total:
            return row
        if monotonic() > until:
            leave(event)
            break
    return None


def leave(event: Event) -> None:
    """Have a job go on with what is left."""
    with transaction.atomic():
        Rematch.objects.of(event).update(runner=None, beat_at=timezone.now())
        jobs.enqueue("rematch", event.pk)


def end(finished: Rematch) -> None:
    """All is done, unless the threshold changed meanwhile, or somebody began it anew or asked for
    more."""
    event = finished.event
    same = Rematch.objects.filter(pk=finished.pk, runner=finished.runner, rescans=finished.rescans)
    with transaction.atomic():
        same.filter(threshold=_threshold_alone(event)).delete()
    ask_if_resting(event)  # for photos that came meanwhile


def match_everybody(
    event: Event,
    report: Report = lambda done, total: None,
    before_end: Callable[[], object] = lambda: None,
) -> bool:
    """Match all guests with all photos again, here and now. False where somebody else began it anew
    on the way, whose it is then. Who dies in `before_end` is replaced by a worker."""
    begin_with_everybody(event)
    finished = rematch(event, seconds=inf, report=report)
    if finished is None:
        return False
    before_end()
    end(finished)
    return True


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
    """Enqueue the events with models to make anew, and those whose rematch lost its job."""
    with transaction.atomic():
        jobs.enqueue_many("rematch", Rematch.objects.free_waiting())
    events = GuestModel.objects.stale().values("event")
    for event in Event.objects.kept().filter(pk__in=events):
        if _is_due(event):
            jobs.enqueue("renew", event.pk)


def _threshold_alone(event: Event) -> float:
    """The event's threshold, which nobody changes before the commit: who ends a rematch and who
    begins one wait for each other, so that what is begun is never taken for done."""
    rows = Event.objects.select_for_update(no_key=True)
    return rows.values_list("match_threshold", flat=True).get(pk=event.pk)


def _is_due(event: Event) -> bool:
    """Whether photos rest and nothing was made anew a moment ago, or it is long ago."""
    now, stale = timezone.now(), _stale(event)
    if not _rests(event):
        return stale.filter(renewed_at__lt=now - BUSY).exists()
    return stale.exists() and not stale.filter(renewed_at__gt=now - LOOK_AGAIN).exists()


def _stale(event: Event) -> GuestModelQuerySet:
    """In the index in use; those of one that is being built are `reindexing`'s."""
    return GuestModel.objects.in_event(event, active_name(event)).stale()


def _to_renew(index: TemplateIndex, event: Event) -> set[int]:
    """Guests without a model, and those whose model is stale or was judged by another threshold."""
    models = GuestModel.objects.in_event(event, index.name)
    outdated = Q(is_stale=True) | ~Q(sure_at=comparing.limits(index, event).sure)
    old = set(models.filter(outdated).values_list("user", flat=True))
    known = set(models.values_list("user", flat=True))
    return old | (matching.enrolled_users(event, index) - known)


def _rests(event: Event) -> bool:
    return PhotoScan.objects.filter(event=event).are_complete()


@dataclass
class _Batches:
    """One worker's batches of a rematch. The faces stay in memory from one to the next, and the ids
    of those who are left: who enrolls meanwhile is matched by that."""

    event_id: int
    runner: UUID
    _faces: FacesInMemory | None = None
    _faces_of: str = ""
    _left: list[int] | None = None
    _size: int = field(default_factory=lambda: matching.BLOCK)

    def match_next(self) -> Rematch | None:
        """Match some guests more, and say how far it is. None: it is another's, or gone."""
        jobs.beat()
        self._read_ahead()
        with matching.matching(self.event_id, with_others=False):
            began, row = monotonic(), self._row()
            if row is None:
                return None
            left = self._ahead_of(row)
            block = left[: self._size]
            self._match(row.event, block)
            self._resize(monotonic() - began)
            row.done, row.total = row.done + len(block), row.done + len(left)
            row.last_user_id, self._left = max([row.last_user_id, *block]), left[len(block) :]
            return row if self._keep(row) else None

    def _match(self, event: Event, user_ids: list[int]) -> None:
        index = index_of(event)
        matching.match_guests(event, index, user_ids, self._in_memory(index))
        matching.forget_strangers(event, event.faces.all())

    def _resize(self, seconds: float) -> None:
        """Others wait for a batch: on a slow machine, in a vast event, it is smaller. Not by much:
        what a batch costs of itself is then paid as many times more."""
        if seconds > LONGEST_BATCH_SECONDS:
            self._size = max(1, matching.BLOCK // 4, self._size // 2)
        elif seconds < LONGEST_BATCH_SECONDS / 4:
            self._size = min(matching.BLOCK, 2 * self._size)

    def _row(self) -> Rematch | None:
        rows = Rematch.objects.filter(event=self.event_id, runner=self.runner)
        row = rows.select_related("event").first()
        if row is not None and row.threshold != row.event.match_threshold:
            logger.info("rematch_started_over event=%s", self.event_id)
            self._left = None
            for name, value in _from_the_first(row.event.match_threshold, 0).items():
                setattr(row, name, value)
        return row

    def _keep(self, row: Rematch) -> bool:
        """Unless it was begun anew meanwhile."""
        kept = Rematch.objects.filter(pk=row.pk, runner=self.runner)
        values = {name: getattr(row, name) for name in _from_the_first(0, 0)}
        return bool(kept.update(**values, beat_at=timezone.now()))

    def _ahead_of(self, row: Rematch) -> list[int]:
        if self._left is None:
            left = _left(row.event, index_of(row.event), everybody=row.everybody)
            self._left = [user for user in left if user > row.last_user_id]
        return self._left

    def _read_ahead(self) -> None:
        """Not under the lock, where all others wait; what comes after that is little."""
        if self._faces is not None:
            return
        row = Rematch.objects.filter(event=self.event_id).select_related("event").first()
        faces = None if row is None else self._in_memory(index_of(row.event))
        if faces is not None:
            faces.refresh()

    def _in_memory(self, index: FaceIndex) -> FacesInMemory | None:
        if not has_templates(index):
            return None
        if self._faces is None or self._faces_of != index.name:
            self._faces, self._faces_of = index.in_memory(), index.name
        return self._faces


def _from_the_first(threshold: float, total: int) -> dict[str, Any]:
    return {"threshold": threshold, "last_user_id": 0, "done": 0, "total": total}


def _left(event: Event, index: FaceIndex, *, everybody: bool) -> list[int]:
    """Guests to match, by id: all who are or were found, or those whose model is not as it should
    be."""
    if has_templates(index) and not everybody:
        return sorted(_to_renew(index, event))
    return sorted(matching.enrolled_users(event, index) | matching.matched_users(event))
