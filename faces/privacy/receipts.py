"""The receipt of an erasure, by e-mail: written with the rows' own transaction, sent once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from events import letters
from events.models import User
from faces.models import Consent, Receipt
from findme import jobs

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
RETRY = timedelta(minutes=10)
# A withdrawal that nobody receipted in this time was cut off in the middle.
CUT_OFF = timedelta(minutes=2)
# An address is not kept for a mail that nobody can deliver. One that waits because its mailbox was
# written to often is no such mail.
KEEP = timedelta(days=2)
PUT_OFF = timedelta(hours=6)


def write(
    *,
    user: User,
    children: Sequence[User] = (),
    account_counts: dict[str, int] | None = None,
    taken_back: dict[str, int] | None = None,
) -> Receipt | None:
    """Receipt all withdrawals that have none yet, in one mail; with `account_counts` (rows removed
    by name of model) the erasure of the account too, with its children's, with `taken_back` (the
    same) that of what somebody else had made with its address. None where there is nothing to
    receipt.
    """
    with transaction.atomic():
        withdrawn = Consent.objects.filter(user__in=[user, *children]).unreceipted()
        rows = withdrawn.select_for_update(of=("self",)).select_related("event", "user")
        consents = list(rows.order_by("pk"))
        if not consents and account_counts is None and not taken_back:
            return None
        Consent.objects.filter(pk__in=[c.pk for c in consents]).update(receipted_at=timezone.now())
        receipt = Receipt.objects.create(
            address=user.mailbox,
            language=user.reader.language,
            contents={
                "withdrawals": [_line(consent) for consent in consents],
                "account": account_counts,
                "taken_back": taken_back,
                "child": user.name if user.guardian_id else "",
            },
        )
        jobs.enqueue("receipt", receipt.pk)
    return receipt


def sweep() -> None:
    """Receipt what was cut off, enqueue what is due again, drop what cannot be delivered."""
    now = timezone.now()
    cut_off = Consent.objects.unreceipted().filter(withdrawn_at__lt=now - CUT_OFF)
    for user in User.objects.filter(pk__in=cut_off.values("user")):
        write(user=user)
    tried = Receipt.objects.filter(created_at__lt=now - KEEP, attempts__gt=0)
    dropped = tried.delete()[0]
    if dropped:
        logger.warning("receipts_undeliverable count=%s", dropped)
    waiting = Receipt.objects.due().filter(Q(attempts__gt=0) | Q(created_at__lt=now - CUT_OFF))
    jobs.enqueue_many("receipt", list(waiting.values_list("pk", flat=True)))


def send(receipt_id: int) -> bool:
    """Send a receipt and remove its row. Claimed before it leaves, so never sent twice."""
    now = timezone.now()
    due = Receipt.objects.due().filter(pk=receipt_id, attempts__lt=MAX_ATTEMPTS)
    claimed = due.update(claimed_at=now, attempts=F("attempts") + 1)
    if not claimed:
        return False
    receipt = Receipt.objects.get(pk=receipt_id)
    try:
        letters.send(
            "receipt",
            address=receipt.address,
            language=receipt.language,
            context=_context(receipt),
            headers={"Auto-Submitted": "auto-generated"},
        )
    except letters.MailboxFull:
        logger.info("receipt_put_off receipt=%s", receipt_id)
        waiting = Receipt.objects.filter(pk=receipt_id)
        waiting.update(claimed_at=None, attempts=F("attempts") - 1, available_at=now + PUT_OFF)
        return False
    except letters.NotSent as error:
        logger.warning("receipt_failed receipt=%s error=%s", receipt_id, error)
        Receipt.objects.filter(pk=receipt_id).update(claimed_at=None, available_at=now + RETRY)
        return False
    except letters.Unanswered:
        # It stays claimed, as that of a worker that died, until it is dropped.
        logger.warning("receipt_unanswered receipt=%s", receipt_id)
        return False
    receipt.delete()
    logger.info("receipt_sent receipt=%s", receipt_id)
    return True


def _line(consent: Consent) -> dict[str, Any]:
    withdrawn_at = consent.withdrawn_at
    return {
        "event": consent.event.name if consent.event else "",
        "child": consent.user.name if consent.user.guardian_id else "",
        "withdrawn_at": withdrawn_at.isoformat() if withdrawn_at else "",
        **(consent.erasure_receipt or {}),
    }


def _context(receipt: Receipt) -> dict[str, Any]:
    withdrawals = [
        line | {"withdrawn_at": parse_datetime(line["withdrawn_at"])}
        for line in receipt.contents["withdrawals"]
    ]
    return {
        "account": _kinds(receipt.contents["account"]),
        "taken_back": _kinds(receipt.contents["taken_back"]),
        "withdrawals": withdrawals,
        "child": receipt.contents.get("child", ""),
    }


def _kinds(counts: dict[str, int] | None) -> list[tuple[Any, int]] | None:
    """Kinds of rows by names that are translated when the letter is written."""
    if counts is None:
        return None
    return [
        (apps.get_model(label)._meta.verbose_name_plural, count) for label, count in counts.items()
    ]
