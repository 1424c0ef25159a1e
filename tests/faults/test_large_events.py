"""However many photos there are: a guest's search reads what it finds, no request searches, and
what a dead process asked the database for is ended."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.urls import reverse
from django_q.models import OrmQ

from events.models import Event
from faces.finding import matching
from faces.index.local import LocalIndex
from faces.models import FaceMatch
from tests.builders import make_event, make_face, make_photo
from tests.faces.finding.party import Party
from tests.faults.reading import rows_read
from tests.health import execute
from tests.locks import advisory_locks
from tests.workers import start_python

ELSEWHERE = 2_000
# As a process of ours asks whose statement takes minutes, but for how soon it is missed.
ASKS_FOR_MUCH = """
from django.db import connection
from findme.running import connections

connections.CHECK_INTERVAL = "100ms"
connection.cursor().execute("SELECT pg_advisory_lock(4711), pg_sleep(300)")
"""


@pytest.fixture
def crowded(event):
    """A party of six photos, beside another event of thousands, each with a face."""
    party = Party(event, guests=2, photos=6)
    party.bring(party.everything())
    face = make_face(make_photo(make_event()), template=party.photos[0][0])
    copy("photos_photo", face.photo_id, sha256="md5(n::text)")
    copy("faces_face", face.pk, photo_id="photo_id + n")
    execute("ANALYZE photos_photo; ANALYZE faces_face")
    return party


def copy(table: str, row_id: int, **changed: str) -> None:
    """Thousands of a row more, with the ids that follow and other values in some columns."""
    values = {"id": "id + n", **changed}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        names = [column.name for column in cursor.description]
    columns = ", ".join(f'"{name}"' for name in names)
    selected = ", ".join(values.get(name, f'"{name}"') for name in names)
    execute(
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {selected}"
        f" FROM {table}, generate_series(1, {ELSEWHERE}) AS n WHERE id = {row_id}"
    )


@pytest.mark.django_db
def test_a_guest_is_searched_for_in_one_event_and_its_photos_are_read_last(event, crowded):
    FaceMatch.objects.all().delete()
    before = {table: rows_read(table) for table in ("photos_photo", "faces_face")}
    with matching.matching(event.pk, with_others=False):
        matching.match_guest(event, crowded.users[0].pk)
    assert FaceMatch.objects.exists()
    read = {table: rows_read(table) - count for table, count in before.items()}
    assert all(count < ELSEWHERE / 4 for count in read.values()), read


@pytest.fixture
def no_search(monkeypatch):
    """From then on whoever compares faces fails."""

    def search(*args, **kwargs):
        raise AssertionError("faces are searched")

    def forbid():
        for name in ("near", "in_memory"):
            monkeypatch.setattr(LocalIndex, name, search)

    return forbid


@pytest.mark.django_db
def test_another_threshold_is_looked_at_and_chosen_without_a_search(
    event, organizer, as_user, no_search
):
    party = Party(event, guests=2, photos=6)
    party.bring(party.everything())
    OrmQ.objects.all().delete()
    no_search()
    client, page = as_user(organizer), reverse("admin:events_event_threshold", args=[event.pk])
    preview = client.get(page, {"other": "70"}).context["preview"]
    assert preview.count_at(70).shown > preview.count_at(85).shown > 0
    assert client.post(page, {"other": "70"}).status_code == 302
    assert Event.objects.get().match_threshold == 70
    assert [job.task["name"] for job in OrmQ.objects.all()] == [f"rematch-{event.pk}"]


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_asked_for_holds_up_nobody():
    process = start_python(ASKS_FOR_MUCH)
    wait_until(asked)
    process.kill()
    process.wait(10)
    wait_until(lambda: not asked())


def asked() -> bool:
    return bool(advisory_locks("objid = 4711 AND granted"))


def wait_until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
