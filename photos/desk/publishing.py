"""Publishing photos, where guests see none before; and highlights, which all guests see. Actions of
the desk's list publish what is ticked there, with a way back."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events import audit
from events.audit import Person
from events.models import Event
from photos.desk import hiding
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


def publish(photos: PhotoQuerySet, by: Person) -> list[int]:
    """Let guests see them. Returns the ids of those that waited: only these are taken back again.

    Who asked for e-mail about new photos is written to by the sweep, as when photos come in.
    """
    return _change(photos, "photos_published", by, published=True)


def unpublish(photos: PhotoQuerySet, by: Person) -> list[int]:
    """Let nobody but hosts and the desk see them. Returns the ids of those that were published."""
    return _change(photos, "photos_unpublished", by, published=False)


def set_highlight(photos: PhotoQuerySet, on: bool, by: Person) -> list[int]:
    """Returns the ids of those that changed."""
    return _change(photos, "highlights_chosen" if on else "highlights_ended", by, highlight=on)


def waiting(event: Event) -> PhotoQuerySet:
    """What publishing would show to guests, once it is prepared."""
    unpublished = Photo.objects.in_event(event).filter(published=False, hidden=False)
    return unpublished.not_failed()


def waiting_count(event: Event) -> int:
    return waiting(event).count()


def _change(photos: PhotoQuerySet, did: str, by: Person, **field: bool) -> list[int]:
    """One field of photos, and the line in the log of their events."""
    ((name, value),) = field.items()
    with transaction.atomic():
        changing = photos.filter(**{name: not value}).select_for_update(of=("self",))
        ids = list(changing.order_by("pk").values_list("pk", flat=True))
        changed = Photo.objects.filter(pk__in=ids)
        changed.update(**field)
        audit.record_count(changed, did, by=by)
    logger.info("%s count=%s", did, len(ids))
    return ids


@admin.action(description=_("Publish"), permissions=["change"])
def publish_chosen(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    ids = publish(model_admin.own(request, photos), request.user)
    text = ngettext("%(count)d photo is published.", "%(count)d photos are published.", len(ids))
    hiding.say(request, text, [("published", False, ids)])


@admin.action(description=_("Take back from guests"), permissions=["change"])
def unpublish_chosen(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    ids = unpublish(model_admin.own(request, photos), request.user)
    text = ngettext(
        "%(count)d photo waits to be published again.",
        "%(count)d photos wait to be published again.",
        len(ids),
    )
    hiding.say(request, text, [("published", True, ids)])


ACTIONS = [publish_chosen, unpublish_chosen]

hiding.restores("published", lambda photos, was, by: (publish if was else unpublish)(photos, by))
hiding.restores("highlight", set_highlight)
