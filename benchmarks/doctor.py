"""What `doctor` costs: python benchmarks/doctor.py [--photos 20000 200000] [--json]

Seconds of each rule over an event with so many photos, three faces and three matches each, of 2,000
guests, beside a bare `count(*)` of the tables: each rule looks at one or two of them, so the sum of
all rules is some of these counts. Rows are generated, and everything holds.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from galleries import ROWS
from scratch import report, scratch_database

GUESTS = 2_000
EACH = 3
TABLES = (
    "photos_photo",
    "faces_photoscan",
    "faces_face",
    "faces_facematch",
    "faces_candidate",
)
BYTES = """
UPDATE photos_photo SET byte_size = 100, preview_size = 100, preview_data = b,
       medium_data = b, thumbnail_data = b
  FROM (SELECT decode(repeat('00', 100), 'hex') AS b) AS bytes
"""
PIECES = """
INSERT INTO photos_originalpiece (photo_id, number, data)
SELECT id, 0, decode(repeat('00', 100), 'hex') FROM photos_photo
"""
SCANS = """
INSERT INTO faces_photoscan (photo_id, event_id, index_name, state, attempts, available_at,
                             finished_at, failure_code, face_count)
SELECT id, event_id, %(index)s, 'done', 1, now(), now(), '', %(each)s FROM photos_photo
"""
FACES = """
INSERT INTO faces_face (photo_id, event_id, index_name, ordinal, "left", top, width, height,
                        detection_score, quality, template, remote_face_id)
SELECT id, event_id, %(index)s, n, 0.1, 0.1, 0.1, 0.1, 0.9, 0.9,
       array_fill(0.088::real, ARRAY[128])::vector::halfvec, ''
  FROM photos_photo CROSS JOIN generate_series(0, %(each)s - 1) AS n
"""
# Each face is a guest's: all of a photo are of different ones.
GUESTS_OF_FACES = """
CREATE TEMPORARY TABLE seen AS
SELECT face.id AS face_id, face.photo_id, face.event_id, photo.taken_at,
       %(first)s + (face.photo_id * 7919 + face.ordinal * 661) %% %(guests)s AS user_id
  FROM faces_face face JOIN photos_photo photo ON photo.id = face.photo_id
"""
MATCHES = """
INSERT INTO faces_facematch (user_id, photo_id, face_id, event_id, taken_at, similarity, band,
                             verdict, found_at)
SELECT user_id, photo_id, face_id, event_id, taken_at, 95, 'sure', '', now() FROM seen
"""
CANDIDATES = """
INSERT INTO faces_candidate (user_id, event_id, index_name, face_id, similarity, strength, band)
SELECT user_id, event_id, %(index)s, face_id, 95, 95, 'sure' FROM seen
"""
MODELS = """
INSERT INTO faces_guestmodel (user_id, event_id, index_name, selfies, first, second, members,
                              ran_off, sure_at, is_stale, renewed_at)
SELECT user_id, event_id, %(index)s, v, v, v, (array_agg(face_id))[1:30], false, 0.44, false, now()
  FROM seen, (SELECT array_fill(0.088::real, ARRAY[128])::vector AS v) AS vector
 GROUP BY user_id, event_id, v
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured, base = {}, os.environ.get("DATABASE_URL", "")
    for count in options.photos:
        os.environ["DATABASE_URL"] = base  # each has a database of its own
        measured[count] = seconds_at(count)
    last = measured[options.photos[-1]]
    slowest = sorted(last, key=lambda name: -last[name])
    rows = {name: "  ".join(f"{measured[n][name]:7.3f}" for n in measured) for name in slowest}
    sizes = " and ".join(f"{count:,}" for count in options.photos)
    title = f"Doctor at {sizes} photos, {EACH} faces and matches each, {os.cpu_count()} cores (s)"
    report(title, rows, as_json=options.json)


def seconds_at(count: int) -> dict[str, float]:
    """By rule, with the sums of all rules and of the bare counts."""
    with scratch_database():
        make_event(count)
        from findme import diagnosis
        from photos.health import sampled_bytes

        def holds(rule: Any) -> None:
            if rule.look().count:
                raise SystemExit(f"{rule.code} does not hold")

        rules = diagnosis.rules()
        taken = {rule.code: timed(lambda rule=rule: holds(rule)) for rule in rules}
        taken["sampled_bytes"] = timed(lambda: list(sampled_bytes()))
        bare = sum(timed(lambda table=table: bare_count(table)) for table in TABLES)
        return taken | {"all_rules": sum(taken.values()), "bare_counts": bare}


def timed(one: Callable[[], Any]) -> float:
    """The faster of two."""
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        one()
        taken.append(time.perf_counter() - started)
    return min(taken)


def bare_count(table: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        cursor.fetchone()


def make_event(count: int) -> None:
    from django.db import connection

    from events.models import Event, Membership, User
    from faces.index.indexes import index_of
    from findme import jobs

    jobs.ensure_schedules()
    day = date(2099, 6, 20)
    event = Event.objects.create(name="Benchmark", slug="b", starts_on=day, ends_on=day)
    users = [User(email=f"guest{n:05}@example.com", name=f"Guest {n}") for n in range(GUESTS)]
    users = User.objects.bulk_create(users)
    Membership.objects.bulk_create(Membership(user=user, event=event) for user in users)
    Membership.objects.filter(user=users[0]).update(role="organizer")
    enroll(event, users)
    values = {"event": event.pk, "photos": count, "index": index_of(event).name, "each": EACH}
    values |= {"first": users[0].pk, "guests": GUESTS}
    with connection.cursor() as cursor:
        # Neither foreign keys nor triggers look at rows that are as they should be.
        cursor.execute("SET session_replication_role = replica")
        for sql in (
            ROWS,
            BYTES,
            PIECES,
            SCANS,
            FACES,
            GUESTS_OF_FACES,
            MATCHES,
            CANDIDATES,
            MODELS,
        ):
            cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def enroll(event: Any, users: list[Any]) -> None:
    import numpy as np

    from faces.index.indexes import index_of
    from faces.models import Consent, Enrollment, Selfie

    said = {"text_version": "-", "language": "en", "index_kind": "local"}
    Consent.objects.bulk_create(Consent(user=user, event=event, **said) for user in users)
    selfies = Selfie.objects.bulk_create(
        Selfie(user=user, ordinal=1, sha256=f"{user.pk:064x}", image_data=b"x") for user in users
    )
    known = {
        "event": event,
        "index_name": index_of(event).name,
        "template": np.ones(128) / 128**0.5,
    }
    Enrollment.objects.bulk_create(Enrollment(selfie=selfie, **known) for selfie in selfies)


if __name__ == "__main__":
    main()
