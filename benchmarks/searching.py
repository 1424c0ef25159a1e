"""How long a guest waits among 20,000 faces: python benchmarks/searching.py [--faces N] [--json]

A made-up party without pictures (`finding_synthetic`), most of whose guests are known already. One
more gives a selfie: that guest's first search is timed against its limit of 300 ms, and against
one look of the database at all faces, which is what the search took before guests were models.
Then 100 photos of ten faces are compared with everybody, and the models made anew.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from finding_rows import enroll, fill
from finding_synthetic import MANY, Party, make_party
from scratch import report, scratch_database

if TYPE_CHECKING:
    from events.models import Event, User

LIMIT_MILLISECONDS = 300
PHOTOS = 100
ROUNDS = 7
ONE_LOOK = """
    SELECT DISTINCT ON (face.photo_id) face.photo_id, face.id
      FROM faces_enrollment enrollment
      JOIN faces_selfie selfie ON selfie.id = enrollment.selfie_id
      JOIN faces_face face ON face.event_id = enrollment.event_id
     WHERE enrollment.event_id = %s AND selfie.user_id = %s
       AND face.template <=> enrollment.template <= 0.56
     ORDER BY face.photo_id, face.template <=> enrollment.template
"""


def main() -> None:
    options = arguments()
    with scratch_database():
        recipe = dataclasses.replace(MANY, faces=options.faces, guests=options.guests)
        report(
            f"{options.guests} guests, {options.faces} faces",
            measure(make_party(recipe)),
            as_json=options.json,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=20_000)
    parser.add_argument("--guests", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measure(party: Party) -> dict[str, object]:
    from django.db import connection

    from faces.finding import renewing
    from tests.builders import make_event

    event = make_event()
    guests, _photos = fill(event, party)
    enroll(event, party, guests, [0])
    connection.cursor().execute("ANALYZE")
    everybody = timed(lambda: renewing.renew(event), rounds=1)
    first = timed(lambda: search(event, guests[0]), before=lambda: forget(event, guests[0]))
    look = timed(lambda: connection.cursor().execute(ONE_LOOK, [event.pk, guests[0].pk]))
    photos = [new_photo(event, party, n) for n in range(PHOTOS)]
    compared = statistics.median(timed(lambda pk=pk: compare(event, pk), rounds=1) for pk in photos)
    return {
        "first_search_ms": first,
        "of_its_limit": first / LIMIT_MILLISECONDS,
        "one_look_at_all_faces_ms": look,
        "times_one_look": first / look,
        "a_photo_of_ten_faces_ms": compared,
        "photo_to_first_search": compared / first,
        "everybody_ms": everybody,
        "renewed_after_100_photos": renewing.stale_count(_index(event), event),
        "renewing_ms": timed(lambda: renewing.renew(event), rounds=1),
    }


def timed(
    job: Callable[[], object], *, rounds: int = ROUNDS, before: Callable[[], object] = lambda: None
) -> float:
    """Milliseconds by the clock, the median of some rounds."""
    times = []
    for _ in range(rounds):
        before()
        began = time.perf_counter()
        job()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def search(event: Event, guest: User) -> None:
    from faces.finding import matching

    with matching.matching(event.pk, with_others=False):
        matching.match_guests(event, _index(event), [guest.pk])


def forget(event: Event, guest: User) -> None:
    from faces.models import Candidate, FaceMatch, GuestModel

    for model in (Candidate, FaceMatch, GuestModel):
        model.objects.filter(event=event, user=guest).delete()


def new_photo(event: Event, party: Party, number: int) -> int:
    """A photo of ten people who are at the party."""
    from tests.builders import make_face, make_photo, make_scan

    photo = make_photo(event, original=b"-", preview_data=b"-", thumbnail_data=b"-")
    make_scan(photo, state="done", face_count=10)
    rows: Sequence[int] = range(number * 10, number * 10 + 10)
    for row in rows:
        make_face(photo, template=party.templates[row])
    return int(photo.pk)


def compare(event: Event, photo_id: int) -> None:
    from faces.finding import matching

    with matching.matching(event.pk, with_others=True):
        matching.match_photo(event, _index(event), photo_id)


def _index(event: Event):
    from faces.index.indexes import index_of

    return index_of(event)


if __name__ == "__main__":
    main()
