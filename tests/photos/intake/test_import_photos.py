"""The import command: re-runnable, honest about what it refused."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from photos.management.commands import import_photos
from photos.models import Photo
from tests.builders import image_bytes
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.jpg").write_bytes(picture([1]))
    (tmp_path / "deep" / "er" / "b.jpg").write_bytes(picture([2]))
    (tmp_path / ".hidden.jpg").write_bytes(picture([3]))
    return tmp_path


def run(event, *paths):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_photos", event.slug, *map(str, paths), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), error
    return out.getvalue(), err.getvalue(), None


def test_a_folder_is_imported_with_all_below_and_a_second_time_adds_nothing(event, folder):
    assert run(event, folder)[0].startswith("2 accepted, 0 already there, 0 refused")
    assert run(event, folder)[0].startswith("0 accepted, 2 already there, 0 refused")
    assert sorted(Photo.objects.values_list("name", flat=True)) == ["a.jpg", "b.jpg"]


def test_a_bad_file_is_named_with_its_reason_and_does_not_stop_the_rest(event, folder):
    (folder / "aa.jpg").write_bytes(picture([4])[:-300])
    out, err, error = run(event, folder)
    assert "2 accepted" in out
    assert "aa.jpg" in err
    assert "truncated" in err
    assert error.returncode == 1


@pytest.fixture
def everything(folder):
    """Photos, and what else lies on a card: sound, films, raw files."""
    for number in range(500):
        (folder / f"clip{number:03}.mov").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")
    (folder / "notes.txt").write_bytes(b"who was there")
    return folder


def test_films_are_one_line_and_no_photos_that_are_missing(event, everything):
    out, err, error = run(event, everything)
    assert error is None
    assert "2 accepted, 0 already there, 501 refused" in out
    films, notes = [line for line in err.splitlines() if line.startswith("refused")]
    assert films.startswith(
        "refused: 500 files: This is a video. FindMe takes photos only. (video)"
    )
    assert films.endswith("clip002.mov and 497 more")
    assert notes.startswith("refused: 1 file: This file is not a picture. (not_an_image)")
    assert run(event, everything, "--strict")[2].returncode == 1


def test_the_log_has_no_line_for_each_film(event, everything, caplog):
    caplog.set_level("INFO")
    run(event, everything)
    assert "photo_refused" not in caplog.text
    run(event, everything, "--verbosity", "2")
    assert caplog.text.count("photo_refused code=video") == 500


def test_each_is_named_as_it_is_refused_where_that_is_wanted(event, everything):
    err = run(event, everything, "--verbosity", "2")[1]
    assert err.count("This is a video") == 501  # each, and their line


@pytest.mark.parametrize(
    ("name", "data", "is_photo"),
    [
        ("a.nef", b"II*\0" + bytes(400), True),
        ("a.bmp", b"BM" + bytes(400), True),
        ("empty.jpg", b"", True),
        ("empty.NEF", b"", True),
        ("Icon", b"", False),
        ("empty.mov", b"", False),
        ("a.mp4", b"\0\0\0\x14ftypisom\0\0\0\0isom", False),
        ("a.pdf", b"%PDF-1.7", False),
        ("junk.zip", b"PK\5\6" + bytes(18), False),
        ("broken.zip", b"PK\3\4", True),
    ],
)
def test_only_a_photo_that_was_refused_is_missing(event, tmp_path, name, data, is_photo):
    (tmp_path / name).write_bytes(data)
    error = run(event, tmp_path)[2]
    assert (error is not None) == is_photo
    assert run(event, tmp_path, "--strict")[2].returncode == 1


def test_on_a_terminal_the_bar_stays_on_its_line(event, folder):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    (folder / "bad.jpg").write_bytes(picture([4])[:-300])
    screen = Screen()
    with pytest.raises(CommandError):
        call_command("import_photos", event.slug, str(folder), stderr=screen, force_color=True)
    drawn = screen.getvalue()
    assert "3/3" in drawn
    assert drawn.count("\n") == 2  # after the refused file, and after the bar
    assert "\x1b[31" not in drawn


def test_an_event_that_is_being_deleted_takes_nothing(event, folder):
    type(event).objects.update(deletion_started_at=timezone.now())
    assert "no event" in str(run(event, folder)[2])


def test_what_lies_in_a_folder_and_cannot_be_read_is_said(event, folder, monkeypatch):
    (folder / "gone.jpg").symlink_to("nowhere")
    (folder / "deep" / "back").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    listed = Path.iterdir

    def iterdir(path):
        if path.name == "er":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    out, err, error = run(event, folder)
    assert "1 accepted, 0 already there, 2 refused" in out
    assert f"(not_readable): {folder}/deep/er\n" in err
    assert f"(not_found): {folder}/gone.jpg\n" in err
    assert error.returncode == 1


def test_folders_behind_links_are_looked_into(event, folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "all").symlink_to(folder)
    assert "2 accepted" in run(event, other)[0]


def test_a_files_name_does_nothing_to_the_terminal(event, folder):
    (folder / "red\x1b[31m\n\u202e.txt").write_bytes(b"hello")
    (folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"hello")
    written = [
        run(event, folder)[1],
        run(event, folder, "--verbosity", "2")[1],
        run(event, folder, "--dry-run")[0],
    ]
    for said in written:
        assert r"red\x1b[31m\n\u202e.txt" in said
        assert r"caf\udce9.txt" in said
        said.encode()


def test_a_missing_path_is_said(event, tmp_path):
    _, err, error = run(event, tmp_path / "nowhere.jpg")
    assert "nowhere.jpg" in err
    assert error


def test_no_path_is_not_the_folder_one_is_in(event):
    with pytest.raises(CommandError, match="a path is empty"):
        call_command("import_photos", event.slug, "")


def test_an_unknown_event_is_said(tmp_path, db):
    with pytest.raises(CommandError, match="no event with the address “nowhere”"):
        call_command("import_photos", "nowhere", str(tmp_path))


def make_zip(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_an_archive_is_read_without_being_unpacked(event, tmp_path):
    entries = {
        "day1/a.jpg": picture([1]),
        "../../b.jpg": picture([2]),
        "__MACOSX/._a.jpg": b"resource fork",
    }
    out, _, error = run(event, make_zip(tmp_path / "photos.zip", entries))
    assert error is None
    assert "2 accepted" in out
    assert sorted(Photo.objects.values_list("name", flat=True)) == ["a.jpg", "b.jpg"]
    assert [path.name for path in tmp_path.iterdir()] == ["photos.zip"]


def test_an_archive_entry_larger_than_allowed_is_refused_unread(event, tmp_path, settings):
    settings.PHOTO_MAX_BYTES = 100_000
    path = make_zip(tmp_path / "big.zip", {"big.jpg": os.urandom(200_000)})
    _, err, _ = run(event, path)
    assert "too_large" in err


def test_a_damaged_archive_is_said(event, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\3\4 not really")
    _, err, _ = run(event, tmp_path / "x.zip")
    assert "bad_archive" in err


def test_a_dry_run_says_of_each_what_would_happen_and_imports_nothing(event, everything):
    (everything / "again.jpg").write_bytes(picture([1]))
    (everything / "scan.png").write_bytes(image_bytes(kind="PNG"))
    (everything / "zz.jpg").write_bytes(b"")
    call_command("import_photos", event.slug, str(everything / "deep"), verbosity=0)
    out, err, error = run(event, everything, "--dry-run")
    assert (err, error.returncode, Photo.objects.count()) == ("", 1, 1)
    lines = out.splitlines()
    groups = {line: lines.index(line) for line in lines if not line.startswith("    ")}
    titles = list(groups)
    assert titles[0] == "accepted: JPEG: 1"
    assert titles[1] == "accepted: PNG: 1"
    assert titles[2] == "already there: 2"  # one from before, and one that is in the folder twice
    assert titles[3] == "refused: This is a video. FindMe takes photos only. (video): 500"
    assert titles[-1] == "2 accepted, 2 already there, 502 refused"
    assert len(lines) == len(titles) + 506
    assert lines[1].endswith("/a.jpg")


def test_the_uploader_is_named_by_e_mail(event, organizer, folder):
    run(event, folder, "--uploader", organizer.email.upper())
    assert {photo.uploader for photo in Photo.objects.all()} == {organizer}
    with pytest.raises(CommandError, match="no account"):
        call_command("import_photos", event.slug, str(folder), "--uploader", "nobody@example.com")


def test_a_closed_event_is_said_before_anything_is_read(event, folder):
    event.closed_at = timezone.now()
    event.save()
    out, _, error = run(event, folder)
    assert (out, error.returncode) == ("", 1)
    assert "closed" in str(error)


def test_each_file_is_refused_once_the_event_closed_meanwhile(event, folder, monkeypatch):
    event.closed_at = timezone.now()
    monkeypatch.setattr(import_photos, "open_event", lambda slug: event)
    out, err, error = run(event, folder)
    assert out.startswith("0 accepted, 0 already there, 2 refused")
    assert "takes no more photos. (event_closed)" in err
    assert error.returncode == 1


def test_an_interruption_tells_how_far_it_came(event, folder, monkeypatch):
    def interrupted(**kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_photos.ingest, "ingest", interrupted)
    _, _, error = run(event, folder)
    assert error.returncode == 130
    assert "0 accepted" in str(error)
