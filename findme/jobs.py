"""The only place that enqueues. Jobs are named by what they do and carry ids, nothing else."""

from collections.abc import Callable, Iterable

from django_q.conf import Conf
from django_q.models import Schedule
from django_q.tasks import async_task

from findme.queue import rows, working
from findme.queue.broker import GuestsFirstBroker

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
    "approval_mail": "photos.tasks.approval_mail",
    "sweep": "findme.sweeps.run",
    "notice": "faces.tasks.notice",
    "receipt": "faces.tasks.receipt",
    "tell_ready": "faces.tasks.tell_ready",
}
# A guest who waits in front of a screen, or who wants to be forgotten, comes before three
# thousand photos. So does a new threshold: of an event only one such job works at a time, for
# seconds, and behind photos each would wait for all of them.
FIRST = frozenset({"enroll", "renew", "search_guest", "tidy", "rematch"})
# So many are added by one statement.
BATCH = 5_000
_listeners: list[Callable[[], object]] = []


def enqueue(job: str, object_id: int) -> None:
    """Add a job: one INSERT, so inside `atomic()` it commits with the rows it is about."""
    async_task(JOBS[job], object_id, task_name=f"{job}-{object_id}", cluster=_key(job))


def enqueue_many(job: str, object_ids: Iterable[int]) -> None:
    """`enqueue` for each, in their order: 20,000 in a few statements."""
    batch = _Batch(_key(job))
    for object_id in object_ids:
        async_task(JOBS[job], object_id, task_name=f"{job}-{object_id}", broker=batch)
        if len(batch.tasks) == BATCH:
            batch.write()
    batch.write()


def beat() -> None:
    """Called by a job that may take longer than others, at least every few seconds: it is alive.

    Neither django-q's time limit nor the watch over the queue ends it then. It costs no statement,
    may be called as often as is convenient, and does nothing to the queue outside a worker.
    """
    working.beat()
    for hear in _listeners:
        hear()


def on_beat(hear: Callable[[], object]) -> None:
    """Have this called at each beat, in the thread that works."""
    _listeners.append(hear)


def ensure_schedules() -> None:
    """Make the sweep run every minute. Safe to call at every start."""
    Schedule.objects.update_or_create(
        name="sweep",
        defaults={
            "func": JOBS["sweep"],
            "kwargs": repr({"q_options": {"cluster": rows.SWEEP_KEY}}),
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )


def any_waits() -> bool:
    """Whether a job waits to be taken now."""
    return rows.any_waits()


def _key(job: str) -> str:
    return rows.FIRST_KEY if job in FIRST else str(Conf.CLUSTER_NAME)


class _Batch(GuestsFirstBroker):
    """Keeps what is enqueued until it is written."""

    def __init__(self, list_key: str) -> None:
        super().__init__(list_key)
        self.tasks: list[str] = []

    def enqueue(self, task: str) -> None:
        self.tasks.append(task)

    def write(self) -> None:
        if self.tasks:
            self.enqueue_all(self.tasks)
            self.tasks.clear()
