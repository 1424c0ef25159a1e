"""Withdrawing, and leaving for good: the one door for guests, organizers and deleted events.

What is removed, `faces.finding.erasing` says; its `erase` is called from nowhere else, because here
each withdrawal gets its receipt by e-mail. Removing a single selfie withdraws nothing.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Count, Q

from events.models import Event, Membership, User
from faces.finding import erasing
from faces.finding.erasing import Removed
from faces.models import Consent, Enrollment, FaceMatch
from faces.privacy import personal_data, receipts
from photos.intake import guest_upload

logger = logging.getLogger(__name__)


class SoleOrganizer(Exception):
    """Events that would be left without an organizer, by name."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("sole_organizer")
        self.names = names


def withdraw(*, user: User, event: Event) -> Removed:
    """Withdraw for one event, and write the receipt in the same transaction."""
    with transaction.atomic():
        removed = erasing.erase(user=user, event=event)
        receipts.write(user=user)
    return removed


def withdraw_everywhere(user: User) -> Removed:
    """Withdraw for all events, with one receipt for all of them. Returns the sums.

    Who dies in between leaves events withdrawn without a receipt: the sweep writes it.
    """
    total = _erase_everywhere(user)
    with transaction.atomic():
        total["selfies"] += erasing.remove_unneeded_selfies(user)
        receipts.write(user=user)
    return total


def delete_account(user: User, *, remove_photos: bool = True) -> dict[str, int]:
    """Erase the account and all rows that are the guest's. Returns their numbers by model.

    `remove_photos`: also what they added to events as a guest. Photos that stay, and all else that
    names a person without being theirs, lose the name when the row of the account goes, whoever
    deletes it (`events.receivers`, `photos.receivers`).

    Raises `SoleOrganizer`. Consents go first, with everything that rests on them, in the face
    index too. Then the account's row is held: whoever would add a consent or a selfie waits for
    it, and finds it gone.
    """
    if names := sole_organizer_of(user):
        raise SoleOrganizer(names)
    before = personal_data.counts(user)
    while True:
        if remove_photos:
            guest_upload.remove_all(user)
        _erase_everywhere(user)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            added = remove_photos and guest_upload.added_as_guest(user).exists()
            if added or _events_with_face_data(user):
                continue  # in another tab meanwhile
            receipts.write(user=user, account_counts=before)
            user_id = user.pk
            User.objects.get(pk=user.pk).delete()
        logger.info("account_deleted user=%s", user_id)
        return before


def sole_organizer_of(user: User) -> list[str]:
    """Names of events whose only organizer the user is: they must be handed over first."""
    organizers = Count("memberships", filter=Q(memberships__role=Membership.Role.ORGANIZER))
    own = Membership.objects.of(user).organizers().values("event")
    events = Event.objects.kept().filter(pk__in=own).annotate(organizers=organizers)
    return list(events.filter(organizers=1).values_list("name", flat=True))


def _erase_everywhere(user: User) -> Removed:
    """Each event in a transaction of its own: a locked event must not make another wait."""
    total: Removed = {"matches": 0, "templates": 0, "selfies": 0}
    for event in _events_with_face_data(user):
        for name, count in erasing.erase(user=user, event=event).items():
            total[name] += count
    return total


def _events_with_face_data(user: User) -> list[Event]:
    """In the order of their ids: whoever locks several events locks them in one order."""
    in_force = Consent.objects.of(user).in_force().values("event")
    enrolled = Enrollment.objects.filter(selfie__user=user).values("event")
    matched = FaceMatch.objects.of(user).values("event")
    ids = Q(pk__in=in_force) | Q(pk__in=enrolled) | Q(pk__in=matched)
    return list(Event.objects.filter(ids).order_by("pk"))
