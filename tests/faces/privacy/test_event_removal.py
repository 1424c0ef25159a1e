"""An event goes with everything, whatever interrupts it; other events keep what is theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import OrmQ

from events.desk import organizing
from events.models import Event
from faces import tasks
from faces.finding import enrolling
from faces.index.contract import EnrolledFace
from faces.index.indexes import index_of
from faces.models import Consent, Enrollment, Face, FaceMatch, PhotoScan, Receipt, Selfie
from faces.privacy import event_removal
from findme import sweeps
from photos import removing
from photos.gallery import covers
from photos.models import Photo
from photos.signals import photos_removing
from tests import builders, fakes
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(event, guest):
    photos = [builders.make_photo(event) for _ in range(3)]
    for photo in photos:
        builders.make_scan(photo)
        builders.make_match(guest, photo, face=builders.make_face(photo))
    covers.choose(photos[0], by=None)
    enroll(guest, event, builders.make_selfie(guest))
    return event


def enroll(guest, event, selfie):
    builders.consent(guest, event)
    Enrollment.objects.create(
        selfie=selfie,
        event=event,
        index_name=index_of(event).name,
        template=EnrolledFace(fakes.template(1)).template,
    )


def start(event):
    organizing.start_deletion(event, by=None)
    OrmQ.objects.all().delete()


def remains():
    models = [Photo, Face, FaceMatch, PhotoScan, Enrollment]
    return {model.__name__: count for model in models if (count := model.objects.count())}


def test_nothing_of_it_is_left(filled):
    start(filled)
    event_removal.remove(filled.pk)
    assert remains() == {}
    assert not Event.objects.exists()
    assert not Selfie.objects.exists()


def test_sessions_that_could_use_nothing_else_end_with_it(event, guest, as_user, client):
    as_user(guest)
    join = {"name": "Nina", "email": "nina@example.com"}
    client.post(event.get_join_url(), join)
    start(event)
    event_removal.remove(event.pk)
    assert list(Session.objects.values_list("sign_in__user", flat=True)) == [guest.pk]


def test_guests_keep_a_receipt(filled, guest):
    start(filled)
    event_removal.remove(filled.pk)
    consent = Consent.objects.get(user=guest)
    assert consent.withdrawn_at
    assert consent.erasure_receipt == {"matches": 3, "templates": 1, "selfies": 1}
    (line,) = Receipt.objects.get().contents["withdrawals"]
    assert line["event"] == filled.name


def test_another_events_photos_and_selfies_stay(filled, guest):
    other = builders.make_event()
    kept = builders.make_photo(other)
    enroll(guest, other, guest.selfies.get())
    start(filled)
    event_removal.remove(filled.pk)
    assert list(Photo.objects.all()) == [kept]
    assert Enrollment.objects.get().event == other
    assert Selfie.objects.exists()


def test_an_event_whose_deletion_was_not_asked_for_stays(filled):
    event_removal.remove(filled.pk)
    assert Photo.objects.count() == 3


def test_what_was_interrupted_is_found_and_finished(filled, monkeypatch):
    start(filled)

    def away(event):
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(event_removal.tidying, "ask_for", away)
        with pytest.raises(ConnectionError):
            event_removal.remove(filled.pk)
    event_removal.sweep()
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"remove_event-{filled.pk}"]
    event_removal.remove(filled.pk)
    assert not Event.objects.exists()


def test_a_large_event_is_left_to_a_further_job(filled, monkeypatch):
    monkeypatch.setattr(event_removal, "WORKING_SECONDS", 0)
    start(filled)
    event_removal.remove(filled.pk)
    assert Event.objects.exists()
    assert OrmQ.objects.count() == 1


def test_batches_reach_the_end(filled, monkeypatch):
    monkeypatch.setattr(removing, "BATCH", 2)
    start(filled)
    event_removal.remove(filled.pk)
    assert not Photo.objects.exists()


def test_whoever_keeps_something_of_photos_hears_that_they_go(filled):
    ids = sorted(Photo.objects.values_list("pk", flat=True))
    heard_of = []

    def hear(sender, photo_ids, **kwargs):
        heard_of.extend(photo_ids)

    start(filled)
    photos_removing.connect(hear)
    try:
        event_removal.remove(filled.pk)
    finally:
        photos_removing.disconnect(hear)
    assert heard_of == ids


def test_an_index_is_asked_for_once_with_the_whole_event(filled, monkeypatch):
    asked = []
    monkeypatch.setattr(event_removal.tidying, "ask_for", asked.append)
    start(filled)
    event_removal.remove(filled.pk)
    # By the withdrawal of its one guest, and at its end; not by each batch.
    assert len(asked) == 2


@pytest.mark.rekognition
def test_the_service_forgets_the_event(rekognition, event, guest):
    builders.consent(guest, event)
    builders.make_selfie(guest)
    enrolling.enroll_event(event.pk)
    assert rekognition.collections
    start(event)
    event_removal.remove(event.pk)
    run_jobs()
    assert rekognition.collections == {}


def test_a_deletion_that_lost_its_job_goes_on_while_other_sweeps_find_work(filled, other_guest):
    elsewhere = builders.make_event()
    builders.consent(other_guest, elsewhere)
    builders.make_selfie(other_guest)
    start(filled)
    sweeps.run()
    names = {task.task["name"] for task in OrmQ.objects.all()}
    assert names > {f"remove_event-{filled.pk}", f"enroll-{elsewhere.pk}"}


def test_the_sweep_of_each_minute_ends_events_whose_day_has_come(filled):
    week_ago = timezone.now() - timedelta(days=8)
    Event.objects.update(delete_on=timezone.localdate(), deletion_warned_at=week_ago)
    sweeps.run()
    tasks.remove_event(filled.pk)
    assert not Event.objects.exists()
