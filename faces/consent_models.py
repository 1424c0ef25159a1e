"""What guests agreed to, and how far that goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from events.models import Event
from faces.index.implementations import implementation

if TYPE_CHECKING:
    from events.querysets import EventQuerySet


class ConsentQuerySet(models.QuerySet["Consent"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def in_force(self) -> Self:
        """Not withdrawn, and for an event that still exists."""
        return self.filter(withdrawn_at=None, event__isnull=False)

    def covering(self, kind: str) -> Self:
        """Those to words that named such an index; see `covers`."""
        return self.filter(index_kind=kind) if implementation(kind).is_remote else self.all()

    def not_covering(self, kind: str) -> Self:
        return self.exclude(index_kind=kind) if implementation(kind).is_remote else self.none()

    def unreceipted(self) -> Self:
        """Withdrawn and erased, and no receipt is written yet."""
        return self.filter(
            withdrawn_at__isnull=False,
            is_replaced=False,
            receipted_at=None,
            erasure_receipt__isnull=False,
        )

    def events(self) -> EventQuerySet:
        """Their events in the order of ids, in which whoever locks several of them does it."""
        return Event.objects.filter(pk__in=self.values("event")).order_by("pk")


# What became more than the words said that a guest agreed to.
AskedAgain = Literal["kind", "indexing"]


def covers(agreed_kind: str, kind: str) -> bool:
    """Whether a consent to words that named one kind of index goes for another.

    Recognition on our own machines is a part of all words: a service comes on top of it. So an
    event that comes back from a service asks nobody.
    """
    return agreed_kind == kind or not implementation(kind).is_remote


def asked_again(consent: Consent, kinds: Iterable[str], indexing: str) -> AskedAgain | None:
    """What a guest must agree to anew, where an event's indexes are of these kinds."""
    if not all(covers(consent.index_kind, kind) for kind in kinds):
        return "kind"
    only_guests = Event.Indexing.GUESTS_ONLY
    if consent.indexing == only_guests and indexing != only_guests:
        return "indexing"
    return None


class Consent(models.Model):
    """That a guest agreed to be looked for in an event's photos: to which words, to what is done
    with the faces and by whom, and when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents"
    )
    event = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, related_name="consents")
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    # Of the words as they were read (sha256, hexadecimal).
    text_hash = models.CharField(max_length=64, blank=True)
    # What the words said: whose faces are kept (`Event.Indexing`), and by which kind of index.
    indexing = models.CharField(max_length=16, blank=True)
    index_kind = models.CharField(max_length=100, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # It ended because the guest agreed to other words, and nothing was removed for that.
    is_replaced = models.BooleanField(default=False)
    erasure_receipt = models.JSONField(null=True, blank=True)
    # From then on the guest shows, to others who do too, the photos that both are in. It ends with
    # the consent: a later one is a new row.
    together_since = models.DateTimeField(null=True, blank=True)
    # The receipt was handed to the mail then (`faces.privacy.receipts`), in one transaction with
    # this.
    receipted_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "event"],
                condition=models.Q(withdrawn_at=None),
                name="consent_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk} ({self.text_version})"

    @property
    def text_day(self) -> date | None:
        """The day by which the words that were agreed to are called."""
        return parse_date(self.text_version)
