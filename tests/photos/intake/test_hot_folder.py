"""The hot folder takes finished files, each once, and stops cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from events.models import Event
from photos.intake.hot_folder import HotFolder, is_unfinished
from photos.management.commands import watch_folder
from photos.models import Photo
from tests.fakes import picture
from tests.workers import ROOT, database_url

pytestmark = pytest.mark.django_db

SETTLE = 5


@pytest.fixture
def hot(event, tmp_path):
    return HotFolder(tmp_path, event, None, SETTLE)


def poll(hot, at_seconds):
    return dict(hot.poll(at_seconds, stopped=lambda: False))


def test_a_file_is_taken_when_it_stayed_unchanged_long_enough(hot):
    (hot.folder / "a.jpg").write_bytes(picture([1]))
    assert [poll(hot, at) for at in (0, 4.9)] == [{}, {}]
    assert hot.unfinished == 1
    assert poll(hot, 5) == {"accepted": 1}
    assert poll(hot, 20) == {}
    assert (hot.folder / "a.jpg").exists()


def test_a_file_still_being_written_waits_for_its_end(hot):
    data, path = picture([1]), hot.folder / "a.jpg"
    path.write_bytes(data[:1000])
    poll(hot, 0)
    path.write_bytes(data[:2000])
    assert poll(hot, 6) == {}
    path.write_bytes(data)
    assert [poll(hot, at) for at in (7, 12)] == [{}, {"accepted": 1}]


def test_a_writer_that_stalled_is_read_again_when_it_goes_on(hot):
    data, path = picture([1]), hot.folder / "a.jpg"
    path.write_bytes(data[:2000])
    assert [poll(hot, at) for at in (0, 5, 10)] == [{}, {"refused": 1}, {}]
    path.write_bytes(data)
    assert [poll(hot, at) for at in (11, 16)] == [{}, {"accepted": 1}]


def test_an_empty_file_is_not_finished_yet(hot):
    (hot.folder / "a.jpg").touch()
    assert [poll(hot, at) for at in (0, 10, 100)] == [{}, {}, {}]


@pytest.mark.parametrize("name", [".a.jpg", "a.jpg.part", "a.TMP", "~a.jpg", "a.jpg.filepart"])
def test_names_of_unfinished_files_are_left_alone(hot, name):
    (hot.folder / name).write_bytes(picture([1]))
    assert is_unfinished(name)
    assert [poll(hot, at) for at in (0, 10)] == [{}, {}]


def test_folders_below_are_watched_too_and_a_restart_takes_nothing_twice(hot):
    (hot.folder / "card1").mkdir()
    (hot.folder / "card1" / "a.jpg").write_bytes(picture([1]))
    assert [poll(hot, at) for at in (0, 5)] == [{}, {"accepted": 1}]
    restarted = HotFolder(hot.folder, hot.event, None, SETTLE)
    assert [poll(restarted, at) for at in (0, 5)] == [{}, {"already there": 1}]
    assert Photo.objects.count() == 1


def test_one_bad_file_does_not_keep_the_others_out(hot):
    (hot.folder / "a.jpg").write_bytes(b"<html>")
    (hot.folder / "b.jpg").write_bytes(picture([1]))
    poll(hot, 0)
    assert poll(hot, 5) == {"refused": 1, "accepted": 1}


def test_what_was_taken_before_a_look_broke_off_is_counted(hot, monkeypatch):
    for n in range(2):
        (hot.folder / f"{n}.jpg").write_bytes(picture([1], seed=n))
    poll(hot, 0)
    take = hot._take

    def fail_at_the_second(path):
        if path.name == "1.jpg":
            raise OperationalError
        return take(path)

    with monkeypatch.context() as broken:
        broken.setattr(hot, "_take", fail_at_the_second)
        with pytest.raises(OperationalError):
            poll(hot, 5)
    poll(hot, 10)
    assert hot.totals == {"accepted": 2}


def test_stopping_ends_after_the_photo_under_way(hot):
    for n in range(3):
        (hot.folder / f"{n}.jpg").write_bytes(picture([1], seed=n))
    poll(hot, 0)
    stopped = iter([False, True])
    assert dict(hot.poll(5, stopped=lambda: next(stopped))) == {"accepted": 1}


def test_a_folder_or_event_that_is_not_there_or_closed_is_said(event, tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        call_command("watch_folder", event.slug, str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="no event"):
        call_command("watch_folder", "nowhere", str(tmp_path))
    event.closed_at = timezone.now()
    event.save()
    with pytest.raises(CommandError, match="closed"):
        call_command("watch_folder", event.slug, str(tmp_path))


def test_it_ends_when_its_event_is_deleted(event, tmp_path, monkeypatch):
    def delete_meanwhile(hot, at_seconds, *, stopped):
        Event.objects.update(deletion_started_at=timezone.now())
        return Counter()

    monkeypatch.setattr(HotFolder, "poll", delete_meanwhile)
    monkeypatch.setattr(watch_folder, "close_old_connections", lambda: None)  # the test's own
    with pytest.raises(CommandError, match="The event is gone"):
        call_command("watch_folder", event.slug, str(tmp_path), every=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["SIGTERM", "folder gone"])
def test_the_command_takes_what_appears_and_ends_with_the_right_code(event, tmp_path, end):
    folder = tmp_path / "hot"
    folder.mkdir()
    command = [sys.executable, "manage.py", "watch_folder", event.slug, str(folder)]
    command += ["--settle", "0.2", "--every", "0.1"]
    environment = os.environ | {"DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        (folder / "a.jpg").write_bytes(picture([1]))
        wait_for_a_photo()
        if end == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        else:
            (folder / "a.jpg").unlink()
            folder.rmdir()
        out = process.communicate(timeout=60)[0].decode()
    assert "1 accepted, 0 already there, 0 refused" in out
    assert process.returncode == (0 if end == "SIGTERM" else 1)


def wait_for_a_photo():
    for _ in range(200):
        if Photo.objects.exists():
            return
        time.sleep(0.1)
    pytest.fail("the photo was not taken within 20 seconds")
