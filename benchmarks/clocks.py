"""What putting a clock right costs: python benchmarks/clocks.py [--photos 5000] [--json]

An event with so many photos of two cameras, three faces and matches each, of 2,000 guests. Seconds
of shifting all photos and of taking that back, with what triggers do, beside the limit of 5; and of
the desk's page, which compares the cameras, beside the limit of 1. The better of three.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import doctor
from scratch import report, scratch_database

SHIFT_LIMIT, PAGE_LIMIT = 5.0, 1.0
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
CAMERAS = """
WITH made AS (
    INSERT INTO photos_camera (event_id, make, model, serial)
    SELECT id, 'Maker', 'Model ' || n, '' FROM events_event, generate_series(0, 1) AS n
    RETURNING id, event_id, model
)
UPDATE photos_photo SET camera_id = made.id FROM made
 WHERE made.event_id = photos_photo.event_id AND made.model = 'Model ' || photos_photo.id % 2
"""
# Each guest has a face of their own: sines of different pitches are as good as at random.
TEMPLATES = """
UPDATE faces_face SET template = guest.template
  FROM faces_facematch AS match
  JOIN (SELECT id, l2_normalize((SELECT array_agg(sin(id * 12.9898 * n) ORDER BY n)
                                   FROM generate_series(1, 128) AS n)::vector)::halfvec AS template
          FROM events_user) AS guest ON guest.id = match.user_id
 WHERE match.face_id = faces_face.id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with scratch_database():
        doctor.make_event(options.photos)
        prepare()
        rows = measure()
    title = f"Clocks, {options.photos:,} photos, {doctor.EACH} matches each, {os.cpu_count()} cores"
    report(title, rows, as_json=options.json)


def prepare() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(CAMERAS)
        cursor.execute(TEMPLATES)
        cursor.execute("VACUUM ANALYZE")


def measure() -> dict[str, float]:
    from events.models import Event
    from photos.clocks import shifting
    from photos.models import Photo

    event = Event.objects.get()
    taken: dict[str, list[float]] = {"shift": [], "undo": []}
    for _ in range(3):
        photos = Photo.objects.in_event(event)
        seconds, done = timed(lambda photos=photos: shifting.shift(event, photos, 3480, by=None))
        taken["shift"].append(seconds)
        taken["undo"].append(timed(lambda done=done: shifting.undo(event, done.pk, by=None))[0])
    page = page_of(event)
    taken["page"] = [timed(page)[0] for _ in range(3)]
    found = {f"{name}_seconds": min(times) for name, times in taken.items()}
    slowest = max(found["shift_seconds"], found["undo_seconds"])
    return found | {
        "shift_to_limit": slowest / SHIFT_LIMIT,
        "page_to_limit": found["page_seconds"] / PAGE_LIMIT,
    }


def page_of(event: Any) -> Callable[[], None]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS.append("testserver")
    settings.STORAGES["staticfiles"]["BACKEND"] = PLAIN  # nothing was collected
    user = event.memberships.filter(role="organizer").select_related("user").get().user
    type(user).objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(user, backend="events.entrance.backends.DeskBackend")
    address = reverse("admin:events_event_clocks", args=[event.pk])

    def get() -> None:
        if client.get(address).status_code != 200:
            raise SystemExit("the page was refused")

    return get


def timed(one: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = one()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    main()
