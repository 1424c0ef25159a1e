"""Every reusable read of users, events and memberships. Scope comes first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.db import models

from findme.text import one_line

if TYPE_CHECKING:
    from events.models import Event, Membership, User  # noqa: F401 (used in quotes)


# Of an event in the bin only its organizers.
OPENS_DESK = models.Q(memberships__role="organizer") | models.Q(
    memberships__role="photographer", binned_at=None
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields["name"] = one_line(fields.get("name", ""))
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def with_email(self, email: str) -> User | None:
        """The account of an address, without regard to case."""
        return self.filter(email__iexact=email.strip()).first()

    def children_of(self, guardian: User) -> models.QuerySet[User]:
        """Those that a guardian looks for, in the order in which they were added."""
        return self.filter(guardian=guardian).order_by("pk")


class EventQuerySet(models.QuerySet["Event"]):
    def kept(self) -> Self:
        """Without those that are in the bin or being deleted: for people these are gone."""
        return self.filter(deletion_started_at=None, binned_at=None)

    def undeleted(self) -> Self:
        """In the bin or not: what guests were promised is done in all of these."""
        return self.filter(deletion_started_at=None)

    def binned(self) -> Self:
        """Those in the bin: an organizer may take them out again."""
        return self.undeleted().exclude(binned_at=None)

    def with_namesakes(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Each with `has_namesake`: whether another event that the user sees at the desk has the
        same name. Of strangers' events nobody learns even that."""
        return self._with_namesakes(self.model.objects.uploadable_by(user))

    def with_namesakes_in_bin(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """The same in the bin, which lists no others."""
        return self._with_namesakes(self.model.objects.binned_of(user))

    def _with_namesakes(self, seen: EventQuerySet) -> Self:
        same = seen.filter(name__iexact=models.OuterRef("name"))
        others = same.exclude(pk=models.OuterRef("pk"))
        return self.annotate(has_namesake=models.Exists(others))

    def being_deleted(self) -> Self:
        return self.exclude(deletion_started_at=None)

    def joined_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """A user's events; of a session that proved nothing only the one that it joined."""
        joined = self.kept().filter(memberships__user_id=user.pk) if user.pk else self.none()
        only = getattr(user, "unproven_in", None)
        return joined if only is None else joined.filter(pk=only)

    def organized_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Events whose desk a user may open: superusers all, organizers their own."""
        if getattr(user, "is_superuser", False) and getattr(user, "proven_at", None):
            return self.kept()
        return self.with_role(user, "organizer")

    def binned_of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Events in the bin that a user may take out: superusers all, organizers their own."""
        if getattr(user, "is_superuser", False) and getattr(user, "proven_at", None):
            return self.binned()
        return self.binned().in_effect(user, models.Q(memberships__role="organizer"))

    def opening_desk(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Events for which a user may open the desk: also who organizes one in the bin, or nobody
        could take it out again."""
        return self.undeleted().in_effect(user, OPENS_DESK)

    def with_role(self, user: AbstractBaseUser | AnonymousUser, *roles: str) -> Self:
        """Events in which a user has one of these roles, in effect in the session that they are
        seen through: a proven one, and proven after the role was given to the address."""
        return self.kept().in_effect(user, models.Q(memberships__role__in=roles))

    def with_role_since(self, user_id: int, proven_at: datetime, *roles: str) -> Self:
        """The same by what counts of a user."""
        of_role = models.Q(memberships__role__in=roles)
        return self.kept().in_effect_since(user_id, proven_at, of_role)

    def held_by(self, user: AbstractBaseUser, *roles: str) -> Self:
        """Events in which an account has one of these roles, whether or not it is in effect."""
        return self.kept().filter(memberships__user_id=user.pk, memberships__role__in=roles)

    def opening_desk_once_proven(self, user: AbstractBaseUser) -> Self:
        """Those of `opening_desk`, whether or not the role is in effect."""
        return self.undeleted().filter(OPENS_DESK, memberships__user_id=user.pk)

    def in_effect(self, user: AbstractBaseUser | AnonymousUser, of_role: models.Q) -> Self:
        """Those in which a user's role counts in the session that they are seen through."""
        proven_at = getattr(user, "proven_at", None)
        if proven_at is None or user.pk is None:
            return self.none()
        return self.in_effect_since(int(user.pk), proven_at, of_role)

    def in_effect_since(self, user_id: int, proven_at: datetime, of_role: models.Q) -> Self:
        """The same by what counts of a user."""
        # All stand in one filter(): another one could be met by somebody else's membership.
        return self.filter(
            models.Q(memberships__invited_at=None)
            | models.Q(memberships__invited_at__lt=proven_at),
            of_role,
            memberships__user_id=user_id,
        )

    def uploadable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Events a user may add photos to: their organizers and photographers, and superusers."""
        if getattr(user, "is_superuser", False) and getattr(user, "proven_at", None):
            return self.kept()
        return self.with_role(user, "organizer", "photographer")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def guests(self) -> Self:
        return self.filter(role="guest")

    def guests_and_hosts(self) -> Self:
        """Who is there for the photos, without those who work at the event."""
        return self.filter(role__in=["guest", "host"])

    def organizers(self) -> Self:
        return self.filter(role="organizer")

    def hosts(self) -> Self:
        """Those whose address was proven: nobody is one by typing somebody's address. What a host
        sees is said by `events.access.role_in`, session by session."""
        return self.filter(role="host", user__address_proven_at__isnull=False)

    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()
