"""A receipt leaves exactly once, whatever dies, and its address does not stay."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from events import letters
from faces.models import Receipt
from faces.privacy import receipts, withdrawal
from tests.builders import consent, make_selfie
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What a worker that is killed never gets to handle."""


@pytest.fixture
def receipt(event, guest):
    consent(guest, event)
    make_selfie(guest)
    withdrawal.withdraw(user=guest, event=event)
    return Receipt.objects.get()


def test_it_is_sent_once(receipt):
    assert receipts.send(receipt.pk)
    assert not receipts.send(receipt.pk)
    assert len(mail.outbox) == 1


def test_it_is_not_written_twice(receipt, guest):
    assert receipts.write(user=guest) is None


def test_a_worker_killed_over_the_mail_does_not_send_it_again(receipt, monkeypatch):
    send = letters.send

    def send_and_die(*args, **kwargs):
        send(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(letters, "send", send_and_die)
    with pytest.raises(Killed):
        receipts.send(receipt.pk)
    monkeypatch.setattr(letters, "send", send)
    receipts.sweep()
    assert not receipts.send(receipt.pk)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("said", "answer"), [(GREETING, HANGS_UP), (AFTER_THE_DOT, "451 later")])
def test_where_the_mail_server_is_away_it_waits(receipt, mail_server, caplog, said, answer):
    mail_server.answers = {said: answer}
    assert not receipts.send(receipt.pk)
    mail_server.answers = {}
    assert "receipt_failed" in caplog.text
    assert receipt.address not in caplog.text
    assert not receipts.send(receipt.pk)  # not yet
    Receipt.objects.update(available_at=timezone.now())
    assert receipts.send(receipt.pk)


def test_one_whose_answer_is_lost_is_never_sent_again_and_not_kept(receipt, mail_server):
    mail_server.answers = {AFTER_THE_DOT: HANGS_UP}
    for days in range(4):
        with time_machine.travel(timezone.now() + timedelta(days), tick=False):
            receipts.sweep()
            assert not receipts.send(receipt.pk)
    assert len(mail_server.arrived) == 1
    assert not Receipt.objects.exists()


def test_where_its_mailbox_is_full_it_is_put_off_and_never_lost(receipt, limited):
    limited(mail="0/d/key")
    for days in range(4):
        with time_machine.travel(timezone.now() + timedelta(days), tick=False):
            receipts.sweep()
            assert not receipts.send(receipt.pk)
    limited(mail="1/d/key")
    with time_machine.travel(timezone.now() + timedelta(5), tick=False):
        receipts.sweep()
        assert receipts.send(receipt.pk)


def test_a_withdrawal_cut_off_before_its_receipt_gets_it_from_the_sweep(event, guest, monkeypatch):
    def die(**_):
        raise Killed

    given = consent(guest, event)
    with monkeypatch.context() as patch:
        patch.setattr(receipts, "write", die)
        with pytest.raises(Killed):
            withdrawal.withdraw_everywhere(guest)
    receipts.sweep()
    assert not Receipt.objects.exists()  # it may be under way
    given.refresh_from_db()
    given.withdrawn_at -= timedelta(minutes=5)
    given.save()
    receipts.sweep()
    assert Receipt.objects.get().address == guest.email


def test_an_address_that_no_mail_reaches_is_dropped(receipt):
    Receipt.objects.update(created_at=timezone.now() - timedelta(days=3), attempts=12)
    receipts.sweep()
    assert not Receipt.objects.exists()
