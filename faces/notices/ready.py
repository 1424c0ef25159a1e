"""The letter that the photos of an event are ready: once, to all who have joined by then as guests
or hosts.

An organizer has it sent. A row for each of them is written with that, and says "sent" before its
letter leaves (decision 13): a worker that is killed never sends one twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from events import audit, letters
from events.audit import Person
from events.models import Event
from events.querysets import MembershipQuerySet
from faces.models import Consent, FaceMatch, ReadyLetter
from faces.notices import mailing
from findme import jobs
from findme.refusals import Refusal
from photos import audience
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

# A job sends so many, and leaves the rest to the next.
BATCH = 20
TRY_AGAIN = timedelta(minutes=10)
# After that it is no news any more.
GIVE_UP = timedelta(days=2)


class NotReady(Refusal):
    """The guests cannot be told, or no more: the code says why."""


@dataclass(frozen=True)
class Told:
    """What became of the letters of an event."""

    at: datetime
    all: int
    sent: int
    failed: int

    @property
    def waiting(self) -> int:
        return self.all - self.sent - self.failed


def recipients(event: Event) -> MembershipQuerySet:
    """Guests and hosts whom the letter goes to: not to children, who have no mailbox, nor to
    whoever withdrew their consent or wants no e-mails of this event."""
    own = {"user": OuterRef("user"), "event": OuterRef("event")}
    consents = Consent.objects.filter(**own)
    return event.memberships.guests_and_hosts().filter(
        Exists(consents.in_force()) | ~Exists(consents),
        ~Exists(ReadyLetter.objects.filter(**own).exclude(state=ReadyLetter.State.WAITING)),
        user__guardian=None,
        user__is_active=True,
    )


def tell(event: Event, *, by: Person) -> int:
    """Have the letters sent: how many. Of two at once one does. Raises `NotReady`."""
    now = timezone.now()
    if not shown(event).exists():
        raise NotReady("ready_no_photos")
    with transaction.atomic():
        untold = Event.objects.kept().filter(pk=event.pk, ready_told_at=None)
        if not untold.update(ready_told_at=now):
            raise NotReady("ready_told_before")
        users = list(recipients(event).values_list("user_id", flat=True))
        if not users:
            raise _nobody(event)
        ReadyLetter.objects.bulk_create(
            [ReadyLetter(user_id=pk, event=event, available_at=now) for pk in users],
            ignore_conflicts=True,
        )
        audit.record(event, "ready_told", by=by, count=len(users))
        jobs.enqueue("tell_ready", event.pk)
    logger.info("ready_told event=%s letters=%s", event.pk, len(users))
    return len(users)


def obstacle(event: Event) -> NotReady | None:
    """What keeps the guests from being told now, if anything does. At most three queries."""
    if not shown(event).exists():
        return NotReady("ready_no_photos")
    return None if recipients(event).exists() else _nobody(event)


def told(event: Event) -> Told | None:
    """One query; none where nobody was told."""
    if event.ready_told_at is None:
        return None
    counts = ReadyLetter.objects.in_event(event).aggregate(
        all=Count("pk", filter=~Q(state=ReadyLetter.State.STOPPED)),
        sent=Count("pk", filter=Q(state=ReadyLetter.State.SENT)),
        failed=Count("pk", filter=Q(state=ReadyLetter.State.FAILED)),
    )
    return Told(event.ready_told_at, **counts)


def unpublished(event: Event) -> int:
    """How many photos only hosts and organizers see so far."""
    return Photo.objects.in_event(event).visible().filter(published=False).count()


def sweep() -> int:
    """Have sent what was put off, or lost its job."""
    due = ReadyLetter.objects.due().filter(event__deletion_started_at=None, event__binned_at=None)
    events = due.order_by("event").values_list("event", flat=True).distinct()
    jobs.enqueue_many("tell_ready", events)
    return len(events)


def send_some(event_id: int) -> None:
    """Send some of an event's letters, and have the next ones sent. A mail server that is away is
    asked again by the sweep."""
    event = Event.objects.kept().filter(pk=event_id).first()
    if event is None:
        return
    due = ReadyLetter.objects.in_event(event).due()
    for letter in due.select_related("user").order_by("pk")[:BATCH]:
        jobs.beat()
        letter.event = event
        if not _send(letter):
            return
    if due.exists():
        jobs.enqueue("tell_ready", event.pk)


def letter_context(letter: ReadyLetter, *, found: int | None) -> dict[str, Any]:
    """What a letter says: of photos only those that its guest sees, and in how many they were
    found; None: their face is not looked for. Who typed an address may not be who reads it, and the
    letter says nothing of faces then. One query."""
    event, guest = letter.event, letter.user
    is_theirs = bool(guest.address_proven_at) or guest.address_typed_at is None
    page = "my_photos" if is_theirs and found else "general"
    return {
        "name": guest.name if is_theirs else "",
        "event": event,
        "count": shown(event).count() if audience.of_everybody(event).sees_general else 0,
        "found": found if is_theirs else 0,
        "offers_selfie": is_theirs and found is None,
        "is_theirs": is_theirs,
        "open_url": settings.SITE_URL + reverse(page, args=[event.slug]),
        "stop_url": settings.SITE_URL + reverse("stop_notices", args=[mailing.stop_token(letter)]),
    }


def shown(event: Event) -> PhotoQuerySet:
    """Photos that guests see, or would if they saw all."""
    return Photo.objects.in_event(event).shown_to(audience.of_everybody(event))


def _nobody(event: Event) -> NotReady:
    has_joined = event.memberships.guests_and_hosts().exists()
    return NotReady("ready_all_left_out" if has_joined else "ready_nobody_joined")


def _send(letter: ReadyLetter) -> bool:
    """Send one. False where the mail server is away or falls silent: it is left alone for now."""
    if not recipients(letter.event).filter(user=letter.user).exists():
        # They left or withdrew; or another worker has sent it, and that row stays.
        ReadyLetter.objects.waiting().filter(pk=letter.pk).delete()
        return True
    if not _book(letter):
        return True
    try:
        _write(letter)
    except letters.Unanswered:
        _give_up(letter)
        return False
    except letters.NotSent as error:
        logger.warning("ready_letter_failed letter=%s error=%s", letter.pk, error)
        _give_back(letter, is_final=isinstance(error, letters.RefusedForGood))
        return not isinstance(error, letters.ServerAway)
    return True


def _book(letter: ReadyLetter) -> bool:
    """One conditional UPDATE without joins: of two workers one may send."""
    mine = ReadyLetter.objects.waiting().filter(pk=letter.pk)
    return mine.update(state=ReadyLetter.State.SENT, sent_at=timezone.now()) == 1


def _give_back(letter: ReadyLetter, *, is_final: bool) -> None:
    """The letter did not leave. It waits, last of all, or is given up."""
    again_at = timezone.now() + TRY_AGAIN
    told_at = letter.event.ready_told_at or again_at
    is_over = is_final or again_at > told_at + GIVE_UP
    state = ReadyLetter.State.FAILED if is_over else ReadyLetter.State.WAITING
    rows = ReadyLetter.objects.filter(pk=letter.pk, state=ReadyLetter.State.SENT)
    rows.update(state=state, sent_at=None, available_at=again_at)


def _give_up(letter: ReadyLetter) -> None:
    """The answer was lost. The letter may have arrived, so it is never sent again; that it may not
    have is shown to the organizer."""
    logger.warning("ready_letter_unanswered letter=%s", letter.pk)
    rows = ReadyLetter.objects.filter(pk=letter.pk, state=ReadyLetter.State.SENT)
    rows.update(state=ReadyLetter.State.FAILED)


def _write(letter: ReadyLetter) -> None:
    context = letter_context(letter, found=_found(letter))
    letters.send(
        "ready",
        address=letter.user.email,
        language=letter.user.language,
        context=context,
        headers=mailing.headers(context["stop_url"]),
    )


def _found(letter: ReadyLetter) -> int | None:
    consents = Consent.objects.of(letter.user).in_event(letter.event)
    if not consents.in_force().exists():
        return None
    matches = FaceMatch.objects.of(letter.user).in_event(letter.event).counting()
    return matches.shown_to(audience.of_everybody(letter.event)).count()
