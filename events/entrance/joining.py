"""How people get into an event: with its join code, and an account that may be made on the way."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from events.codes import normalize_join_code
from events.entrance import exclusions
from events.models import Event, Membership, User
from findme import limits
from findme.refusals import Refusal


class AddressTaken(Exception):
    """An account has this address already: only a code sent to it may open it."""


class JoinRefused(Refusal):
    """The link's fault, or the event's, which cannot be joined now or not by whoever asks."""

    STATUS = {
        "join_unknown": HTTPStatus.NOT_FOUND,
        "wrong_link": HTTPStatus.NOT_FOUND,
        "join_closed": HTTPStatus.GONE,
        "join_ended": HTTPStatus.GONE,
        "excluded": HTTPStatus.FORBIDDEN,
    }

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.status = self.STATUS[code]


def event_to_join(*, slug: str, code: str, at: datetime) -> Event:
    """The event that a join link opens at a moment. Raises `JoinRefused`."""
    event = Event.objects.kept().filter(slug=slug).first()
    if event is None:
        raise JoinRefused("join_unknown")
    right, given = normalize_join_code(event.join_code), normalize_join_code(code)
    if not constant_time_compare(right, given):
        raise JoinRefused("wrong_link")
    if not event.is_open(at):
        raise JoinRefused("join_closed")
    if not event.can_be_joined(at):
        raise JoinRefused("join_ended")
    return event


def count_wrong_link(request: HttpRequest, refused: JoinRefused, slug: str) -> None:
    """Right codes always pass. Raises `TooMany`."""
    if refused.status == HTTPStatus.NOT_FOUND:
        limits.demand(request, "wrong_link", key=slug if refused.code == "wrong_link" else "")


def admit(*, user: User, event: Event) -> None:
    """Raises `JoinRefused` where an organizer removed the user."""
    if exclusions.of_user(event, user).exists():
        raise JoinRefused("excluded")


def join(*, user: User, event: Event) -> Membership:
    """Make a user a guest of an event. Who belongs to it already keeps the role they have.

    Raises `JoinRefused`. Whoever is removed at this moment was a member or sees the exclusion: that
    is looked for last.
    """
    with transaction.atomic():
        membership, is_new = Membership.objects.get_or_create(user=user, event=event)
        if is_new:
            admit(user=user, event=event)
    return membership


def register_guest(*, event: Event, name: str, email: str, language: str) -> User:
    """Make an account without a password, and its membership. Raises `AddressTaken` and
    `JoinRefused`.

    The unique address decides, not a look-up: two requests with the same one may come at once.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, name=name, language=language, address_typed_at=timezone.now()
            )
            join(user=user, event=event)
    except IntegrityError as error:
        raise AddressTaken from error
    return user


def inviters(event: Event) -> list[str]:
    """Names of the organizers who have given one; addresses are nobody's business."""
    organizers = event.memberships.organizers().exclude(user__name="")
    return list(organizers.order_by("pk").values_list("user__name", flat=True))
