"""Rows of sessions, and of who may not come back."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignInQuerySet(models.QuerySet["SignIn"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def unproven(self) -> Self:
        return self.filter(how="joined")

    def end(self) -> int:
        """Sign these out. Returns how many there were."""
        keys = list(self.values_list("session_id", flat=True))
        return Session.objects.filter(pk__in=keys).delete()[1].get("sessions.Session", 0)


class SignIn(models.Model):
    """A session of somebody's, and what it has shown: the proof of an address is such a row.

    It goes with its session, and ending it is removing that.
    """

    class How(models.TextChoices):
        JOINED = "joined", _("an address was typed, and is not proven")
        CODE = "code", _("by a code from the mailbox")
        LINK = "link", _("by a link from the mailbox")
        PASSWORD = "password", _("by password")

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="sign_in")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins"
    )
    how = models.CharField(_("how"), max_length=10, choices=How)
    at = models.DateTimeField(_("since"), default=timezone.now)
    # The event that an unproven session may use.
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, null=True, related_name="+")
    # Browser and system, for people who look for a session that is not theirs.
    device = models.CharField(_("device"), max_length=80, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how="joined", event__isnull=False)
                | (~models.Q(how="joined") & models.Q(event=None)),
                name="sign_in_unproven_in_one_event",
            ),
        ]

    def __str__(self) -> str:
        return f"session of user {self.user_id}: {self.how}"


class Exclusion(models.Model):
    """Somebody whom an organizer removed from an event: neither the address nor the account comes
    back.

    The address is kept as a keyed hash (`events.entrance.exclusions`), which outlives the account.
    """

    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="exclusions")
    address_key = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [
            models.UniqueConstraint(fields=["event", "address_key"], name="exclusion_once"),
        ]

    def __str__(self) -> str:
        return f"exclusion {self.pk} from event {self.event_id}"
