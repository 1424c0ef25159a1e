"""`manage.py doctor`: what it says, to people and machines, and without a database."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from findme import diagnosis, health, jobs
from findme.diagnosis import Broken, Rule
from findme.running.embedded_problems import in_words
from tests.health import execute, found

PROJECT = Path(__file__).resolve().parents[2]


def doctor(*options: str) -> str:
    out = StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


@pytest.mark.django_db
def test_a_healthy_site_has_a_clean_bill():
    jobs.ensure_schedules()
    text = doctor()
    assert "WRONG" not in text
    assert "NOTE" not in text
    assert "migrations: 0 pending" in text
    assert "queue: 0 jobs" in text
    assert "ms to find the faces of a photo" in text
    assert f"rows: {len(diagnosis.rules())} of {len(diagnosis.rules())} rules hold" in text
    assert connection.settings_dict["PASSWORD"] not in text


@pytest.mark.django_db
def test_a_job_that_nobody_takes_is_wrong():
    OrmQ.objects.create(key="findme", lock=timezone.now() - timezone.timedelta(minutes=2))
    (finding,) = health.queue()
    assert finding.wrong
    assert "queue: 1 jobs, the oldest has waited for a worker for 12" in finding.text


@pytest.mark.django_db
def test_jobs_that_wait_for_hours_while_others_are_worked_at_are_no_fault():
    now = timezone.now()
    OrmQ.objects.create(key="findme", lock=now - timezone.timedelta(hours=3))
    OrmQ.objects.create(key="findme", lock=now + timezone.timedelta(minutes=9))
    # That one is not worked at: it waits, after it has killed whoever took it.
    assert [finding.wrong for finding in health.queue()] == [True]
    execute("UPDATE django_q_ormq SET findme_owner = 'us' WHERE lock > now()")
    assert [finding.wrong for finding in health.queue()] == [False]


@pytest.mark.django_db
def test_machines_are_told_codes_counts_and_versions_and_nothing_secret():
    jobs.ensure_schedules()
    OrmQ.objects.create(key="findme", lock=timezone.now() - timezone.timedelta(minutes=2))
    text = doctor("--json")
    said = json.loads(text.removesuffix("One thing is wrong."))
    assert said["wrong"] == 1
    assert "Django" in said["versions"]
    by_code = {finding["code"]: finding for finding in said["findings"]}
    assert by_code["queue_untaken"]["severity"] == "wrong"
    assert connection.settings_dict["PASSWORD"] not in text


@pytest.mark.django_db
def test_what_was_mended_is_said_and_is_wrong_no_more():
    jobs.ensure_schedules()
    execute("ALTER TABLE photos_photo DISABLE TRIGGER gallery_update")
    assert "WRONG trigger_off" in doctor()
    text = doctor("--repair")
    assert "MENDED trigger_off: triggers switched on: 1" in text
    assert "wrong" not in text
    execute("DROP TRIGGER gallery_update ON photos_photo")
    assert found(repair=True) == {"trigger_off": "wrong"}


@pytest.mark.django_db
def test_a_sweep_that_nobody_runs_and_jobs_that_failed_are_said():
    now = timezone.now()
    assert found(repair=True) == {"sweep_missing": "mended"}
    Schedule.objects.update(next_run=now - timezone.timedelta(hours=1))
    held = OrmQ.objects.create(key="findme", lock=now + timezone.timedelta(minutes=6))
    execute("UPDATE django_q_ormq SET findme_owner = 'gone'")
    OrmQ.objects.create(key="findme", lock=now + timezone.timedelta(minutes=42))
    Task.objects.create(id="1", name="scan-7", func="f", started=now, stopped=now, success=False)
    expected = {"sweep_late": "wrong", "jobs_failed": "warning", "job_held_too_long": "mended"}
    assert found(repair=True) == expected
    assert OrmQ.objects.get(lock__lte=timezone.now()) == held


def test_operators_are_told_what_each_rule_means():
    page = (PROJECT / "docs" / "operations.md").read_text()
    codes = {rule.code for rule in diagnosis.rules()}
    assert len(codes) > 30
    assert {code for code in codes if f"| `{code}` |" not in page} == set()
    mending = {rule.code for rule in diagnosis.rules() if rule.repair}
    assert mending == {rule.code for rule in diagnosis.rules() if rule.mended}


def test_a_rule_that_cannot_be_looked_at_hides_no_other(caplog):
    def look() -> Broken:
        raise ZeroDivisionError

    (finding,) = diagnosis.examine(Rule("odd", "odd rows", "Look at them.", look))
    assert finding.wrong
    assert "odd: it could not be looked at (ZeroDivisionError" in finding.text
    assert "doctor_rule_failed rule=odd" in caplog.text


def test_without_a_database_all_else_is_said(monkeypatch):
    def refused() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refused)
    text = doctor()
    assert "WRONG database: connection refused" in text
    assert text.count("WRONG") == 1
    assert "ms to find the faces of a photo" in text
    assert "One thing is wrong" in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "full"),
        ("PANIC:  could not write to file: No space left on device", "The disk is full"),
        ("FATAL:  database files are incompatible with server", "another version"),
        ("FATAL:  data directory has wrong ownership", "must own the folder"),
        ('FATAL:  "/x/data" is not a database cluster directory', "damaged"),
        ("LOG:  starting\nFATAL:  something new", "something new\nTry again"),
    ],
)
def test_why_a_server_does_not_start_is_said_in_words(said, words):
    assert words in in_words("PostgreSQL did not start", "/x", f"2026-11-30 UTC [1] {said}")
