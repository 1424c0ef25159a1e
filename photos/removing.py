"""The one door by which photos go, whoever wants it.

Organizers and guests go through `remove`, which writes the event's log, and what organizers delete
has lain in the bin before (`photos.binning`); the removal of a whole event goes through
`remove_batch`. `remove_unproven` is for what was made with an address that was
somebody else's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from events import audit
from events.access import DESK_ROLES
from events.audit import Person
from events.models import Event, Membership, User
from photos.models import Download, Favourite, HideRequest, Photo
from photos.querysets import PhotoQuerySet
from photos.signals import photos_removing

logger = logging.getLogger(__name__)

# Photos of one transaction: a deletion reads the rows that go with them.
BATCH = 100
# Of these the log says which photos they were.
NAMED = frozenset({"photos_binned", "photos_restored", "photos_deleted", "photos_expired"})


def remove(
    photo_ids: Sequence[int],
    *,
    by: Person,
    did: str = "photos_deleted",
    binned_only: bool = False,
) -> int:
    """Delete photos with everything made of them. Returns how many there were.

    `did` is what the log of each event says of it. In batches, each a transaction of its own: a
    deletion that breaks off is taken up by the next. `binned_only`: what somebody takes out of the
    bin meanwhile stays.
    """
    removed = 0
    for start in range(0, len(photo_ids), BATCH):
        batch = photo_ids[start : start + BATCH]
        with transaction.atomic():
            going = _announced(batch, binned_only=binned_only)
            note(Photo.objects.filter(pk__in=going), did, by=by)
            removed += _delete(going)
    logger.info("photos_removed count=%s did=%s", removed, did)
    return removed


def remove_batch(photo_ids: Sequence[int]) -> int:
    """Delete at most `BATCH` photos in the caller's transaction. Returns how many there were.

    Nothing is added to the log: an event that goes needs no line for each of its batches.
    """
    return _delete(_announced(photo_ids))


def note(photos: PhotoQuerySet, did: str, *, by: Person) -> None:
    """Add a line to the log of each event that has some of the photos: how many, and where an
    organizer deleted them, what the first are called."""
    if did not in NAMED:
        audit.record_count(photos, did, by=by)
        return
    for event in Event.objects.filter(photos__in=photos.order_by()).distinct().order_by("pk"):
        own = photos.in_event(event)
        audit.record(event, did, by=by, count=own.count(), names=names_kept(own))


def names_kept(photos: PhotoQuerySet) -> list[str]:
    """What the first of some photos are called, for the log.

    What a guest's file is called is often the guest's name, and is not written down.
    """
    own_role = Membership.objects.filter(event=OuterRef("event"), user=OuterRef("uploader"))
    of_desk = Q(uploader=None) | Exists(own_role.filter(role__in=DESK_ROLES))
    named = photos.filter(of_desk).order_by("pk")
    return list(named.values_list("name", flat=True)[: audit.NAMES_KEPT])


def _announced(photo_ids: Sequence[int], *, binned_only: bool = False) -> list[int]:
    """Tell the other rooms first, who are alone with an event's matches from then on: with photos
    locked before, they and a scan would wait for each other."""
    photos_removing.send(sender=Photo, photo_ids=list(photo_ids))
    if not binned_only:
        return list(photo_ids)
    binned = Photo.objects.filter(pk__in=photo_ids).binned().select_for_update(of=("self",))
    return list(binned.order_by("pk").values_list("pk", flat=True))


def _delete(photo_ids: Sequence[int]) -> int:
    _, by_model = Photo.objects.filter(pk__in=photo_ids).delete()
    return by_model.get(Photo._meta.label, 0)


def remove_unproven(user: User) -> dict[str, int]:
    """Remove what somebody did with photos under an address that was not theirs. Returns how many
    rows went, by the label of their model.

    Uploads that no organizer has approved go; the others are the event's, and name nobody. Those
    stay named that were imported for somebody who has a role of the desk there.
    """
    uploads = Photo.objects.by(user)
    unapproved = list(
        uploads.exclude(moderation=Photo.Moderation.NONE).values_list("pk", flat=True)
    )
    removed = remove(unapproved, by=None, did="unproven_photos_deleted") if unapproved else 0
    uploads.exclude(event__in=Event.objects.opening_desk_once_proven(user)).update(uploader=None)
    Download.objects.filter(user=user).update(user=None)
    _show_again(user)
    return {
        Photo._meta.label_lower: removed,
        Favourite._meta.label_lower: Favourite.objects.of(user).delete()[0],
        HideRequest._meta.label_lower: HideRequest.objects.filter(user=user).delete()[0],
    }


def _show_again(user: User) -> None:
    """What a user's requests hid, and nobody has decided on, unless another request did too."""
    waiting = HideRequest.objects.filter(
        photo=OuterRef("pk"), state=HideRequest.State.OPEN, hid_at_once=True
    )
    own, others = waiting.filter(user=user), waiting.exclude(user=user)
    Photo.objects.filter(Exists(own), ~Exists(others)).show_again()
