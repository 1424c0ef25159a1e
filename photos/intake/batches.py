"""What browsers began to send: remembered, so that nobody takes half of it for all."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import Case, F, PositiveIntegerField, Q, Value, When
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from events.access import is_organizer
from events.models import Event, User
from photos.models import UploadBatch

logger = logging.getLogger(__name__)

# The page gives a sign of life every half minute, and browsers let pages in the back sleep for one.
SILENT_FOR = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)
# Of an event's; whoever left so many behind is told of the newest.
SHOWN = 5


@dataclass(frozen=True)
class Unfinished:
    """A batch of which files are missing; `is_under_way` while its page is heard of."""

    pk: int
    user_id: int
    who: str
    sent: int
    files: int
    is_under_way: bool

    @property
    def missing(self) -> int:
        return self.files - self.sent


def note(*, event: Event, user: User, key: str, files: int, sent: int) -> None:
    """How far a batch is, as its page says: it may say so again, or late. One statement, two for
    a new one."""
    is_over = sent >= files
    known = UploadBatch.objects.filter(event=event, user=user, key=key)
    ended, now_sent = Q(ended_at__isnull=False), Value(sent, PositiveIntegerField())
    changed = known.update(
        files=files,
        # The same files once more, after all had come: they are counted anew.
        sent=Case(When(ended, then=now_sent), default=Greatest(F("sent"), now_sent)),
        heard_at=Now(),
        ended_at=Now() if is_over else None,
    )
    if changed:
        return
    try:
        with transaction.atomic():
            UploadBatch.objects.create(
                event=event,
                user=user,
                key=key,
                files=files,
                sent=sent,
                ended_at=timezone.now() if is_over else None,
            )
    except IntegrityError:  # another request of the page was first
        note(event=event, user=user, key=key, files=files, sent=sent)


def unfinished(event: Event) -> list[Unfinished]:
    """The newest first. One query."""
    heard_since = timezone.now() - SILENT_FOR
    rows = UploadBatch.objects.filter(event=event, ended_at=None, begun_at__gt=_oldest())
    return [
        Unfinished(
            pk=row.pk,
            user_id=row.user_id,
            who=str(row.user),
            sent=row.sent,
            files=row.files,
            is_under_way=row.heard_at > heard_since,
        )
        for row in rows.select_related("user")[:SHOWN]
    ]


def may_forget(
    user: AbstractBaseUser | AnonymousUser, event: Event, batch: Unfinished | UploadBatch
) -> bool:
    return batch.user_id == user.pk or is_organizer(user, event)


def forget(batch: UploadBatch) -> None:
    """Nobody will send the rest. What has come stays."""
    batch.delete()
    logger.info("upload_forgotten event=%s", batch.event_id)


def sweep() -> None:
    UploadBatch.objects.filter(begun_at__lte=_oldest()).delete()


def _oldest() -> datetime:
    return timezone.now() - KEPT_FOR
