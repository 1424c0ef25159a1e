"""Buttons of the desk's photos, each with one action: of a card, a message, the question.

A button's value are ids of photos, or a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext

from events.desk import registry
from findme.http import back
from photos import binning, removing
from photos.desk import hiding, moderation
from photos.models import Photo
from photos.querysets import PhotoQuerySet

Button = Callable[[Any, HttpRequest, str], None]


def press(
    model_admin: Any, request: HttpRequest, buttons: Mapping[str, Button]
) -> HttpResponseBase:
    """Do what the pressed button names, and go back to where it was."""
    for name, button in buttons.items():
        if name in request.POST:
            button(model_admin, request, request.POST[name])
            return back(request, otherwise=reverse("admin:photos_photo_changelist"))
    return HttpResponse(status=400)


def hide(model_admin: Any, request: HttpRequest, ids: str) -> None:
    hiding.set_hidden(request, chosen(model_admin, request, ids), hidden=True)


def show(model_admin: Any, request: HttpRequest, ids: str) -> None:
    hiding.set_hidden(request, chosen(model_admin, request, ids), hidden=False)


def approve(model_admin: Any, request: HttpRequest, ids: str) -> None:
    moderation.decide(request, chosen(model_admin, request, ids), approved=True)


def reject(model_admin: Any, request: HttpRequest, ids: str) -> None:
    moderation.decide(request, chosen(model_admin, request, ids), approved=False)


def undo(model_admin: Any, request: HttpRequest, token: str) -> None:
    hiding.undo(request, model_admin.own(request, Photo.objects.all()), token)


def remove(model_admin: Any, request: HttpRequest, ids: str) -> None:
    """Into the bin, with a button that takes it back; for good where there is no bin."""
    photos = chosen(model_admin, request, ids)
    if binning.is_used():
        hiding.put_in_bin(request, photos)
        return
    removed = removing.remove(list(photos.values_list("pk", flat=True)), by=request.user)
    text = ngettext("%(count)d photo is deleted.", "%(count)d photos are deleted.", removed)
    messages.success(request, text % {"count": removed})


def chosen(model_admin: Any, request: HttpRequest, ids: str) -> PhotoQuerySet:
    """The photos of a button, without those that somebody has put in the bin meanwhile. 404 where
    the user sees none of them, 403 where only sees."""
    wanted = registry.ids(ids.split(","))
    photos: PhotoQuerySet = model_admin.own(request, Photo.objects.filter(pk__in=wanted))
    if not photos.exists():
        get_object_or_404(model_admin.get_queryset(request).filter(pk__in=wanted)[:1])
        raise PermissionDenied
    return photos.kept()
