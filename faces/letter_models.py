"""What FindMe still has to write to a guest, kept apart from who is in the pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, User


class NoticeRequestQuerySet(models.QuerySet["NoticeRequest"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def unchecked_since(self, at: datetime) -> Self:
        return self.filter(models.Q(checked_at=None) | models.Q(checked_at__lt=at))


class NoticeRequest(models.Model):
    """That a guest wants an e-mail about new photos of them in an event.

    `announced_match_id` is the newest match the guest knows of: from a notice, or from having
    looked. `last_sent_at` is written before the mail leaves: whoever writes it may send, nobody
    else. `checked_at` is when the sweep last compared it with the guest's matches.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_requests"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notice_requests")
    asked_at = models.DateTimeField(default=timezone.now)
    announced_match_id = models.BigIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    # The secret of the last notice's link, until it signed somebody in.
    link_code = models.CharField(max_length=43, blank=True, editable=False)

    objects = NoticeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for notices")
        verbose_name_plural = _("requests for notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="notice_request_once"),
        ]

    def __str__(self) -> str:
        return f"notices for user {self.user_id} in event {self.event_id}"


class ReadyLetterQuerySet(models.QuerySet["ReadyLetter"]):
    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def waiting(self) -> Self:
        return self.filter(state="waiting")

    def stopped(self) -> Self:
        """Of guests who want no e-mails of the event."""
        return self.filter(state="stopped")

    def due(self) -> Self:
        """Those that may be sent now."""
        return self.waiting().filter(available_at__lte=timezone.now())


class ReadyLetter(models.Model):
    """That a guest is told that the photos of an event are ready, or does not want to be.

    "Sent" is written before the mail leaves: whoever writes it may send, nobody else.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not delivered")
        STOPPED = "stopped", _("not wanted")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ready_letters"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="ready_letters")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    available_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = ReadyLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter that the photos are ready")
        verbose_name_plural = _("letters that the photos are ready")
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="ready_letter_once"),
        ]
        indexes = [
            # What is still to be sent, and nothing else: most rows are history.
            models.Index(
                fields=["event", "available_at"],
                condition=models.Q(state="waiting"),
                name="ready_letter_due",
            ),
        ]

    def __str__(self) -> str:
        return f"ready letter to user {self.user_id} of event {self.event_id}: {self.state}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def due(self) -> Self:
        """Those that may be sent now."""
        return self.filter(claimed_at=None, available_at__lte=timezone.now())


class Receipt(models.Model):
    """The receipt of an erasure on its way to its mailbox; the row goes when the mail has gone.

    It holds the address itself, since the account may be erased before the mail leaves.
    """

    address = models.EmailField()
    language = models.CharField(max_length=8, blank=True)
    contents = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    available_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt of an erasure")
        verbose_name_plural = _("receipts of erasures")

    def __str__(self) -> str:
        return f"receipt {self.pk}"
