"""The queue's rows: how they are added, taken, held and given back, a statement each.

A job is *held* by the cluster named in `findme_owner` until the time in `lock`, which the cluster
puts off while it lives; *due* are those that nobody holds, and those whose time ran out. Times are
the database's, so that the clocks of hosts need not agree. `statement_timestamp`, not `now`: in a
long transaction the latter is long ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django_q.conf import Conf

# What heals is first, then what a guest waits for, then all else (`findme_rank`). The sweep takes
# moments, and guests' jobs that were lost wait for it.
SWEEP_KEY = "findme-sweep"
FIRST_KEY = "findme-first"
# Whoever listens here is told that a job waits where none did.
CHANNEL = "findme_jobs"

# A dead host's jobs are due after so long; a living cluster puts it off three times meanwhile.
LEASE_SECONDS = 30.0
# Of what nobody waits for.
LAST_RANK = 2

# Ordered as the index is: PostgreSQL would else read the table from its beginning, where all the
# rows are that were removed last.
_FIRST_WAITING = """(
    SELECT id FROM django_q_ormq WHERE findme_owner IS NULL AND lock <= statement_timestamp()
    ORDER BY findme_rank, id LIMIT 1
)"""
# Whoever finds others waiting need not tell: those who listen are busy. So an upload's commits,
# of which PostgreSQL lets one at a time tell something, need not wait for each other.
_ADD = f"""
WITH added AS (
    INSERT INTO django_q_ormq (key, payload, lock)
    SELECT %(key)s, payload, statement_timestamp() FROM unnest(%(payloads)s::text[]) AS payload
    WHERE NOT %(only_one)s
       OR NOT EXISTS (SELECT FROM django_q_ormq WHERE findme_rank < 1 AND findme_owner IS NULL)
    RETURNING id
)
SELECT min(id), CASE WHEN {_FIRST_WAITING} IS NULL THEN pg_notify('{CHANNEL}', '') END FROM added
"""  # noqa: S608
# A function of the database, which plans its three looks once a session; see the migration.
_TAKE = "SELECT * FROM findme_take_job(%(owner)s, %(from_id)s, %(lease)s)"
# Not for ever: of a job that got lost between two processes the cluster does not know.
_KEEP = """
UPDATE django_q_ormq AS job
SET findme_taken_at = since.at,
    lock = least(statement_timestamp() + %(lease)s * interval '1 second',
                 since.at + %(longest)s * interval '1 second')
FROM unnest(%(ids)s::bigint[], %(beaten)s::boolean[]) AS held (id, beaten),
LATERAL (
    SELECT CASE WHEN held.beaten THEN statement_timestamp() ELSE old.findme_taken_at END AS at
    FROM django_q_ormq AS old WHERE old.id = held.id
) AS since
WHERE job.id = held.id AND job.findme_owner = %(owner)s
RETURNING job.id
"""
# At once after the first death; what kills whoever takes it leaves ever more time to others.
_GIVE_BACK = """
UPDATE django_q_ormq
SET findme_owner = NULL, findme_taken_at = NULL, findme_deaths = findme_deaths + 1,
    lock = statement_timestamp() + CASE WHEN findme_deaths = 0 THEN interval '0'
           ELSE interval '10 seconds' * power(2, least(findme_deaths - 1, 8)) END
WHERE findme_owner = %(owner)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))
RETURNING id
"""
_REMOVE = """
DELETE FROM django_q_ormq
WHERE id = %(id)s AND (findme_owner = %(owner)s OR findme_owner IS NULL) RETURNING id
"""
_WAITS = f"""
{_FIRST_WAITING} IS NOT NULL OR (
    SELECT id FROM django_q_ormq
    WHERE findme_owner IS NOT NULL AND lock <= statement_timestamp() ORDER BY lock LIMIT 1
) IS NOT NULL
"""  # noqa: S608
_LOOK = f"""
SELECT {_WAITS},
       ARRAY(SELECT id || ' ' || findme_taken_at FROM django_q_ormq WHERE findme_owner = %(owner)s)
"""  # noqa: S608
_STANDING = """
SELECT count(*), count(*) FILTER (WHERE findme_owner IS NOT NULL AND lock > statement_timestamp()),
       extract(epoch FROM statement_timestamp()
               - min(lock) FILTER (WHERE lock <= statement_timestamp()))::float
FROM django_q_ormq
"""
# For a filter by id.
HELD_TOO_LONG = """
    SELECT id FROM django_q_ormq
     WHERE findme_owner IS NOT NULL AND lock > statement_timestamp() + %s * interval '1 second'
"""


@dataclass(frozen=True)
class Taken:
    id: int
    payload: str
    rank: int


@dataclass(frozen=True)
class Look:
    """Whether any job is due, and which a cluster holds since when."""

    waiting: bool
    held: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """How many jobs there are, how many are held, how long the first that is due has waited."""

    length: int
    held: int
    waited_seconds: float | None


def add(key: str, payloads: Sequence[str]) -> int | None:
    """Add jobs in this order, and wake who listens when the transaction commits. Returns the
    first's id; None for a sweep while another waits."""
    values = {"key": key, "payloads": list(payloads), "only_one": key == SWEEP_KEY}
    first: int | None = _execute(_ADD, values)[0][0]
    return first


def take(owner: str, from_id: int = 0) -> Taken | None:
    """The next job for this owner. Of the last rank, those before `from_id` are not looked at."""
    rows = _execute(_TAKE, {"owner": owner, "from_id": from_id, "lease": LEASE_SECONDS})
    return Taken(*rows[0]) if rows else None


def keep(owner: str, beaten: dict[int, bool]) -> set[int]:
    """Hold these jobs longer; those that began or said they go on, as if just taken. Returns which
    are still held."""
    values = {"owner": owner, "ids": list(beaten), "beaten": list(beaten.values())}
    times = {"lease": LEASE_SECONDS, "longest": Conf.RETRY}
    return {row[0] for row in _execute(_KEEP, {**values, **times})}


def give_back(owner: str, ids: Sequence[int] | None = None) -> int:
    """Let what this dead owner held, or these jobs of it, be taken by others. Returns how many."""
    values = {"owner": owner, "ids": None if ids is None else list(ids)}
    return len(_execute(_GIVE_BACK, values))


def remove(owner: str, job_id: int) -> None:
    """What this owner has done. Another who took it meanwhile removes it in its turn."""
    _execute(_REMOVE, {"owner": owner, "id": job_id})


def any_waits() -> bool:
    """Whether any job could be taken now."""
    return bool(_execute(f"SELECT {_WAITS}", {})[0][0])


def standing() -> Standing:
    return Standing(*_execute(_STANDING, {})[0])


def look(owner: str) -> Look:
    waiting, held = _execute(_LOOK, {"owner": owner})[0]
    return Look(waiting, frozenset(held))


def _execute(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Outside a transaction a connection that broke is replaced by a new one.

    So no connection is asked whether it is well before each statement, as Django would: an idle
    host asked more for that than for jobs.
    """
    try:
        return _rows(statement, values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _rows(statement, values)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
