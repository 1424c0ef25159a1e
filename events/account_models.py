"""Rows of accounts, of their sessions, and of who may not come back."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.querysets import UserManager
from findme.text import one_line

# The domain of those who have no address of their own: nothing is ever delivered to it (RFC 2606).
CHILDREN_DOMAIN = "child.invalid"


class User(AbstractBaseUser, PermissionsMixin):
    """An account is an e-mail address. Guests have no password: they prove it by a code.

    With a guardian it is a child that the guardian looks for: a name, with consents and selfies of
    its own, which nobody signs in as.
    """

    # Of the session that a request's user is seen through (`events.entrance.proof`): since when it
    # has proven the address, or else the id of the only event that it may use.
    proven_at: datetime | None = None
    unproven_in: int | None = None
    holds_role: bool | None = None  # of the desk, where there is no proof; None: nobody has asked

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    is_staff = models.BooleanField(
        _("organizer access"), default=False, help_text=_("May open the organizers' desk.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # When somebody first proved to be who reads the address's mail.
    address_proven_at = models.DateTimeField(null=True, editable=False)
    # Until then: when the address was typed to join, by nobody knows whom. None: the account was
    # made at the desk or from the command line, and is the owner's from the beginning.
    address_typed_at = models.DateTimeField(null=True, editable=False)
    guardian = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, editable=False, related_name="children"
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            # Log-in looks addresses up without regard to case.
            models.UniqueConstraint(Lower("email"), name="user_email_unique_without_case"),
            models.CheckConstraint(
                condition=models.Q(guardian=None)
                | models.Q(email__endswith=f"@{CHILDREN_DOMAIN}", is_active=False),
                name="user_child_cannot_sign_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def reader(self) -> User:
        """Who reads the letters about this person."""
        return self.guardian or self

    @property
    def mailbox(self) -> str:
        """Where letters about this person go: a child's to the guardian."""
        return self.reader.email

    def get_full_name(self) -> str:
        """What the desk's theme calls whoever is logged in."""
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email).lower()
        self.name = one_line(self.name)


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
