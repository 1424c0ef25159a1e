"""What leaves: every original once, byte for byte, under a name that fits, in parts of a size."""

from __future__ import annotations

import csv
import hashlib
import io
import random
import tracemalloc
import zipfile
import zlib

import pytest

from photos.export import naming, originals, table, zips
from photos.export.zips import Archive
from photos.intake.ingest import ingest
from photos.models import OriginalPiece, Photo, Section
from tests.builders import image_bytes, make_photo, make_user
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def archive_of(event, photos=None):
    found = originals.of(event, Photo.objects.all() if photos is None else photos)
    return Archive(found, table.of(found), "photos.csv")


def opened(archive):
    data = b"".join(archive.content())
    assert len(data) == archive.length
    return zipfile.ZipFile(io.BytesIO(data))


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_originals_leave_byte_for_byte(event):
    sent = [image_bytes(size=(100 + n, 100)) for n in range(3)]
    for data in sent:
        ingest(event=event, data=data, name="IMG_1.JPG", uploader=None)
    found = opened(archive_of(event))
    assert found.testzip() is None
    assert found.namelist() == ["photos.csv", "IMG_1.JPG", "IMG_1 (2).JPG", "IMG_1 (3).JPG"]
    assert {found.read(name) for name in found.namelist()[1:]} == set(sent)
    hashes = [row["sha256"] for row in rows_of(found.read("photos.csv"))]
    assert hashes == [hashlib.sha256(data).hexdigest() for data in sent]


def test_every_part_of_an_archive_is_where_the_whole_has_it(event):
    for _ in range(3):
        make_photo(event)
    archive = archive_of(event)
    whole = b"".join(archive.content())
    draw = random.Random(1)
    for _ in range(60):
        start, stop = sorted(draw.sample(range(len(whole) + 1), 2))
        assert b"".join(archive.content(start, stop)) == whole[start:stop]


def test_a_checksum_is_learnt_at_the_door_or_when_it_is_first_needed(event):
    taken = ingest(event=event, data=image_bytes(), name="a.jpg", uploader=None).photo
    assert taken.crc32 == zlib.crc32(image_bytes())
    data = picture(people=[], seed=5)
    old = make_photo(event, original=data)
    archive = archive_of(event)
    # Asked for the end alone, as by a download that goes on.
    assert b"".join(archive.content(archive.length - 200))
    old.refresh_from_db()
    assert old.crc32 == zlib.crc32(data)
    assert archive_of(event).digest == archive.digest


def test_an_original_that_is_gone_is_the_only_damaged_file(event):
    photos = [make_photo(event) for _ in range(3)]
    OriginalPiece.objects.filter(photo_id=photos[1].pk).delete()
    archive = archive_of(event)
    found = opened(archive)
    assert found.testzip() == photos[1].name
    assert archive.missing == [photos[1].name]
    assert len(found.read(photos[2].name)) == photos[2].byte_size


def test_a_table_tells_who_when_and_where_and_runs_nothing(event):
    event.timezone = "Europe/Zurich"
    event.save()
    section = Section.objects.create(event=event, name="Dinner: 1/2")
    anna = make_user("=Anna")
    make_photo(event, name="a.jpg", section=section, uploader=anna, hidden=True)
    (row,) = rows_of(table.of(originals.of(event, Photo.objects.all())))
    assert row["file"] == "Dinner_ 1_2/a.jpg"
    assert row["section"] == "Dinner: 1/2"
    assert row["photographer"] == "'=Anna"
    assert row["taken_at"].endswith("+02:00")
    assert row["hidden"] == "yes"
    assert anna.email not in str(row)


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("..", "photo"),
        ("a/b\\c:d.jpg", "a_b_c_d.jpg"),
        ("con.jpg", "_con.jpg"),
        ("Fête.jpg", "Fête.jpg"),
        (" .hidden.jpg. ", "hidden.jpg"),
        ("photos-12.CSV", "_photos-12.CSV"),
        ("photos.csv.jpg", "photos.csv.jpg"),
        ("=1+1.jpg", "_=1+1.jpg"),
        ("\N{NO-BREAK SPACE}@a.jpg", "_\N{NO-BREAK SPACE}@a.jpg"),
    ],
)
def test_a_name_leads_nowhere_and_fits_every_computer(name, fitting):
    assert naming.fit(name) == fitting


