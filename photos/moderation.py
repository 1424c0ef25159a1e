"""The organizers' word on guests' photos, as actions of the desk's list."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import Event
from photos.models import Photo

logger = logging.getLogger(__name__)


@admin.action(description=_("Approve guests’ photos"), permissions=["change"])
def approve(desk: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    """Show them to everybody."""
    count = _of_guests(request, photos).update(moderation=Photo.Moderation.NONE, hidden=False)
    logger.info("guest_photos_approved count=%s", count)
    text = ngettext(
        "%(count)d photo of a guest is approved.", "%(count)d photos of guests are approved.", count
    )
    desk.message_user(request, text % {"count": count})


@admin.action(description=_("Reject guests’ photos"), permissions=["change"])
def reject(desk: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    """Hide them from everybody but the guests who added them."""
    count = _of_guests(request, photos).update(moderation=Photo.Moderation.REJECTED, hidden=True)
    logger.info("guest_photos_rejected count=%s", count)
    text = ngettext(
        "%(count)d photo of a guest is rejected.", "%(count)d photos of guests are rejected.", count
    )
    desk.message_user(request, text % {"count": count})


def _of_guests(request: HttpRequest, photos: QuerySet[Photo]) -> QuerySet[Photo]:
    """Of these the ones that wait, or were rejected, in the user's own events."""
    own = Event.objects.organized_by(request.user).values("pk")
    return photos.filter(event__in=own).exclude(moderation=Photo.Moderation.NONE)
