"""What must hold of the queue and of the schema, whatever the rooms keep in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from findme import jobs
from findme.diagnosis import Broken, Finding, Rule, broken, register_of_rows, register_rules
from findme.queue import rows
from findme.running.queue_watch import UNTAKEN_SECONDS

# The sweep is due each minute.
SWEEP_LATE = timedelta(minutes=10)
FAILED_LATELY = timedelta(days=1)
# A job is held for half a minute from now at most, by the database's clock. One held for longer
# than that was taken before this clock was set back. (What nobody holds may wait much longer, after
# it has killed whoever took it.)
CLOCK_SET_BACK_SECONDS = 300.0
CREATED = re.compile(r"CREATE TRIGGER (\w+)\s+(?:AFTER|BEFORE)[^;]*?\sON (\w+)")


@register_of_rows
def queue() -> Iterator[Finding]:
    """Jobs that wait while nobody works mean that no worker runs. Behind a batch of photos they
    wait for hours, and that is no fault."""
    now = rows.standing()
    seconds = now.waited_seconds
    if seconds is None:
        yield Finding(f"queue: {now.length} jobs, none waits for a worker", code="queue_untaken")
        return
    yield Finding(
        f"queue: {now.length} jobs, the oldest has waited for a worker for {seconds:.0f} s,"
        f" {now.held} are worked at",
        wrong=seconds > UNTAKEN_SECONDS and not now.held,
        code="queue_untaken",
        count=now.length,
    )


def queue_rests() -> bool:
    """Whether no job waits and none is worked at: then what is overdue has lost its job."""
    return not OrmQ.objects.exists()


def _held_too_long() -> QuerySet[OrmQ]:
    longest = rows.LEASE_SECONDS + CLOCK_SET_BACK_SECONDS
    held: QuerySet[OrmQ] = OrmQ.objects.filter(
        pk__in=RawSQL(rows.HELD_TOO_LONG, [longest])  # noqa: S611
    )
    return held


def _give_back_jobs() -> int:
    return int(_held_too_long().update(lock=Now()))


def _sweep_late() -> Broken:
    late = timezone.now() - SWEEP_LATE
    return broken(Schedule.objects.filter(name="sweep", next_run__lt=late))


def _sweep_missing() -> Broken:
    return Broken(0 if Schedule.objects.filter(name="sweep").exists() else 1)


def _schedule_sweep() -> int:
    jobs.ensure_schedules()
    return 1


def _failed_jobs() -> Broken:
    since = timezone.now() - FAILED_LATELY
    failed = Task.objects.filter(success=False, stopped__gte=since)
    names = failed.order_by("-stopped").values_list("name", flat=True)
    count = failed.count()
    return Broken(count, tuple(f"job {name}" for name in names[:3])) if count else Broken()


def triggers() -> set[tuple[str, str]]:
    """Those that our migrations make, by table and name."""
    folders = (Path(config.path) / "migrations" for config in apps.get_app_configs())
    sources = (path.read_text() for folder in folders for path in sorted(folder.glob("*.sql")))
    return {(table, name) for sql in sources for name, table in CREATED.findall(sql)}


def _sleeping() -> list[tuple[str, str]]:
    """Triggers that are there and switched off, as by a restore with `--disable-triggers`."""
    return sorted(key for key, state in _states().items() if state == "D")


def _states() -> dict[tuple[str, str], str]:
    """How those of ours are; "" where one is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname, tgenabled FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)"
        )
        there = {(table, name): state for table, name, state in cursor.fetchall()}
    return {key: there.get(key, "") for key in triggers()}


def _triggers_off() -> Broken:
    off = sorted(key for key, state in _states().items() if state not in ("O", "A"))
    return Broken(len(off), tuple(f"{table}.{name}" for table, name in off[:3]))


def _switch_on() -> int:
    sleeping, quote = _sleeping(), connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, name in sleeping:
            cursor.execute(f"ALTER TABLE {quote(table)} ENABLE TRIGGER {quote(name)}")
    return len(sleeping)


register_rules(
    Rule(
        "trigger_off",
        "triggers that are switched off or missing",
        "Galleries would show what they showed, and folders and faces that go would be forgotten."
        " A restore may have left them so: --repair switches on what is there; for what is missing,"
        " restore the schema too.",
        _triggers_off,
        _switch_on,
        "triggers switched on",
    ),
    Rule(
        "sweep_missing",
        "what is looked after each minute is not scheduled",
        "A worker schedules it when it starts.",
        _sweep_missing,
        _schedule_sweep,
        "scheduled",
        is_warning=True,
    ),
    Rule(
        "sweep_late",
        "what is looked after each minute was not looked after for ten",
        "Is a worker running (manage.py worker, or run)? Nothing mends itself without.",
        _sweep_late,
    ),
    Rule(
        "job_held_too_long",
        "jobs that are held for longer than any may be",
        "The database's clock was set back. --repair gives the jobs back.",
        lambda: broken(_held_too_long()),
        _give_back_jobs,
        "jobs given back",
    ),
    Rule(
        "jobs_failed",
        "jobs that failed in the last day",
        "Their tracebacks are in the table django_q_task and in the log; what they left undone is"
        " taken up by the sweep.",
        _failed_jobs,
        is_warning=True,
    ),
)
