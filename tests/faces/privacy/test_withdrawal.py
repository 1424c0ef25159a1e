"""Withdrawing and leaving: at once, with a receipt, and nothing is written back."""

import pytest
from django.core import mail

from events.models import Membership, User
from faces.finding import enrolling, scanning
from faces.index.local import LocalIndex
from faces.models import Consent, Enrollment, FaceMatch, PhotoScan, Receipt
from faces.privacy import receipts, withdrawal
from photos.intake.ingest import ingest
from tests.builders import (
    add_member,
    consent,
    find,
    make_event,
    make_selfie,
)
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def send_receipts():
    for receipt in Receipt.objects.all():
        receipts.send(receipt.pk)


def test_a_withdrawal_is_receipted_by_mail_in_the_guests_language(event, guest):
    User.objects.filter(pk=guest.pk).update(language="fr")
    guest.refresh_from_db()
    find(guest, event)
    withdrawal.withdraw(user=guest, event=event)
    send_receipts()
    (letter,) = mail.outbox
    assert letter.to == [guest.email]
    assert "supprimé" in letter.subject
    assert event.name in letter.body
    assert "empreintes de visage\xa0: 1" in letter.body
    assert 'lang="fr"' in letter.alternatives[0][0]


def test_a_withdrawal_and_its_receipt_are_kept_together_or_not_at_all(event, guest, monkeypatch):
    find(guest, event)
    monkeypatch.setattr(receipts, "write", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        withdrawal.withdraw(user=guest, event=event)
    assert Consent.objects.in_force().exists()
    assert Enrollment.objects.exists()


def test_withdrawing_everywhere_makes_one_receipt_of_all_events(event, guest):
    elsewhere = make_event()
    add_member(elsewhere, guest)
    for where in (event, elsewhere):
        find(guest, where)
    assert withdrawal.withdraw_everywhere(guest) == {"matches": 2, "templates": 2, "selfies": 1}
    send_receipts()
    (letter,) = mail.outbox
    assert event.name in letter.body
    assert elsewhere.name in letter.body


def test_withdrawing_everywhere_takes_selfies_that_no_event_uses(guest):
    make_selfie(guest, state="rejected", rejection_code="blurred")
    assert withdrawal.withdraw_everywhere(guest)["selfies"] == 1


def test_an_account_is_deleted_with_a_receipt_and_then_the_address_goes(event, guest):
    find(guest, event)
    withdrawal.delete_account(guest)
    send_receipts()
    (letter,) = mail.outbox
    assert letter.to == [guest.email]
    assert "face patterns: 1" in letter.body
    assert "consents: 1" in letter.body
    assert not Receipt.objects.exists()


def test_the_only_organizer_of_an_event_cannot_leave_it_alone(event, organizer):
    with pytest.raises(withdrawal.SoleOrganizer) as refused:
        withdrawal.delete_account(organizer)
    assert refused.value.names == [event.name]
    assert User.objects.filter(pk=organizer.pk).exists()


def test_one_of_two_organizers_can_leave(event, organizer, guest):
    Membership.objects.filter(user=guest).update(role=Membership.Role.ORGANIZER)
    withdrawal.delete_account(organizer)
    assert not User.objects.filter(pk=organizer.pk).exists()


@pytest.mark.parametrize("goodbye", [withdrawal.withdraw_everywhere, withdrawal.delete_account])
def test_an_enrolling_under_way_writes_nothing_back(event, guest, monkeypatch, goodbye):
    consent(guest, event)
    make_selfie(guest)
    enroll = LocalIndex.enroll

    def enroll_slowly(self, *args):
        face = enroll(self, *args)
        goodbye(guest)
        return face

    monkeypatch.setattr(LocalIndex, "enroll", enroll_slowly)
    assert enrolling.enroll_event(event.pk) == 0
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("goodbye", [withdrawal.withdraw_everywhere, withdrawal.delete_account])
def test_a_scan_under_way_writes_nothing_back(event, guest, monkeypatch, goodbye):
    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scan = LocalIndex.scan

    def scan_slowly(self, *photo):
        found = scan(self, *photo)
        goodbye(guest)
        return found

    monkeypatch.setattr(LocalIndex, "scan", scan_slowly)
    scanning.run(PhotoScan.objects.get().pk)
    assert PhotoScan.objects.get().state == PhotoScan.State.DONE
    assert not FaceMatch.objects.exists()


def test_a_consent_given_while_the_account_goes_goes_too(event, guest, monkeypatch):
    find(guest, event)
    write = withdrawal.personal_data.counts

    def count_and_consent(user):
        consent(user, make_event())
        return write(user)

    monkeypatch.setattr(withdrawal.personal_data, "counts", count_and_consent)
    withdrawal.delete_account(guest)
    assert not Consent.objects.exists()
