"""A made-up party (`finding_synthetic`) as rows, by the hundred thousand: written by COPY and by
the database itself, without triggers, in a scratch database only."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from finding_synthetic import DIMENSION, Party

if TYPE_CHECKING:
    from events.models import Event, User

DAY = "2026-06-20 12:00:00+00"
# The signature of COPY's binary format, its flags and the length of its extension; and its end.
COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
TEMPLATE_BYTES = 4 + 2 * DIMENSION
COPIED = np.dtype(
    [
        ("columns", ">i2"),
        ("photo_length", ">i4"),
        ("photo", ">i8"),
        ("ordinal_length", ">i4"),
        ("ordinal", ">i2"),
        ("template_length", ">i4"),
        ("dimension", ">i2"),
        ("unused", ">i2"),
        ("template", ">f2", (DIMENSION,)),
    ]
)
FACES = """
    INSERT INTO faces_face (photo_id, event_id, index_name, ordinal, template, {box},
                            detection_score, quality, remote_face_id)
    SELECT {photo}, %s, %s, ordinal, template, 0.1, 0.1, 0.2, 0.2, 0.9, 0.9, '' FROM {source}
"""
BOX = '"left", top, width, height'


def fill_fast(event: Event, party: Party) -> list[User]:
    """Photos whose scans are done, with their faces; and guests who consent and have a selfie in
    the index. Returns the guests in the party's order."""
    with _without_triggers():
        first = _photos(event, party)
        _faces(event, party, first)
        return _guests(event, party)


def repeat_beside(event: Event, others: list[Event], party: Party) -> None:
    """All the faces of the event again in each of the others, where they are of no matter."""
    from faces.index.indexes import index_of

    with _without_triggers():
        first = _first_photo(event)
        source = f"faces_face WHERE event_id = {event.pk}"
        for other in others:
            beside = _photos(other, party)
            photo = f"photo_id + {beside - first}"
            statement = FACES.format(box=BOX, photo=photo, source=source)
            _execute(statement, [other.pk, index_of(other).name])


class _without_triggers:  # noqa: N801
    """A session in which the database neither checks references nor counts changes."""

    def __enter__(self) -> None:
        _execute("SET session_replication_role = replica")

    def __exit__(self, *_error: object) -> None:
        _execute("SET session_replication_role = origin")


def _photos(event: Event, party: Party) -> int:
    """The id of the first; the others follow it."""
    from faces.index.indexes import index_of
    from tests.builders import make_photo

    first = make_photo(event, original=b"-", preview_data=b"-", thumbnail_data=b"-").pk
    count = int(party.photo.max())
    _repeat_photo(first, count)
    counts = np.bincount(party.photo, minlength=count + 1).tolist()
    _execute(
        "INSERT INTO faces_photoscan (photo_id, event_id, index_name, state, attempts,"
        " available_at, finished_at, failure_code, face_count)"
        " SELECT %s + number - 1, %s, %s, 'done', 1, %s, %s, '', faces"
        " FROM unnest(%s) WITH ORDINALITY AS counted (faces, number)",
        [first, event.pk, index_of(event).name, DAY, DAY, counts],
    )
    return int(first)


def _repeat_photo(photo_id: int, count: int) -> None:
    from photos.models import Photo

    changed = {
        "id": "%s + number",
        "sha256": "sha256 || number",
        "taken_at": "taken_at + number * interval '1 second'",
    }
    names = [field.column for field in Photo._meta.concrete_fields]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    _execute(
        f"INSERT INTO photos_photo ({columns}) SELECT {values.replace('sha256 || number', SHA)}"
        " FROM photos_photo, generate_series(1, %s) AS number WHERE id = %s",
        [photo_id, count, photo_id],
    )
    _execute("SELECT setval('photos_photo_id_seq', %s)", [photo_id + count + 1])


SHA = "encode(sha256(number::text::bytea), 'hex')"


def _faces(event: Event, party: Party, first: int) -> None:
    """Through a table of the three columns that differ, as COPY writes all or nothing."""
    from faces.index.indexes import index_of

    _execute("CREATE UNLOGGED TABLE copied (photo_id bigint, ordinal smallint, template halfvec)")
    _copy("COPY copied FROM STDIN (FORMAT binary)", _copied(party, first))
    statement = FACES.format(box=BOX, photo="photo_id", source="copied")
    _execute(statement, [event.pk, index_of(event).name])
    _execute("DROP TABLE copied")


def _copied(party: Party, first: int) -> io.BytesIO:
    rows = np.zeros(len(party.photo), COPIED)
    rows["columns"], rows["photo_length"], rows["ordinal_length"] = 3, 8, 2
    rows["template_length"], rows["dimension"] = TEMPLATE_BYTES, DIMENSION
    rows["photo"], rows["ordinal"] = first + party.photo, _ordinals(party.photo)
    rows["template"] = party.templates
    return io.BytesIO(COPY_HEAD + rows.tobytes() + COPY_END)


def _ordinals(photo: np.ndarray) -> np.ndarray:
    """0, 1, 2 … within each photo."""
    order = np.argsort(photo, kind="stable")
    ordered = photo[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(photo)])
    ordinals = np.empty(len(photo), np.int64)
    ordinals[order] = np.arange(len(photo)) - np.repeat(starts, lengths)
    return ordinals


def _guests(event: Event, party: Party) -> list[User]:
    from finding_rows import _guests as make_guests
    from finding_rows import enroll

    guests = make_guests(event, party.guests)
    enroll(event, party, guests, [0])
    return guests


def _first_photo(event: Event) -> int:
    from django.db.models import Min

    from photos.models import Photo

    return int(Photo.objects.filter(event=event).aggregate(first=Min("pk"))["first"])


def _copy(statement: str, rows: io.BytesIO) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.copy_expert(statement, rows)


def _execute(statement: str, parameters: list[object] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
