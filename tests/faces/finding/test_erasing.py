"""A goodbye removes everything that rested on the guest's face."""

import pytest

from events.models import Event
from faces.finding import enrolling, erasing, scanning
from faces.index.local import LocalIndex
from faces.models import Consent, Enrollment, Face, FaceMatch, PhotoScan, Selfie
from faces.privacy import withdrawal
from photos.intake.ingest import ingest
from tests.builders import add_member, consent, make_event, make_match, make_photo, make_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def test_a_withdrawal_removes_matches_templates_and_selfies_and_keeps_a_receipt(event, guest):
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    make_match(guest, make_photo(event))
    receipt = withdrawal.withdraw(user=guest, event=event)
    assert receipt == {"matches": 1, "templates": 1, "selfies": 1}
    assert Consent.objects.get().erasure_receipt == receipt
    for model in (FaceMatch, Enrollment, Selfie):
        assert not model.objects.exists()


def test_a_withdrawal_leaves_other_guests_and_other_events_alone(event, guest, other_guest):
    elsewhere = make_event()
    add_member(elsewhere, guest)
    for user, where in [(guest, event), (guest, elsewhere), (other_guest, event)]:
        consent(user, where)
    for user in (guest, other_guest):
        make_selfie(user)
    for where in (event, elsewhere):
        enrolling.enroll_event(where.pk)
    withdrawal.withdraw(user=guest, event=event)
    left = set(Enrollment.objects.values_list("selfie__user", "event"))
    assert left == {(guest.pk, elsewhere.pk), (other_guest.pk, event.pk)}
    assert Selfie.objects.of(guest).count() == 1


def test_a_consent_for_a_deleted_event_does_not_keep_selfies(event, guest):
    elsewhere = make_event()
    for where in (event, elsewhere):
        consent(guest, where)
    make_selfie(guest)
    elsewhere.delete()
    assert withdrawal.withdraw(user=guest, event=event)["selfies"] == 1


def test_removing_a_selfie_removes_the_matches_that_rested_on_it(event, guest):
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    make_match(guest, make_photo(event))
    erasing.remove_selfie(selfie)
    assert not FaceMatch.objects.exists()
    assert not Enrollment.objects.exists()


def test_a_selfie_removed_while_it_is_enrolled_is_not_written_back(event, guest, monkeypatch):
    consent(guest, event)
    selfie = make_selfie(guest)
    enroll = LocalIndex.enroll

    def enroll_slowly(self, *args):
        face = enroll(self, *args)
        erasing.remove_selfie(selfie)
        return face

    monkeypatch.setattr(LocalIndex, "enroll", enroll_slowly)
    assert enrolling.enroll_event(event.pk) == 0
    assert not Enrollment.objects.exists()


def test_where_only_guests_are_looked_for_the_templates_of_a_leaver_go_too(event, guest):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    event.refresh_from_db()
    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    assert Face.objects.filter(template__isnull=False).count() == 1
    withdrawal.withdraw(user=guest, event=event)
    assert Face.objects.filter(template__isnull=False).count() == 0
    assert Face.objects.count() == 1
