"""What a member asks who does not want a photo shown. What the organizer decides is the desk's.

Who asks need not be in the photo: whoever is may be a child, or somebody without an account.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from events import audit
from events.access import still_theirs
from events.models import Event, Membership, User
from photos.models import HideRequest, Photo

logger = logging.getLogger(__name__)

# What is hidden at once waits for an answer, and so much of it: further requests are queued, else
# one guest, or one with many invented addresses, could empty a gallery.
AT_ONCE_OF_A_GUEST = 5
AT_ONCE_IN_AN_EVENT = 25
WORDS_LENGTH = 500


def ask(*, photo: Photo, user: User, words: str = "") -> HideRequest:
    """Ask that a photo be not shown; asking again adds the words, and changes nothing else.

    It is hidden at once where the event says so, unless the organizer has decided on the same
    request before, or too much that was hidden that way waits.
    """
    event = photo.event
    with still_theirs(user):
        # One at a time for a guest, or two at once would both be the last that is hidden.
        Membership.objects.of(user).filter(event=event).select_for_update(no_key=True).exists()
        held = Photo.objects.select_for_update(of=("self",), no_key=True).get(pk=photo.pk)
        asked = HideRequest.objects.of(user).filter(photo=photo).first()
        if asked is not None and asked.state == HideRequest.State.OPEN:
            return _with_words(asked, words)
        if asked is not None and held.hidden:
            return asked  # as the organizer decided
        is_first = asked is None
        asked = asked or HideRequest(event=event, photo=photo, user=user)
        asked.state, asked.asked_at = HideRequest.State.OPEN, timezone.now()
        asked.hid_at_once = is_first and not held.hidden and _may_hide_at_once(event, user)
        _with_words(asked, words)
        if asked.hid_at_once:
            Photo.objects.filter(pk=photo.pk).update(hidden=True)
        audit.record(event, "hide_asked", by=user)
    logger.info("hide_asked photo=%s at_once=%s", photo.pk, asked.hid_at_once)
    return asked


def take_back(*, event: Event, photo_id: int, user: User) -> bool:
    """Take back what nobody has answered yet; what was hidden because of it alone is shown again.
    Whether there was anything to take back."""
    with transaction.atomic():
        photos = Photo.objects.in_event(event).filter(pk=photo_id)
        if not photos.select_for_update(of=("self",), no_key=True).exists():
            return False
        waiting = HideRequest.objects.waiting().filter(photo=photo_id)
        asked = waiting.of(user).first()
        if asked is None:
            return False
        if asked.hid_at_once and not waiting.hid_at_once().exclude(pk=asked.pk).exists():
            photos.show_again()
        _end(asked)
        audit.record(event, "hide_taken_back", by=user)
    logger.info("hide_taken_back photo=%s", photo_id)
    return True


def _with_words(asked: HideRequest, words: str) -> HideRequest:
    asked.words = words.replace("\0", "").strip()[:WORDS_LENGTH] or asked.words
    asked.save()
    return asked


def _may_hide_at_once(event: Event, user: User) -> bool:
    hidden = HideRequest.objects.in_event(event).waiting().hid_at_once()
    return (
        event.hide_on_request
        and hidden.of(user).count() < AT_ONCE_OF_A_GUEST
        and hidden.count() < AT_ONCE_IN_AN_EVENT
    )


def _end(asked: HideRequest) -> None:
    """What was decided once stays known: asked for again, the photo is not hidden at once."""
    if asked.answered_at is None:
        asked.delete()
        return
    asked.state, asked.hid_at_once = HideRequest.State.SHOWN, False
    asked.save()