def test_names_that_macs_take_for_one_stay_apart():
    names = naming.Names()
    found = [names.one("", name) for name in ("F\u00eate.jpg", "Fe\u0302te.jpg", "FE\u0302TE.JPG")]
    assert found == ["F\u00eate.jpg", "Fe\u0302te (2).jpg", "FE\u0302TE (3).JPG"]


def test_a_photo_named_as_a_table_of_an_archive_is_beside_it(event):
    make_photo(event, name="photos-1.csv")
    found = originals.of(event, Photo.objects.all())
    archive = opened(Archive(found, table.of(found), "photos-1.csv"))
    assert archive.namelist() == ["photos-1.csv", "_photos-1.csv"]


def test_the_table_says_a_files_own_name_and_runs_nothing(event):
    make_photo(event, name="=1.jpg", uploader=make_user(" =Anna"))
    (row,) = rows_of(table.of(originals.of(event, Photo.objects.all())))
    assert row["file"] == "_=1.jpg"
    assert row["original_name"] == "'=1.jpg"
    assert row["photographer"].startswith("'")


def test_long_names_stay_apart():
    names = naming.Names()
    found = {names.one("", f"{'é' * 200}.jpg"), names.one("", f"{'É' * 200}.JPG")}
    assert len({name.casefold() for name in found}) == 2
    assert all(len(name.encode()) < 255 for name in found)


def test_parts_are_full_and_what_comes_later_changes_the_last_alone(event):
    for _ in range(5):
        make_photo(event)
    before = originals.of(event, Photo.objects.all())
    size = 2 * max(one.about for one in before)  # names have more digits now and then
    parts = originals.parts(before, size)
    assert [len(part) for part in parts] == [2, 2, 1]
    assert all(Archive(part, table.of(part), "p.csv").length <= size + 1000 for part in parts)
    make_photo(event, name=before[0].name)
    after = originals.parts(originals.of(event, Photo.objects.all()), size)
    assert [list(part) for part in after[:2]] == [list(part) for part in parts[:2]]
    assert originals.parts([], size) == []
    assert len(originals.parts(before, 1)) == 5


def test_photos_in_the_bin_stay_there(event):
    make_photo(event, hidden=True, binned_at=event.created_at)
    hidden = make_photo(event, hidden=True)
    assert list(originals.exportable(event, unseen=True)) == [hidden]
    assert not originals.exportable(event, unseen=False).exists()


def test_the_table_says_what_guests_see(event):
    make_photo(event, hidden=True)
    make_photo(event, published=False)
    make_photo(event, highlight=True)
    rows = rows_of(table.of(originals.of(event, Photo.objects.all())))
    said = [(row["hidden"], row["published"], row["highlight"]) for row in rows]
    assert said == [("yes", "yes", "no"), ("no", "no", "no"), ("no", "yes", "yes")]
    (seen,) = originals.of(event, originals.exportable(event, unseen=False))
    assert seen.highlight


def test_a_large_original_is_never_in_memory(event):
    large = random.Random(1).randbytes(24 * 2**20)
    make_photo(event, original=large, crc32=zlib.crc32(large))
    archive = archive_of(event)
    tracemalloc.start()
    length = sum(len(piece) for piece in archive.content())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length == archive.length
    assert peak < 6 * 2**20


def test_a_version_is_part_of_the_name_of_the_bytes(event, monkeypatch):
    make_photo(event)
    before = archive_of(event).digest
    monkeypatch.setattr(zips, "VERSION", 2)
    assert archive_of(event).digest != before


def test_of_a_photo_without_a_capture_time_none_is_claimed(event):
    make_photo(event, name="a.jpg", has_capture_time=False)
    make_photo(event, name="b.jpg")
    found = opened(archive_of(event))
    first, second = rows_of(found.read("photos.csv"))
    assert (first["taken_at"], second["taken_at"][:10]) == ("", "2026-06-20")
    years = {entry.filename: entry.date_time[0] for entry in found.infolist()}
    assert (years["a.jpg"], years["b.jpg"]) == (1980, 2026)
