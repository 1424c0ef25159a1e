"""A rematch: when it is begun, what it has looked at again, and who ends it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from events.models import Event
from faces import tasks
from faces.finding import renewing
from faces.index.models import EventIndex
from faces.models import GuestModel, PhotoScan, Rematch
from findme import jobs
from findme.queue.rows import FIRST_KEY
from tests.faces.finding.party import Party

pytestmark = pytest.mark.django_db


@pytest.fixture
def guests_only(event):
    """A small party where only guests are looked for; nothing waits."""
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    event.refresh_from_db()
    party = Party(event, photos=3)
    party.bring(party.everything())
    OrmQ.objects.all().delete()
    return event


def make_stale():
    GuestModel.objects.update(is_stale=True, renewed_at=timezone.now() - renewing.BUSY)


def job_names():
    return [task.task["name"].rsplit("-", 1)[0] for task in OrmQ.objects.all()]


def test_what_somebody_began_anew_is_not_ended_by_who_finished_before(guests_only):
    renewing.begin(guests_only)
    finished = renewing.rematch(guests_only)
    renewing.begin_with_everybody(guests_only)
    renewing.end(finished)
    assert Rematch.objects.get().everybody


def test_after_a_large_batch_no_photo_is_looked_at_again(guests_only, monkeypatch):
    monkeypatch.setattr(renewing, "MANY", 1)
    make_stale()
    renewing.renew_due(guests_only)
    tasks.rematch(guests_only.pk)
    assert not GuestModel.objects.stale().exists()
    assert job_names() == ["rematch"]


def test_models_of_an_index_being_built_have_nobody_matched_in_that_in_use(event, monkeypatch):
    monkeypatch.setattr(renewing, "MANY", 1)
    party = Party(event, photos=3)
    party.bring(party.everything())
    EventIndex.objects.update(state=EventIndex.State.BUILDING)
    EventIndex.objects.create(event=event, kind="rekognition", name="remote", state="active")
    make_stale()
    renewing.renew_due(event)
    assert not Rematch.objects.exists()


def test_models_of_another_model_are_not_made_anew_for_ever(event, monkeypatch):
    monkeypatch.setattr(renewing, "MANY", 1)
    party = Party(event, photos=3)
    party.bring(party.everything())
    EventIndex.objects.update(model_version="another")
    make_stale()
    renewing.renew_due(event)
    assert not Rematch.objects.exists()


def test_photos_asked_for_at_the_end_are_not_forgotten(guests_only):
    renewing.begin(guests_only)
    finished = renewing.rematch(guests_only)
    renewing.begin(guests_only, before=80)
    renewing.end(finished)
    assert Rematch.objects.get().rescans


def test_a_threshold_changed_during_a_renewal_has_photos_looked_at_again(guests_only):
    renewing.begin(guests_only)
    renewing.start(guests_only, before=80)
    assert job_names() == ["rematch"]
    tasks.rematch(guests_only.pk)
    assert job_names() == ["rematch", "scan", "scan", "scan"]


def test_a_second_job_of_a_rematch_finds_nothing_to_do(guests_only):
    renewing.start(guests_only, before=80)
    tasks.rematch(guests_only.pk)
    PhotoScan.objects.update(state=PhotoScan.State.DONE)
    OrmQ.objects.all().delete()
    tasks.rematch(guests_only.pk)
    assert not OrmQ.objects.exists()


def test_a_rematch_behind_a_backlog_is_not_enqueued_by_each_sweep(event):
    renewing.begin(event)
    Rematch.objects.update(beat_at=timezone.now() - timedelta(hours=1))
    renewing.sweep()
    renewing.sweep()
    assert job_names() == ["rematch"]
    assert Rematch.objects.free().exists()


def test_a_rematch_waits_behind_no_photos():
    jobs.enqueue("rematch", 1)
    assert OrmQ.objects.get().key == FIRST_KEY


def test_an_index_being_built_by_another_model_is_gone_on_with_by_the_sweep_alone(event):
    party = Party(event, photos=3)
    party.bring(party.everything())
    EventIndex.objects.update(state=EventIndex.State.BUILDING, model_version="another")
    make_stale()
    tasks.reindex(event.pk)
    assert "reindex" not in job_names()
