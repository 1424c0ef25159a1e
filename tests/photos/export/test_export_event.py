"""`export_event`: originals on the operator's disk, whole or not at all, and gone on with."""

from __future__ import annotations

import hashlib
import zipfile

import pytest
from django.core.management import CommandError, call_command

from events import audit
from photos.export import folders
from photos.models import Favourite, OriginalPiece, Section
from photos.store.faults import StoreUnavailable
from tests.builders import make_photo
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def true_photo(event, **fields):
    """One whose hash is that of its bytes."""
    data = picture(people=[], seed=fields.pop("seed"))
    sha256 = hashlib.sha256(data).hexdigest()
    return make_photo(event, original=data, sha256=sha256, byte_size=len(data), **fields), data


@pytest.fixture
def photos(event):
    return [true_photo(event, seed=seed, name="IMG.jpg") for seed in (901, 902, 903)]


def export(event, folder, *more, **options):
    call_command("export_event", event.slug, folder, *more, verbosity=0, **options)


def test_files_are_the_originals(event, photos, tmp_path):
    section = Section.objects.create(event=event, name="Dinner")
    photos[2][0].section = section
    photos[2][0].save()
    export(event, tmp_path / "out")
    found = [tmp_path / "out" / name for name in ("IMG.jpg", "IMG (2).jpg", "Dinner/IMG.jpg")]
    assert [path.read_bytes() for path in found] == [data for _, data in photos]
    assert len(list((tmp_path / "out").rglob("*.*"))) == 4  # the table, and nothing unfinished
    (line, *_) = audit.lines(audit.entries(event))
    assert line.what == "Exported originals (3)"


def test_it_goes_on_where_it_broke_off(event, photos, tmp_path, monkeypatch):
    read, calls = folders.zips.read, []

    def breaks(photo_id, start, stop):
        calls.append(photo_id)
        if len(calls) == 2:
            yield b"half of it"
            raise StoreUnavailable("store_unreachable", "gone")
        yield from read(photo_id, start, stop)

    monkeypatch.setattr(folders.zips, "read", breaks)
    with pytest.raises(CommandError, match="1 exported, 0 already there"):
        export(event, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["IMG.jpg"]
    (line, *_) = audit.lines(audit.entries(event))
    assert line.what == "Exported originals (1)"
    export(event, tmp_path)
    assert calls == [photo.pk for photo, _ in (photos[0], photos[1], photos[1], photos[2])]
    assert (tmp_path / "IMG (2).jpg").read_bytes() == photos[1][1]


def test_archives_that_are_there_are_left_and_others_made_anew(event, photos, tmp_path):
    export(event, tmp_path, zip=1)
    paths = sorted(tmp_path.glob("*.zip"))
    assert [path.name for path in paths] == [f"{event.slug}-originals-{n}.zip" for n in (1, 2, 3)]
    paths[0].write_bytes(paths[0].read_bytes()[:-1])
    before = [path.stat().st_mtime_ns for path in paths]
    export(event, tmp_path, zip=1)
    after = [path.stat().st_mtime_ns for path in paths]
    assert [was != now for was, now in zip(before, after, strict=True)] == [True, False, False]
    with zipfile.ZipFile(paths[0]) as archive:
        assert archive.testzip() is None
        assert archive.read("IMG.jpg") == photos[0][1]


def test_another_file_of_that_name_is_not_overwritten(event, photos, tmp_path, capsys):
    (tmp_path / "IMG.jpg").write_text("my own")
    with pytest.raises(CommandError, match="1 originals are not there") as failed:
        export(event, tmp_path)
    assert failed.value.returncode == 1
    assert (tmp_path / "IMG.jpg").read_text() == "my own"
    assert "not exported: IMG.jpg: Another file has this name" in capsys.readouterr().err


def test_what_is_missing_or_damaged_is_named_and_keeps_nobody_waiting(
    event, photos, tmp_path, capsys
):
    OriginalPiece.objects.filter(photo_id=photos[0][0].pk).delete()
    photos[1][0].sha256 = "0" * 64
    photos[1][0].save()
    with pytest.raises(CommandError, match="2 originals"):
        export(event, tmp_path)
    said = capsys.readouterr().err
    assert "IMG.jpg" in said
    assert "(picture_missing)" in said
    assert "(picture_damaged)" in said
    assert [path.name for path in tmp_path.glob("*.jpg")] == ["IMG (3).jpg"]


def test_some_photos_only(event, photos, tmp_path, guest):
    liked, hidden = photos[0][0], photos[1][0]
    hidden.hidden = True
    hidden.save()
    Favourite.objects.create(user=guest, photo=liked)
    export(event, tmp_path / "liked", favourites_of=guest.email)
    export(event, tmp_path / "seen", without_hidden=True)
    export(event, tmp_path / "ids", ids=[hidden.pk])
    counts = [len(list((tmp_path / name).glob("*.jpg"))) for name in ("liked", "seen", "ids")]
    assert counts == [1, 2, 1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--section", "Nowhere"], "no section “Nowhere”"),
        (["--section", ""], "no section “”"),
        (["--favourites-of", ""], "no account with the address “”"),
        (["--favourites-of", "nobody@example.com"], "no account"),
        (["--ids", "999999999"], "no such photos"),
        (["--zip", "9GB"], "a size from 1MB to 4GB"),
    ],
)
def test_what_is_not_there_is_said(event, photos, tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        export(event, tmp_path, *options)
