"""Hiding photos from guests, showing them again, deleting them, as the desk says it: with a way
back."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from photos import binning
from photos.desk import curating
from photos.querysets import PhotoQuerySet

UNDO_KEY = "photos_undo"


def set_hidden(request: HttpRequest, photos: PhotoQuerySet, *, hidden: bool) -> None:
    """Photos that the user may change; the message has a button that takes it back."""
    ids = curating.set_hidden(photos, hidden=hidden, by=request.user)
    if not ids:
        messages.info(request, _("Nothing changed."))
        return
    _say(request, _text(len(ids), hidden=hidden), ids=ids, hidden=hidden)


def put_in_bin(request: HttpRequest, photos: PhotoQuerySet) -> None:
    """Photos that the user may change; the message has a button that takes them out again."""
    ids = binning.put_in(photos, by=request.user)
    if not ids:
        messages.info(request, _("Nothing changed."))
        return
    text = ngettext("%(count)d photo is in the bin.", "%(count)d photos are in the bin.", len(ids))
    _say(request, text % {"count": len(ids)}, ids=ids, binned=True)


def undo(request: HttpRequest, own: PhotoQuerySet, token: str) -> None:
    """Take back the last hiding, showing or deleting, of exactly the photos it changed.

    `own`: all photos that the user may change.
    """
    last = request.session.pop(UNDO_KEY, None)
    if last is None or last["token"] != token:
        messages.warning(request, _("That can no longer be undone."))
        return
    photos = own.filter(pk__in=last["ids"])
    if not last.get("binned"):
        curating.set_hidden(photos, hidden=not last["hidden"], by=request.user)
    elif not binning.restore(photos, by=request.user):
        messages.warning(request, _("That can no longer be undone."))
        return
    messages.success(request, _("Undone."))


def _text(count: int, *, hidden: bool) -> str:
    if hidden:
        text = ngettext(
            "%(count)d photo is hidden from guests.",
            "%(count)d photos are hidden from guests.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d photo is shown to guests again.",
            "%(count)d photos are shown to guests again.",
            count,
        )
    return text % {"count": count}


def _say(request: HttpRequest, text: str, **done: Any) -> None:
    """With a button that takes back what was done, which the session remembers."""
    token = secrets.token_urlsafe(8)
    request.session[UNDO_KEY] = {"token": token, **done}
    messages.success(request, _with_undo(text, token))


def _with_undo(text: str, token: str) -> str:
    """The button belongs to the list's form, which has the CSRF token."""
    return format_html(
        '{} <button type="submit" form="desk-act" name="undo" value="{}" class="desk-undo">'
        "{}</button>",
        text,
        token,
        _("Undo"),
    )
