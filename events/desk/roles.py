"""Who may do what in an event: inviting people by their address, and changing roles."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from events import audit, letters
from events.audit import Person
from events.entrance import exclusions, sessions
from events.models import Event, Exclusion, Membership, User
from events.querysets import MembershipQuerySet

logger = logging.getLogger(__name__)


# What each role may do, the next one may too.
RANKS = list(Membership.Role)


class LastOrganizer(Exception):
    """An event keeps at least one organizer."""


class HigherRole(Exception):
    """Whoever is invited may do more already: an invitation never lowers a role."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(membership.role)
        self.person, self.role = membership.user, membership.get_role_display()


def invite(*, event: Event, email: str, role: str, by: Person) -> Membership:
    """Give somebody a role by e-mail address, and write to them how to get in. Who was removed is
    let back in; who has the role already is only written to.

    Whether the address had an account is not told: the answer is the same. Raises `HigherRole` and
    `letters.NotSent`; then nothing was changed, and no account was made. Raises
    `letters.Unanswered` where the letter may have arrived: the invitation stands, or its link
    would lead nowhere.
    """
    with transaction.atomic():
        user = _user_with(email)
        membership, is_new = _locked(event).get_or_create(
            user=user, event=event, defaults={"role": role, "invited_at": timezone.now()}
        )
        if RANKS.index(Membership.Role(membership.role)) > RANKS.index(Membership.Role(role)):
            raise HigherRole(membership)
        if not is_new and membership.role != role:
            _set_role(membership, role)
        exclusions.of_user(event, user).delete()
        audit.record(event, "member_invited", by=by, person=user, role=role)
        lost = _write_to(user, event, role)
    logger.info("member_invited event=%s role=%s", event.pk, role)
    if lost is not None:
        raise lost
    return membership


def change_role(membership: Membership, *, role: str, by: Person) -> None:
    """Raises `LastOrganizer`."""
    event, user = membership.event, membership.user
    with transaction.atomic():
        current = _locked(event).select_related("event", "user").get(pk=membership.pk)
        if current.role == role:
            return
        _set_role(current, role)
        audit.record(event, "role_changed", by=by, person=user, role=role)
    logger.info("role_changed event=%s role=%s", event.pk, role)


def remove_member(membership: Membership, *, by: Person) -> None:
    """Take somebody out of an event, for good unless they did it themselves. What was made of
    their face is `faces.privacy.withdrawal`'s.

    Raises `LastOrganizer`.
    """
    event, user = membership.event, membership.user
    with transaction.atomic():
        _refuse_last_organizer(_locked(event).get(pk=membership.pk))
        membership.delete()
        if user != by:
            exclusions.exclude(event, user)
        audit.record(event, "member_removed", by=by, person=user)
    logger.info("member_removed event=%s", event.pk)


def leave_mailbox(user: User, address: str, *, keep: str | None) -> None:
    """An account has another address now: its sessions end, also those in which a code that went
    to the old one waits, and its roles wait for a proof of the new one. `keep`: the key of the
    session of whoever changed it, which may be their own account's."""
    sessions.remove_all_of(user.pk, address, keep=keep)
    held = Membership.objects.of(user).exclude(role=Membership.Role.GUEST)
    held.update(invited_at=timezone.now())
    logger.info("address_changed user=%s", user.pk)


def let_back_in(exclusion: Exclusion, *, by: Person) -> None:
    """They may join again; nothing that was removed comes back."""
    event, user = exclusion.event, exclusion.user
    with transaction.atomic():
        exclusion.delete()
        audit.record(event, "member_let_back", by=by, person=user)
    logger.info("member_let_back event=%s", event.pk)


def _locked(event: Event) -> MembershipQuerySet:
    """Memberships, with the event held: two organizers must not demote each other at once.

    `no_key`: photos and faces that come in meanwhile refer to the event, and need not wait.
    """
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    return Membership.objects.filter(event=event)


def _set_role(membership: Membership, role: str) -> None:
    if role != Membership.Role.ORGANIZER:
        _refuse_last_organizer(membership)
    membership.role = role
    membership.invited_at = timezone.now()
    membership.save(update_fields=["role", "invited_at"])


def _refuse_last_organizer(membership: Membership) -> None:
    organizers = Membership.objects.organizers().filter(event_id=membership.event_id)
    if (
        membership.role == Membership.Role.ORGANIZER
        and not organizers.exclude(pk=membership.pk).exists()
    ):
        raise LastOrganizer


def _user_with(email: str) -> User:
    if user := User.objects.with_email(email):
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError:  # somebody else was first
        return User.objects.get(email__iexact=email)


def _write_to(user: User, event: Event, role: str) -> letters.Unanswered | None:
    """Returns, and does not raise, what must not roll back."""
    try:
        letters.send(
            "invitation",
            address=user.email,
            language=user.language,
            context={"event": event, "role": role, "link": _link(user, event, role)},
        )
    except letters.Unanswered as lost:
        return lost
    return None


def _link(user: User, event: Event, role: str) -> str:
    """Logging in by a code leads on to what the role is for."""
    targets = {
        Membership.Role.ORGANIZER: reverse("admin:events_event_change", args=[event.pk]),
        Membership.Role.PHOTOGRAPHER: reverse("admin:index"),
    }
    log_in = reverse("account_request_login_code")
    target = targets.get(Membership.Role(role), event.get_absolute_url())
    return f"{settings.SITE_URL}{log_in}?{urlencode({'next': target})}"
