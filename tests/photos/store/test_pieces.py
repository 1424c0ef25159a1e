"""Originals in pieces: every byte, every range, and nothing left when their photo goes."""

import io

import pytest
from django.db import connection, transaction

from photos.models import Photo
from photos.store import pieces
from photos.store.models import OriginalPiece
from photos.store.pieces import AT_ONCE, PIECE_BYTES
from tests.builders import make_event, make_photo

pytestmark = pytest.mark.django_db

BLOCK = AT_ONCE * PIECE_BYTES
SIZES = [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5]


def some_bytes(count):
    return (bytes(range(251)) * (count // 251 + 1))[:count]


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("size", SIZES)
def test_an_original_comes_back_as_it_went_in(size):
    data = some_bytes(size)
    pieces.write(7, data)
    pieces.write(8, io.BytesIO(data[::-1]))
    assert (pieces.read(7), pieces.read(8)) == (data, data[::-1])


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (PIECE_BYTES - 1, PIECE_BYTES + 1),
        (PIECE_BYTES, 2 * PIECE_BYTES),
        (5, BLOCK + 5),
        (BLOCK, None),
    ],
)
def test_a_part_is_that_part(start, stop):
    data = some_bytes(BLOCK + 100)
    pieces.write(7, data)
    assert pieces.read(7, start, stop) == data[start:stop]


def test_what_is_not_there_is_none():
    pieces.write(7, b"some")
    assert pieces.read(6) is None
    assert pieces.read(7, 4, 9) is None
    assert pieces.read(7, PIECE_BYTES) is None


def test_a_piece_is_a_page_with_nothing_stored_aside():
    pieces.write(7, some_bytes(5 * PIECE_BYTES))
    pages = execute("SELECT count(DISTINCT (ctid::text::point)[0]) FROM photos_originalpiece")
    aside = execute(
        "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = %s",
        "photos_originalpiece",
    )
    assert (pages, aside) == ([(5,)], [(0,)])


@pytest.mark.parametrize(
    "remove",
    [
        lambda photo: photo.delete(),
        lambda photo: Photo.objects.filter(pk=photo.pk).delete(),
        lambda photo: photo.event.delete(),
        lambda photo: execute("DELETE FROM photos_photo WHERE id = %s", photo.pk),
        lambda photo: Photo.objects.filter(pk=photo.pk).update(
            store="s3", folder="photos/1/a", **dict.fromkeys(Photo.columns())
        ),
    ],
    ids=["row", "rows", "event", "by hand", "to the bucket"],
)
def test_pieces_go_with_their_photo_and_no_others(remove):
    photo, other = make_photo(make_event()), make_photo(make_event())
    remove(photo)
    assert set(OriginalPiece.objects.values_list("photo_id", flat=True)) == {other.pk}


def test_pages_of_removed_pieces_count_as_space_until_the_table_grows():
    execute(f"TRUNCATE {OriginalPiece._meta.db_table}")  # other tests' pages are free too
    pieces.write(7, some_bytes(100 * PIECE_BYTES))
    # As VACUUM would after 60 of them were removed, which no transaction of a test may.
    execute(
        "UPDATE pg_class SET relpages = pg_relation_size(oid) / 8192,"
        " reltuples = pg_relation_size(oid) / 8192 - 60 WHERE relname = %s",
        OriginalPiece._meta.db_table,
    )
    assert pieces.reusable() == 60 * 8192
    pieces.write(8, some_bytes(100 * PIECE_BYTES))
    assert pieces.reusable() == 0


def test_what_is_given_up_leaves_no_piece(event):
    with transaction.atomic():
        make_photo(event)
        transaction.set_rollback(True)
    assert not OriginalPiece.objects.exists()
