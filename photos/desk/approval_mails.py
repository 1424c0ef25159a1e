"""E-mail to organizers whose guests' photos wait: at most one a day, until they are decided on.

Sent at most once, as notices are (decision 13).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from events import letters
from events.models import Event, Membership
from findme import jobs
from photos.desk import moderation
from photos.models import Photo

logger = logging.getLogger(__name__)

ONE_A_DAY = timedelta(days=1)
# Who adds one photo adds more: they are told of together.
QUIET = timedelta(minutes=15)


def sweep() -> int:
    """Enqueue a mail for each organizer who is to be told. Where the queue is busy this happens
    again before it is sent, and the second finds nothing to do."""
    due = list(_due(timezone.now()).order_by("pk").values_list("pk", flat=True))
    jobs.enqueue_many("approval_mail", due)
    return len(due)


def send(membership_id: int) -> bool:
    """Tell an organizer how many photos wait, if any do and nothing was sent today.

    One conditional UPDATE on the row itself says "sent" before the mail server is asked: a worker
    that dies meanwhile, or an answer that is lost, loses this mail at worst, and it is never sent
    again.
    """
    now = timezone.now()
    found = _due(now).filter(pk=membership_id).select_related("user", "event").first()
    count = moderation.waiting_count(found.event) if found else 0
    if found is None or not count:
        return False
    unsent = Membership.objects.filter(pk=found.pk, approval_mailed_at=found.approval_mailed_at)
    if not unsent.update(approval_mailed_at=now):
        return False
    try:
        _write(found, count)
    except letters.NotSent as error:
        _give_back(found, now, error)
        return False
    except letters.Unanswered:
        logger.warning("approval_mail_unanswered membership=%s", found.pk)
        return False
    logger.info("approval_mail_sent event=%s membership=%s", found.event_id, found.pk)
    return True


def _due(now: datetime) -> QuerySet[Membership]:
    """Organizers who want to be told, were not today, and in whose event photos have waited."""
    waiting = Photo.objects.to_approve().filter(
        event=OuterRef("event"), uploaded_at__lte=now - QUIET
    )
    return Membership.objects.filter(
        Q(approval_mailed_at=None) | Q(approval_mailed_at__lte=now - ONE_A_DAY),
        Exists(waiting),
        role=Membership.Role.ORGANIZER,
        approval_mails=True,
        user__is_active=True,
        event__in=Event.objects.kept(),
    )


def _give_back(membership: Membership, claimed_at: datetime, error: letters.NotSent) -> None:
    """The mail did not leave: it is tried again, tomorrow where the address is refused or was
    written to often today."""
    logger.warning("approval_mail_failed membership=%s error=%s", membership.pk, error)
    if not isinstance(error, letters.Refused | letters.MailboxFull):
        claimed = Membership.objects.filter(pk=membership.pk, approval_mailed_at=claimed_at)
        claimed.update(approval_mailed_at=membership.approval_mailed_at)


def _write(membership: Membership, count: int) -> None:
    address = reverse("admin:events_event_inbox", args=[membership.event_id])
    link = f"{settings.SITE_URL}{address}"
    letters.send(
        "approvals",
        address=membership.user.email,
        language=membership.user.language,
        context={
            "event": membership.event,
            "count": count,
            "link": link,
            "stop_link": f"{link}#mails",
        },
        headers={"Auto-Submitted": "auto-generated"},
    )
