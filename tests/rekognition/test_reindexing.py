"""Another index for an event: whole before it serves, and nothing guests said is lost."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from faces import tasks
from faces.finding import asking, enrolling, reindexing, scanning, searching
from faces.index.indexes import index_of
from faces.index.models import EventIndex
from faces.models import Candidate, Enrollment, Face, FaceMatch, GuestModel, PhotoScan
from photos.intake.ingest import ingest
from tests.builders import consent, make_selfie
from tests.fakes import picture
from tests.rekognition.server import Fault
from tests.workers import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


@pytest.fixture
def party(event, guest, rekognition, settings):
    """Two photos of the guest, in an event that was begun with the local index."""
    settings.FACE_INDEX = "local"
    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    for seed, people in enumerate([[1, 2], [1]]):
        ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None)
    run_jobs()
    assert FaceMatch.objects.count() == 2
    return event


def reindex(event, *options):
    out = io.StringIO()
    call_command("reindex_event", event.slug, *options, stdout=out, verbosity=0)
    return out.getvalue()


def test_an_event_moves_to_rekognition_and_leaves_nothing_behind(party, guest, rekognition):
    assert "2 photos, 3 faces" in reindex(party, "--index", "rekognition")
    run_jobs()
    name = index_of(party).name
    assert EventIndex.objects.get().kind == "rekognition"
    for model in (Face, Enrollment, PhotoScan):
        assert set(model.objects.values_list("index_name", flat=True)) == {name}
    assert FaceMatch.objects.filter(user=guest, face__index_name=name).count() == 2
    assert rekognition.calls["IndexFaces"] == 3
    assert rekognition.calls["SearchFaces"] == 1 + 2


def test_and_back_again_leaves_no_collection(party, rekognition):
    reindex(party, "--index", "rekognition")
    reindex(party, "--index", "local")
    run_jobs()
    assert rekognition.collections == {}
    assert FaceMatch.objects.count() == 2


def test_what_guests_said_stays_and_keeps_its_face(party, guest):
    said, other = FaceMatch.objects.order_by("photo")
    FaceMatch.objects.filter(pk=said.pk).update(verdict=FaceMatch.Verdict.NOT_ME)
    by_hand = Face.objects.filter(photo=said.photo).exclude(pk=said.face_id).get()
    FaceMatch.objects.filter(pk=other.pk).delete()
    FaceMatch.objects.filter(pk=said.pk).update(face=by_hand)
    reindex(party, "--index", "rekognition")
    run_jobs()
    kept = FaceMatch.objects.get(photo=said.photo)
    assert kept.verdict == FaceMatch.Verdict.NOT_ME
    assert kept.face.index_name == index_of(party).name


def test_guests_are_searched_for_once_though_new_faces_take_their_time(
    party, rekognition, monkeypatch
):
    monkeypatch.setattr(asking, "SETTLING", timedelta(seconds=3))
    monkeypatch.setattr(searching, "QUIET", timedelta(seconds=4))
    reindex(party, "--index", "rekognition")
    assert rekognition.calls["SearchFaces"] == 1 + 2
    assert FaceMatch.objects.count() == 2


def test_galleries_are_served_until_the_new_index_is_whole(party, guest):
    row = reindexing.start(party, "rekognition")
    first = PhotoScan.objects.in_event(party, row.name).first()
    scanning.run(first.pk)
    assert not reindexing.go_on(party)
    assert index_of(party).name != row.name
    assert FaceMatch.objects.of(guest).counting().count() == 2


def test_a_photo_and_a_selfie_that_come_meanwhile_are_in_both(party, guest, other_guest):
    row = reindexing.start(party, "rekognition")
    ingest(event=party, data=picture([1, 2], seed=9), name="b.jpg", uploader=None)
    consent(other_guest, party)
    make_selfie(other_guest, person=2)
    run_jobs()
    assert FaceMatch.objects.count() == 3 + 2
    tasks.reindex(party.pk)
    run_jobs()
    assert index_of(party).name == row.name
    assert FaceMatch.objects.count() == 3 + 2


def test_a_photo_that_missed_the_change_is_scanned_by_the_index_in_use(party):
    reindex(party, "--index", "rekognition")
    run_jobs()
    scan = PhotoScan.objects.first()
    PhotoScan.objects.filter(pk=scan.pk).update(index_name="gone", state="queued")
    scanning.run(scan.pk)
    run_jobs()
    assert PhotoScan.objects.get(photo=scan.photo).index_name == index_of(party).name


def test_it_goes_on_where_it_was_stopped(party, rekognition):
    row = reindexing.start(party, "rekognition")
    scanning.run(PhotoScan.objects.in_event(party, row.name).first().pk)
    reindex(party, "--index", "rekognition")
    assert rekognition.calls["IndexFaces"] == 3
    assert index_of(party).name == row.name


def test_if_needed_does_nothing_where_nothing_changed(party, rekognition):
    assert "up to date" in reindex(party, "--index", "local", "--if-needed")
    reindex(party, "--index", "rekognition")
    run_jobs()
    collections = set(rekognition.collections)
    assert "up to date" in reindex(party, "--index", "rekognition", "--if-needed")
    assert set(rekognition.collections) == collections


@pytest.mark.parametrize("kind", ["local", "rekognition"])
def test_if_needed_moves_to_a_newer_model(party, kind, rekognition):
    reindex(party, "--index", kind)
    run_jobs()
    EventIndex.objects.update(name="older", model_version="0.1")
    for model in (Face, Enrollment, PhotoScan, Candidate, GuestModel):
        model.objects.update(index_name="older")
    assert "2 photos" in reindex(party, "--index", kind, "--if-needed")
    assert index_of(party).name != "older"


def test_a_dry_run_says_what_it_would_cost_and_does_nothing(party, rekognition):
    said = reindex(party, "--index", "rekognition", "--dry-run")
    assert "2 photos and 1 selfies" in said
    assert "6 calls" in said
    assert not rekognition.requests
    assert EventIndex.objects.count() == 1


def test_an_event_that_is_not_there_is_said(db):
    with pytest.raises(CommandError, match="no event"):
        call_command("reindex_event", "nowhere")


def test_a_service_that_refuses_us_is_said(party, rekognition):
    reindex(party, "--index", "rekognition")
    rekognition.script(Fault(kind="access_denied"))
    with pytest.raises(CommandError, match=r"refuses our credentials.*\(index_access_denied\)"):
        reindex(party, "--index", "rekognition", "--if-needed")


def test_to_look_for_guests_only_leaves_no_stranger_at_the_service(party, rekognition):
    reindex(party, "--index", "rekognition")
    run_jobs()
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    tasks.rescan(party.pk)
    run_jobs()
    tasks.reindex(party.pk)
    run_jobs()
    (faces,) = rekognition.collections.values()
    assert [face.external_image_id.split("-")[0] for face in faces] == ["selfie"]
    assert FaceMatch.objects.count() == 2


def test_a_region_that_is_not_set_is_said(party, settings):
    settings.REKOGNITION_REGION = ""
    with pytest.raises(CommandError, match="index_not_configured"):
        reindex(party, "--index", "rekognition")


@pytest.mark.parametrize("kind", ["local", "rekognition"])
def test_where_only_guests_are_looked_for_the_new_index_finds_them_too(party, rekognition, kind):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    reindex(party, "--index", "rekognition")
    reindex(party, "--index", kind)
    run_jobs()
    assert FaceMatch.objects.count() == 2
    strangers = Face.objects.exclude(pk__in=FaceMatch.objects.values("face"))
    assert strangers.count() == 1
    assert not strangers.exclude(template=None, remote_face_id="").exists()


def test_an_index_does_not_take_over_before_photos_are_looked_at_for_all_its_guests(
    party, guest, rekognition, monkeypatch
):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    row = reindexing.start(party, "rekognition")
    for scan in PhotoScan.objects.in_event(party, row.name):
        scanning.run(scan.pk)
    with monkeypatch.context() as patch:  # the worker is killed between the two
        patch.setattr(scanning, "scan_for_late_guests", lambda event: None)
        enrolling.enroll_event(party.pk)
    assert not reindexing.advance(party)
    assert FaceMatch.objects.of(guest).count() == 2
    run_jobs()
    tasks.reindex(party.pk)
    assert index_of(party).name == row.name
    assert FaceMatch.objects.of(guest).count() == 2


def test_a_dry_run_asks_nothing_of_the_service_that_is_in_use(party, rekognition):
    reindex(party, "--index", "rekognition")
    run_jobs()
    asked = dict(rekognition.requests)
    assert "6 calls" in reindex(party, "--index", "rekognition", "--dry-run")
    assert dict(rekognition.requests) == asked
