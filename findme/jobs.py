"""The only place that enqueues. Jobs are named by what they do and carry ids, nothing else."""

from collections.abc import Iterable
from time import sleep

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

# Names, not functions: this module knows no other room.
JOBS = {
    "scan": "faces.tasks.scan",
    "enroll": "faces.tasks.enroll",
    "rematch": "faces.tasks.rematch",
    "rescan": "faces.tasks.rescan",
    "renew": "faces.tasks.renew",
    "search_guest": "faces.tasks.search_guest",
    "settle": "faces.tasks.settle",
    "reindex": "faces.tasks.reindex",
    "tidy": "faces.tasks.tidy",
    "forget_unclaimed": "faces.tasks.forget_unclaimed",
    "remove_event": "faces.tasks.remove_event",
    "remove_objects": "photos.tasks.remove_objects",
    "hide_answer": "photos.tasks.hide_answer",
    "sweep": "findme.sweeps.run",
    "notice": "faces.tasks.notice",
    "receipt": "faces.tasks.receipt",
}
# A guest who waits in front of a screen, or who wants to be forgotten, comes before three
# thousand photos.
FIRST = frozenset({"enroll", "renew", "search_guest", "tidy"})
FIRST_KEY = "findme-first"


def enqueue(job: str, object_id: int) -> None:
    """Add a job: one INSERT, so inside `atomic()` it commits with the rows it is about."""
    async_task(JOBS[job], object_id, task_name=f"{job}-{object_id}", cluster=_key(job))


def enqueue_many(job: str, object_ids: Iterable[int]) -> None:
    """`enqueue` for each."""
    for object_id in object_ids:
        enqueue(job, object_id)


def beat() -> None:
    """Called by a job that may take longer than others, at least every few seconds: it is alive."""


def ensure_schedules() -> None:
    """Make the sweep run every minute. Safe to call at every start."""
    Schedule.objects.update_or_create(
        name="sweep",
        defaults={
            "func": JOBS["sweep"],
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )


def due_count() -> int:
    """How many jobs wait to be taken now."""
    keys = [FIRST_KEY, Conf.CLUSTER_NAME]
    return int(OrmQ.objects.filter(key__in=keys, lock__lte=timezone.now()).count())


def _key(job: str) -> str:
    return FIRST_KEY if job in FIRST else Conf.CLUSTER_NAME


class GuestsFirstBroker(ORM):  # type: ignore[misc]
    """django-q2's database broker, with an order: guests' jobs, then the oldest."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        """One job, locked for this cluster, or None after a poll's sleep."""
        taken = [
            (job.pk, job.payload)
            for job in self._due()
            # Optimistic: whoever changes the lock first has the job.
            if self.get_connection().filter(id=job.pk, lock=job.lock).update(lock=self.timeout(job))
        ]
        if taken:
            return taken
        sleep(Conf.POLL)
        return None

    def _due(self) -> QuerySet[OrmQ]:
        rank = Case(
            When(key=FIRST_KEY, then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        keys = [FIRST_KEY, self.list_key]
        due = self.get_connection().filter(key__in=keys, lock__lt=timezone.now())
        ordered: QuerySet[OrmQ] = due.order_by(rank, "id")[: Conf.BULK]
        return ordered
