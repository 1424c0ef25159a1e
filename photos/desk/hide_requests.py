"""What organizers decide where somebody does not want a photo shown, and that the asker is told.

A request follows its photo: whoever hides or shows the photo, on whichever page, has answered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from events import audit, letters
from events.audit import Person
from events.models import Event
from findme import jobs
from photos.models import HideRequest

logger = logging.getLogger(__name__)


def waiting_count(event: Event) -> int:
    return HideRequest.objects.in_event(event).to_answer().count()


def settle(photo_ids: Sequence[int], *, hidden: bool, by: Person) -> None:
    """Answer the requests about photos that are hidden or shown now, in that transaction."""
    state = HideRequest.State.HIDDEN if hidden else HideRequest.State.SHOWN
    concerned = HideRequest.objects.filter(photo__in=photo_ids).exclude(state=state)
    ids = list(concerned.select_for_update().order_by("pk").values_list("pk", flat=True))
    answered = HideRequest.objects.filter(pk__in=ids)
    answered.update(state=state, answered_at=timezone.now())
    audit.record_count(answered, "hide_granted" if hidden else "hide_declined", by=by)
    for request_id in ids:
        jobs.enqueue("hide_answer", request_id)
        logger.info("hide_answered request=%s state=%s", request_id, state)


def tell(request_id: int) -> None:
    """Write to who asked what was decided, where the address is proven to be theirs. It stands on
    their pages too, so that a mail which cannot leave is not tried again."""
    answered = HideRequest.objects.exclude(state=HideRequest.State.OPEN).select_related("user")
    asked = answered.filter(event__in=Event.objects.kept(), pk=request_id).first()
    if asked is None or asked.user.address_proven_at is None:
        return
    try:
        letters.send(
            "hide_answer",
            address=asked.user.email,
            language=asked.user.language,
            context={
                "event": asked.event,
                "is_hidden": asked.state == HideRequest.State.HIDDEN,
                "link": f"{settings.SITE_URL}{reverse('privacy')}",
            },
            headers={"Auto-Submitted": "auto-generated"},
        )
    except (letters.NotSent, letters.Unanswered) as error:
        logger.warning("hide_answer_failed request=%s error=%s", request_id, error)
