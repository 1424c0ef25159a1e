"""The organizers' word on guests' photos, as actions of the desk's list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from photos.desk import curating
from photos.models import Photo


@admin.action(description=_("Approve guests’ photos"), permissions=["change"])
def approve(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    """Show them to everybody."""
    count = curating.moderate(model_admin.own(request, photos), approved=True, by=request.user)
    text = ngettext(
        "%(count)d photo of a guest is approved.", "%(count)d photos of guests are approved.", count
    )
    model_admin.message_user(request, text % {"count": count})


@admin.action(description=_("Reject guests’ photos"), permissions=["change"])
def reject(model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]) -> None:
    """Hide them from everybody but the guests who added them."""
    count = curating.moderate(model_admin.own(request, photos), approved=False, by=request.user)
    text = ngettext(
        "%(count)d photo of a guest is rejected.", "%(count)d photos of guests are rejected.", count
    )
    model_admin.message_user(request, text % {"count": count})
