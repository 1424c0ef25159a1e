"""Withdrawing, and leaving for good: the one door for guests, organizers, deleted events, and for
what was made with somebody else's address.

What is removed, `faces.finding.erasing` says; its `erase` is called from nowhere else, because here
each withdrawal gets its receipt by e-mail. Removing a single selfie withdraws nothing.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Count, Q

from events.access import still_theirs
from events.models import Event, Membership, User
from faces.finding import erasing
from faces.finding.erasing import Removed
from faces.models import Consent, Enrollment, FaceChange, FaceMatch, NoticeRequest, Selfie
from faces.privacy import personal_data, receipts
from photos import removing
from photos.gallery import versions
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

    The children that the guest looks for go with it, with the same receipt. `remove_photos`: also
    what the guest added to events. Photos that stay, and all else that names a person without being
    theirs, lose the name when the row of the account goes, whoever deletes it (`events.receivers`,
    `photos.receivers`).

    Raises `SoleOrganizer`. Consents go first, with everything that rests on them, in the face
    index too. Then the account's row is held, and its children's: whoever would add a consent, a
    selfie or a child waits for it, and finds it gone.
    """
    if names := sole_organizer_of(user):
        raise SoleOrganizer(names)
    before = personal_data.counts(user)
    while True:
        if remove_photos:
            guest_upload.remove_all(user)
        for person in (user, *User.objects.children_of(user)):
            _erase_everywhere(person)
        with still_theirs(user):
            User.objects.select_for_update().get(pk=user.pk)
            children = list(User.objects.children_of(user).select_for_update())
            added = remove_photos and guest_upload.added_as_guest(user).exists()
            if added or any(_events_with_face_data(person) for person in (user, *children)):
                continue  # given in another tab meanwhile
            receipts.write(user=user, children=children, account_counts=before)
            user_id = user.pk
            User.objects.get(pk=user.pk).delete()
        logger.info("account_deleted user=%s", user_id)
        return before


def take_back(user: User) -> dict[str, int]:
    """Remove what somebody made with an address that is now proven to be another's, and write its
    owner a receipt. Returns how many rows went, by the label of their model.

    That the account belongs to its events stays: its owner was invited to them, or is asked by
    nobody to leave. Faces go before photos: who removes a face is alone with the event's matches,
    and would wait for others who come from sharing them. Children there are none: only who has
    proven the address looks for a child (`faces.guest.children`).
    """
    with transaction.atomic():
        faces = _erase_everywhere(user)
        removed = {
            Selfie._meta.label_lower: faces["selfies"] + erasing.remove_unneeded_selfies(user),
            Enrollment._meta.label_lower: faces["templates"],
            FaceMatch._meta.label_lower: faces["matches"],
            NoticeRequest._meta.label_lower: NoticeRequest.objects.of(user).delete()[0],
            **removing.remove_unproven(user),
        }
        FaceChange.objects.filter(user=user).delete()
        removed = {label: count for label, count in removed.items() if count}
        receipts.write(user=user, taken_back=removed)
    return removed


def remove_child(child: User) -> dict[str, int]:
    """Erase a child that a guest looks for; the receipt goes to the guest. Returns numbers of rows
    by model."""
    guardian, events = child.reader, list(Event.objects.filter(memberships__user=child))
    counts = delete_account(child)
    for event in events:
        versions.note(event, [guardian])
    return counts


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
