"""`manage.py rematch_event`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ

from events.models import Event
from faces.desk import threshold
from faces.finding import matching, renewing, scanning
from faces.models import FaceMatch, PhotoScan, Rematch
from tests import fakes
from tests.builders import consent, make_event, make_face, make_photo, make_scan, make_selfie
from tests.faces.desk.test_guests import enroll
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def unmatched(event, guest):
    """A guest and a face of theirs that nobody has compared."""
    photo = make_photo(event)
    make_scan(photo, state=PhotoScan.State.DONE)
    make_face(photo, template=fakes.template(1))
    consent(guest, event)
    enroll(make_selfie(guest), event)
    return event


def run(*arguments):
    out = io.StringIO()
    call_command("rematch_event", *arguments, stdout=out)
    return out.getvalue()


def test_it_matches_and_says_how_many(unmatched):
    assert "0 matches before, 1 now (threshold 85)" in run(unmatched.slug)
    assert "1 matches before, 1 now" in run("--all")
    assert FaceMatch.objects.count() == 1


def test_a_dry_run_changes_nothing(unmatched):
    assert "would match again at 85" in run("--dry-run", unmatched.slug)
    assert not FaceMatch.objects.exists()


def test_an_unknown_event_stops_all(unmatched):
    with pytest.raises(CommandError, match="nowhere") as refused:
        run(unmatched.slug, "nowhere")
    assert refused.value.returncode == 1
    assert not FaceMatch.objects.exists()


def test_no_event_named_is_an_error_of_use(db):
    with pytest.raises(CommandError) as refused:
        run()
    assert refused.value.returncode == 2


def test_where_only_guests_are_looked_for_photos_are_queued(unmatched):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    make_event()
    assert "1 photos queued" in run(unmatched.slug)
    assert OrmQ.objects.count() == 1
    assert PhotoScan.objects.get().state == PhotoScan.State.QUEUED


def test_who_dies_before_photos_are_queued_leaves_that_to_a_worker(unmatched, monkeypatch):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    monkeypatch.setattr(scanning, "scan_again", lambda event: Rematch.objects.of(event).count())
    assert "1 photos queued" in run(unmatched.slug)
    assert not Rematch.objects.exists()


def test_ended_by_ctrl_c_it_leaves_the_rest_to_a_worker(unmatched, monkeypatch):
    def interrupt(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(matching, "match_guests", interrupt)
        with pytest.raises(CommandError, match="go on") as ended:
            run(unmatched.slug)
    assert ended.value.returncode == 130
    assert Rematch.objects.get().everybody
    run_jobs()
    assert FaceMatch.objects.count() == 1
    assert not Rematch.objects.exists()


def test_it_is_cancelled(unmatched):
    assert "nothing was under way" in run("--cancel", unmatched.slug)
    renewing.begin_with_everybody(unmatched)
    assert "would cancel at 0 of 1 guests" in run("--cancel", "--dry-run", unmatched.slug)
    assert "cancelled, 0 of 1 guests are matched" in run("--cancel", unmatched.slug)
    run_jobs()
    assert not Rematch.objects.exists()
    assert not FaceMatch.objects.exists()


def test_a_changed_threshold_goes_back_where_it_is_cancelled(unmatched):
    threshold.choose(unmatched, 60)
    assert "would go back to 85" in run("--cancel", "--dry-run", unmatched.slug)
    assert "the threshold goes back to 85" in run("--cancel", unmatched.slug)
    unmatched.refresh_from_db()
    assert unmatched.match_threshold == 85
