"""Hiding photos from guests, showing them again and deleting them, as the desk says it; and the way
back of this and of whatever else changes many photos by one press."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.audit import Person
from photos import binning
from photos.desk import curating
from photos.desk.curating import Change
from photos.querysets import PhotoQuerySet

UNDO_KEY = "photos_undo"
# Gives photos back a value that they had. What it returns is true where that changed any.
Restore = Callable[[PhotoQuerySet, Any, Person], object]

_restores: dict[str, Restore] = {
    "hidden": lambda photos, was, by: curating.set_hidden(photos, hidden=was, by=by),
    "moderation": lambda photos, was, by: curating.put_back(photos, was, by=by),
    "binned": lambda photos, _was, by: binning.restore(photos, by=by),
}


def restores(what: str, restore: Restore) -> None:
    """Name what takes back a kind of change."""
    _restores[what] = restore


def set_hidden(request: HttpRequest, photos: PhotoQuerySet, *, hidden: bool) -> None:
    """Photos that the user may change; the message has a button that takes it back."""
    changes = curating.set_hidden(photos, hidden=hidden, by=request.user)
    say(request, _text(count_of(changes), hidden=hidden), changes)


def put_in_bin(request: HttpRequest, photos: PhotoQuerySet) -> None:
    """Photos that the user may change; the message has a button that takes them out again."""
    ids = binning.put_in(photos, by=request.user)
    text = ngettext("%(count)d photo is in the bin.", "%(count)d photos are in the bin.", len(ids))
    say(request, text, [("binned", False, ids)])


def count_of(changes: Sequence[Change]) -> int:
    """Of the photos."""
    return sum(len(ids) for _what, _was, ids in changes)


def offer_undo(request: HttpRequest, text: str, changes: Sequence[Change]) -> None:
    """Say what was done, with a button that takes it back; the button takes back the last only."""
    token = secrets.token_urlsafe(8)
    request.session[UNDO_KEY] = {"token": token, "before": changes}
    messages.success(request, _with_undo(text, token))


def say(request: HttpRequest, text: str, changes: Sequence[Change], **said: str) -> None:
    """`offer_undo`, where anything changed; `count` in the text is of how many photos."""
    count = count_of(changes)
    if not count:
        messages.info(request, _("Nothing changed."))
        return
    offer_undo(request, text % {"count": count, **said}, changes)


def undo(request: HttpRequest, own: PhotoQuerySet, token: str) -> None:
    """Take back the last change, of exactly the photos it changed.

    `own`: all photos that the user may change.
    """
    last = request.session.pop(UNDO_KEY, None)
    if last is None or last["token"] != token:
        messages.warning(request, _("That can no longer be undone."))
        return
    changed = [
        _restores[what](own.filter(pk__in=ids), was, request.user)
        for what, was, ids in last["before"]
        if ids
    ]
    if not any(changed):
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
    return text


def _with_undo(text: str, token: str) -> str:
    """The button belongs to the form of all such buttons, which has the CSRF token."""
    return format_html(
        '{} <button type="submit" form="desk-act" name="undo" value="{}" class="desk-undo">'
        "{}</button>",
        text,
        token,
        _("Undo"),
    )
