"""What was to be removed is, here and at the services, and its receipts are written."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from events.models import Event, User
from faces.consent_models import ConsentQuerySet
from faces.finding import matching, tidying
from faces.index.models import EventIndex, EventIndexQuerySet, RemoteRemoval
from faces.letter_models import ReceiptQuerySet
from faces.models import Consent, Face, FaceMatch, PhotoScan, Receipt
from faces.privacy import receipts, unclaimed
from findme import jobs
from findme.diagnosis import Rule, broken
from findme.health import queue_rests

RECEIPT_LATE = timedelta(hours=1)
# A service may be away for a while.
REMOVAL_LATE = timedelta(hours=2)
UNRECONCILED = 3 * tidying.RECONCILE_EVERY


def _strangers() -> QuerySet[Face]:
    """What `matching.forget_strangers` would forget, of photos that nothing is under way for. After
    a change of whom an event looks for, its photos are looked at again."""
    if not queue_rests():
        return Face.objects.none()
    own = FaceMatch.objects.filter(face=OuterRef("pk")).not_denied()
    active = EventIndex.objects.active().filter(
        event=OuterRef("event"), name=OuterRef("index_name")
    )
    scans = PhotoScan.objects.unfinished().filter(photo=OuterRef("photo"))
    # By id: PostgreSQL would go through all faces to find that there is no such event.
    events = Event.objects.filter(indexing=Event.Indexing.GUESTS_ONLY)
    only_guests = Face.objects.filter(event__in=list(events.values_list("pk", flat=True)))
    known = only_guests.filter(Exists(active), template__isnull=False)
    return known.filter(~Exists(own), ~Exists(scans))


def _forget_strangers() -> int:
    count = 0
    for event in Event.objects.filter(pk__in=_strangers().values("event")).order_by("pk"):
        with matching.matching(event.pk, with_others=False):
            count += _strangers().filter(event=event).count()
            matching.forget_strangers(event, event.faces.all())
    return count


def _forget_unclaimed() -> int:
    overdue = unclaimed.overdue(timezone.now())
    count = overdue.count()
    for event_id in sorted(set(overdue.order_by().values_list("event", flat=True))):
        unclaimed.forget(event_id)
    return count - overdue.count()


def _unreceipted() -> ConsentQuerySet:
    return Consent.objects.unreceipted().filter(withdrawn_at__lt=timezone.now() - RECEIPT_LATE)


def _write_receipts() -> int:
    users = User.objects.filter(pk__in=_unreceipted().values("user")).order_by("pk")
    return sum(receipts.write(user=user) is not None for user in users)


def _receipts_stuck() -> ReceiptQuerySet:
    """Not those whose mailbox cannot be written to: they go after two days."""
    late = timezone.now() - RECEIPT_LATE
    stuck = Q(created_at__lt=late - receipts.KEEP, attempts__gt=0)
    if queue_rests():
        stuck |= Q(claimed_at=None, available_at__lt=late, attempts__lt=receipts.MAX_ATTEMPTS)
    return Receipt.objects.filter(stuck)


def _send_receipts() -> int:
    count = _receipts_stuck().count()
    receipts.sweep()
    return count


def _removals_late() -> QuerySet[RemoteRemoval]:
    known = EventIndex.objects.filter(name=OuterRef("index_name"))
    late = RemoteRemoval.objects.filter(not_before__lt=timezone.now() - REMOVAL_LATE)
    return late.filter(Exists(known))


def _removals_of_nothing() -> QuerySet[RemoteRemoval]:
    known = EventIndex.objects.filter(name=OuterRef("index_name"))
    return RemoteRemoval.objects.filter(~Exists(known))


def _enqueue_tidying(indexes: EventIndexQuerySet) -> int:
    """Unless jobs wait, of which it is one, perhaps."""
    ids = list(indexes.order_by("pk").values_list("pk", flat=True)) if queue_rests() else []
    jobs.enqueue_many("tidy", ids)
    return len(ids)


def _unreconciled() -> EventIndexQuerySet:
    last = Coalesce(F("reconciled_at"), F("made_at"))
    rows = EventIndex.objects.in_use().exclude(made_at=None).annotate(last=last)
    return rows.filter(last__lt=timezone.now() - UNRECONCILED)


RULES = (
    Rule(
        "template_of_stranger",
        "templates of strangers, in events that look only for guests",
        "--repair forgets them; the faces' boxes stay.",
        lambda: broken(_strangers()),
        _forget_strangers,
        "templates forgotten",
    ),
    Rule(
        "unclaimed_kept",
        "templates of faces that are no guest's, kept for longer than was promised",
        "Is a worker running? --repair forgets them; the faces' boxes stay.",
        lambda: broken(unclaimed.overdue(timezone.now())),
        _forget_unclaimed,
        "templates forgotten",
    ),
    Rule(
        "receipt_missing",
        "withdrawals without a receipt for an hour",
        "Is a worker running? --repair writes them.",
        lambda: broken(_unreceipted()),
        _write_receipts,
        "receipts written",
    ),
    Rule(
        "receipt_stuck",
        "receipts that should have left, or been given up",
        "Is a worker running? Does the mail server answer (EMAIL_URL)? --repair has them sent.",
        lambda: broken(_receipts_stuck()),
        _send_receipts,
        "receipts enqueued or given up",
    ),
    Rule(
        "remote_removal_of_nothing",
        "removals from indexes that are gone",
        "The collection went with its index, and all in it. --repair forgets them.",
        lambda: broken(_removals_of_nothing()),
        lambda: _removals_of_nothing().delete()[0],
        "removals forgotten",
    ),
    Rule(
        "remote_removal_overdue",
        "faces that a service was to forget two hours ago",
        "Is a worker running? See removal_delayed in the log. --repair has it tried again.",
        lambda: broken(_removals_late()),
        lambda: _enqueue_tidying(
            EventIndex.objects.filter(name__in=_removals_late().values("index_name"))
        ),
        "indexes enqueued",
    ),
    Rule(
        "index_unreconciled",
        "collections that were not compared with our rows for three days",
        "Faces that no row names may be in them. Is a worker running? --repair has it done.",
        lambda: broken(_unreconciled()),
        lambda: _enqueue_tidying(_unreconciled()),
        "indexes enqueued",
    ),
)
