"""How matching grows with an event: python benchmarks/scale_matching.py [--huge] [--json]

Made-up parties without pictures (`finding_synthetic`): a guest's first search among 2,000, 20,000
and 200,000 faces, beside three looks of the database at all of them; and everybody matched anew
after a change of threshold, 10^7 and 10^8 pairs, with `--huge` 10^9 (5,000 guests among 200,000
faces, which takes some minutes), beside one multiplication of the same size with its comparison in
numpy. Five times as many faces lie beside the event's own in others. The threshold's page, and the
longest wait of a photo or an enrolling guest for a batch, are timed at each size.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scratch
from finding_synthetic import MANY, Party, make_party

if TYPE_CHECKING:
    from events.models import Event, User

ROUNDS = 5
BESIDE = 5
ONE_LOOK = """
    SELECT count(*) FROM faces_face
     WHERE event_id = %s AND index_name = %s AND template <=> %s::halfvec <= 0.58
"""


@dataclass(frozen=True)
class Size:
    guests: int
    faces: int

    @property
    def pairs(self) -> int:
        return self.guests * self.faces


SIZES = [Size(500, 2_000), Size(500, 20_000), Size(500, 200_000)]
MANY_GUESTS = [Size(5_000, 20_000)]
HUGE = Size(5_000, 200_000)


def main(argv: Sequence[str] | None = None) -> None:
    options = _arguments(argv)
    sizes = [*SIZES, *MANY_GUESTS, *([HUGE] if options.huge else [])]
    rows = [_of_size(size) for size in sizes]
    _print(rows)
    if options.json:
        print(json.dumps(rows))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--huge", action="store_true", help="10^9 pairs too")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(argv)


def _of_size(size: Size) -> dict[str, float]:
    """In a database of its own, so that no table holds what an earlier size left."""
    scratch.NAME, before = "findme_scale_matching", os.environ.get("DATABASE_URL", "")
    try:
        with scratch.scratch_database():
            return _measure(size)
    finally:
        os.environ["DATABASE_URL"] = before  # of the next one's server; empty: the embedded one


def _measure(size: Size) -> dict[str, float]:
    from django.db import connection
    from scale_rows import fill_fast, repeat_beside

    from tests.builders import make_event

    people = size.guests + size.faces // 5
    recipe = dataclasses.replace(
        MANY,
        faces=size.faces,
        guests=size.guests,
        bystanders=size.faces // 5,
        types=people // 2,
        faces_in_a_photo=4.0,
        photos_of_a_guest=min(13.0, size.faces / size.guests / 2),
    )
    party = make_party(recipe)
    event = make_event()
    guests = fill_fast(event, party)
    repeat_beside(event, [make_event() for _ in range(BESIDE)], party)
    connection.cursor().execute("VACUUM ANALYZE")
    everybody = _rematch(event)  # nothing is there yet
    return {
        "guests": size.guests,
        "faces": size.faces,
        **_first_search(event, guests[:ROUNDS]),
        "first_time_s": everybody["rematch_s"],
        **_rematch(event, threshold=80.0),
        "numpy_s": _multiplied(party, size),
        "page_ms": _page(event),
    }


def _first_search(event: Event, guests: list[User]) -> dict[str, float]:
    from pgvector import HalfVector

    from faces.finding import matching
    from faces.index.indexes import index_of
    from faces.models import Enrollment

    index = index_of(event)
    ids = [guest.pk for guest in guests]
    selfies = Enrollment.objects.filter(selfie__user__in=ids).order_by("selfie__user")
    templates = [HalfVector(one).to_text() for one in selfies.values_list("template", flat=True)]

    def search(guest: int) -> None:
        with matching.matching(event.pk, with_others=False):
            matching.match_guests(event, index, [guest])

    def look(template: str) -> None:
        _execute(ONE_LOOK, [event.pk, index.name, template])

    for guest in guests:
        _forget(event, guest)
    return {
        "search_ms": _median([lambda pk=pk: search(pk) for pk in ids]),
        "three_looks_ms": 3 * _median([lambda one=one: look(one) for one in templates]),
    }


def _forget(event: Event, guest: User) -> None:
    from faces.models import Candidate, FaceMatch, GuestModel

    for model in (Candidate, FaceMatch, GuestModel):
        model.objects.filter(event=event, user=guest).delete()


def _rematch(event: Event, threshold: float | None = None) -> dict[str, float]:
    """As the jobs do it, and how long the longest batch kept others waiting."""
    from events.models import Event
    from faces.finding import renewing

    before = event.match_threshold
    if threshold:
        Event.objects.filter(pk=event.pk).update(match_threshold=threshold)
        event.refresh_from_db()
    batches = [time.perf_counter()]
    began = batches[0]
    renewing.begin(event, before=before)
    finished = None
    while finished is None:
        finished = renewing.rematch(event, report=lambda *_: batches.append(time.perf_counter()))
    renewing.end(finished)
    waits = np.diff(batches)
    return {"rematch_s": time.perf_counter() - began, "longest_batch_s": float(waits.max())}


def _multiplied(party: Party, size: Size) -> float:
    """Seconds of one product of all guests with all faces, in blocks as large as ours."""
    from faces.finding.matching import BLOCK

    faces = party.templates
    began = time.perf_counter()
    for start in range(0, size.guests, BLOCK):
        cosines = party.selfies[start : start + BLOCK, 0] @ faces.T
        np.flatnonzero(cosines >= 0.42)
    return time.perf_counter() - began


def _page(event: Event) -> float:
    from faces.desk import threshold

    return _median([lambda: threshold.preview(event, 75.0)] * ROUNDS)


def _median(jobs: Sequence[Callable[[], object]]) -> float:
    """Milliseconds by the clock."""
    times = []
    for job in jobs:
        began = time.perf_counter()
        job()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _execute(statement: str, parameters: list[object]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _print(rows: list[dict[str, float]]) -> None:
    print("\n| guests | faces | first search | three bare looks | everybody, the first time |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['guests']:,} | {row['faces']:,} | {row['search_ms']:.0f} ms"
            f" | {row['three_looks_ms']:.0f} ms | {row['first_time_s']:.1f} s |"
        )
    print("\n| pairs | another threshold | numpy alone | longest batch | the threshold's page |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['guests'] * row['faces']:.0e} | {row['rematch_s']:.1f} s"
            f" | {row['numpy_s']:.2f} s | {row['longest_batch_s']:.2f} s"
            f" | {row['page_ms']:.0f} ms |"
        )


if __name__ == "__main__":
    main()
