"""What `doctor` looks at in the rows of faces: broken by hand, it is said; mended, it is gone."""

from __future__ import annotations

import pytest
from django_q.models import OrmQ

from faces.health import consents
from faces.models import Consent, Enrollment, FaceMatch, PhotoScan, Receipt, Selfie
from photos.models import Photo
from tests import builders, health
from tests.health import broken, execute, found

pytestmark = pytest.mark.django_db

LONG_AGO = "now() - interval '9 days'"
OTHER_EVENT = "(SELECT max(id) FROM events_event)"
# By hand, then what must be said of it.
MENDED = {
    "face_event_differs": f"UPDATE faces_facematch SET event_id = {OTHER_EVENT}",
    "match_time_differs": f"UPDATE faces_facematch SET taken_at = {LONG_AGO}",
    "match_face_differs": "UPDATE faces_facematch SET face_id = (SELECT max(id) FROM faces_face)",
    "model_members_gone": "UPDATE faces_guestmodel SET members = '{0}'",
    "model_missing": "DELETE FROM faces_guestmodel",
    "model_stale": f"UPDATE faces_guestmodel SET is_stale = true, renewed_at = {LONG_AGO}",
    "scan_claim_stale": "UPDATE faces_photoscan SET state = 'running', attempts = 1, claimed_at ="
    f" {LONG_AGO}, attempt_id = gen_random_uuid()",
    "lease_abandoned": "INSERT INTO faces_lease (name, attempt_id, alive_at)"
    f" VALUES ('a', gen_random_uuid(), {LONG_AGO})",
    "index_unknown": "UPDATE faces_face SET index_name = 'gone'",
    "photo_without_scan": "DELETE FROM faces_photoscan",
    "photo_state_differs": "UPDATE photos_photo SET status = 'processing'",
    "face_count_differs": "UPDATE faces_photoscan SET face_count = 7",
    "scan_lost": f"UPDATE faces_photoscan SET state = 'queued', available_at = {LONG_AGO}",
    "index_building_stuck": "INSERT INTO faces_eventindex (event_id, kind, name, state,"
    f" model_version, created_at) SELECT id, 'local', 'next', 'building', '', {LONG_AGO}"
    " FROM events_event ORDER BY id LIMIT 1",
    "consent_of_stranger": "DELETE FROM events_membership WHERE role = 'guest'",
    "match_without_consent": "DELETE FROM faces_consent",
    "template_without_consent": "DELETE FROM faces_consent; DELETE FROM faces_facematch",
    "model_without_consent": "DELETE FROM faces_consent; DELETE FROM faces_enrollment;"
    " DELETE FROM faces_facematch",
    "template_not_agreed": "UPDATE faces_consent SET index_kind = 'local';"
    " UPDATE faces_eventindex SET kind = 'rekognition'",
    "selfie_without_consent": f"UPDATE faces_selfie SET created_at = {LONG_AGO}; DELETE FROM"
    " faces_consent; DELETE FROM faces_enrollment; DELETE FROM faces_facematch; DELETE FROM"
    " faces_guestmodel; DELETE FROM faces_candidate",
    "template_of_stranger": "UPDATE events_event SET indexing = 'guests_only';"
    " UPDATE faces_facematch SET verdict = 'not_me'",
    "unclaimed_kept": "UPDATE events_event SET faces_kept_days = 0, starts_on = '2020-01-01',"
    " ends_on = '2020-01-01'; DELETE FROM faces_facematch; DELETE FROM faces_candidate;"
    " UPDATE faces_guestmodel SET members = '{}'",
    "notice_without_consent": "INSERT INTO faces_noticerequest (user_id, event_id, asked_at,"
    " announced_match_id, link_code) SELECT id, (SELECT min(id) FROM events_event), now(), 0, ''"
    " FROM events_user WHERE name = 'Olga'",
    "receipt_missing": "INSERT INTO faces_consent (user_id, event_id, text_version, language,"
    " text_hash, indexing, index_kind, given_at, withdrawn_at, is_replaced, erasure_receipt)"
    f" SELECT user_id, event_id, '', '', '', '', '', {LONG_AGO}, {LONG_AGO}, false, '{{}}'"
    " FROM faces_consent",
    "receipt_stuck": "INSERT INTO faces_receipt (address, language, contents, created_at,"
    f" available_at, attempts) VALUES ('a@b.example', '', '{{}}', now(), {LONG_AGO}, 1)",
    "remote_removal_of_nothing": "INSERT INTO faces_remoteremoval (index_name, remote_face_id,"
    " pool) VALUES ('gone', 'a', '')",
}

# What only a service can do is done by a job, and is wrong until then.
ENQUEUED = {
    "remote_removal_overdue": "INSERT INTO faces_remoteremoval (index_name, remote_face_id, pool,"
    f" not_before) SELECT min(name), 'a', '', {LONG_AGO} FROM faces_eventindex",
    "index_unreconciled": f"UPDATE faces_eventindex SET made_at = {LONG_AGO}",
}


@pytest.fixture
def world(event, guest):
    """With another event and another photo, which is nobody's."""
    world = health.healthy(event, guest)
    other = builders.make_photo(event)
    builders.make_scan(other, state="done", face_count=1)
    builders.make_face(other)
    other_event = builders.make_event()
    builders.add_member(other_event, builders.make_user(), "organizer")
    return world


def test_an_installation_at_work_breaks_no_rule(world, event, organizer):
    health.make_busy(event, organizer)
    assert found(repair=True) == {}
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize("code", MENDED)
def test_what_is_broken_is_said_and_mended_once(world, code):
    execute(MENDED[code])
    assert broken(code)
    assert found(repair=True)[code] == "mended"
    assert found(repair=True) == {}


@pytest.mark.parametrize("code", ENQUEUED)
def test_what_a_service_must_do_is_enqueued_once(world, code):
    execute(ENQUEUED[code])
    assert found(repair=True) == {code: "wrong"}
    assert found(repair=True) == {code: "wrong"}
    assert OrmQ.objects.count() == 1


def test_a_template_of_a_refused_selfie_is_for_its_guest_to_decide(world):
    refused = {"state": "rejected", "rejection_code": "no_face", "image_data": None}
    Selfie.objects.update(**refused)
    assert found(repair=True) == {"template_of_refused_selfie": "warning"}
    assert Enrollment.objects.count() == 1


def test_a_repair_writes_a_receipt_to_whom_it_withdraws_for(world):
    execute(MENDED["consent_of_stranger"])
    found(repair=True)
    assert Receipt.objects.get().address == world.guest.email
    assert not Consent.objects.in_force().exists()


def test_who_agreed_again_since_a_repair_looked_is_not_erased(world, event, guest):
    assert not consents._withdrawn(guest.pk, event.pk, ended=True)
    assert not consents._withdrawn(guest.pk, event.pk, ended=False)
    assert Consent.objects.in_force().exists()


def test_a_repair_keeps_what_guests_said_and_every_photo(world):
    execute("UPDATE faces_facematch SET verdict = 'me'")
    execute(MENDED["index_unknown"])
    execute(MENDED["photo_without_scan"])
    found(repair=True)
    assert FaceMatch.objects.get().verdict == "me"
    assert Photo.objects.count() == 2
    assert set(PhotoScan.objects.values_list("state", flat=True)) == {"queued"}


def test_work_that_waits_behind_other_jobs_has_lost_none(world):
    OrmQ.objects.create(key="findme", payload="", lock=None)
    execute(MENDED["scan_lost"])
    execute(MENDED["model_stale"])
    assert found() == {}
