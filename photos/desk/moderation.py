"""The organizers' word on guests' photos: how many wait for it, and how the desk says it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from events.models import Event
from photos.desk import curating, hiding
from photos.models import Photo
from photos.querysets import PhotoQuerySet


def waiting(event: Event) -> PhotoQuerySet:
    """Guests' photos to decide on, the first that came first."""
    return Photo.objects.in_event(event).to_approve().order_by("uploaded_at", "pk")


def waiting_count(event: Event) -> int:
    return waiting(event).count()


def decide(request: HttpRequest, photos: PhotoQuerySet, *, approved: bool) -> None:
    """Photos that the user may change; the message has a button that takes it back.

    Approved ones are seen by everybody; rejected ones by the guests who added them alone.
    """
    changes = curating.moderate(photos, approved=approved, by=request.user)
    hiding.say(request, _text(hiding.count_of(changes), approved=approved), changes)


@admin.action(description=gettext_lazy("Approve guests’ photos"), permissions=["change"])
def approve(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    decide(request, model_admin.own(request, photos), approved=True)


@admin.action(description=gettext_lazy("Reject guests’ photos"), permissions=["change"])
def reject(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    decide(request, model_admin.own(request, photos), approved=False)


def _text(count: int, *, approved: bool) -> str:
    if approved:
        text = ngettext(
            "%(count)d photo of a guest is approved.",
            "%(count)d photos of guests are approved.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d photo of a guest is rejected.",
            "%(count)d photos of guests are rejected.",
            count,
        )
    return text
