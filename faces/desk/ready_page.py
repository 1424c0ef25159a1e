"""The page of an event's desk where its guests are told that the photos are ready."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from events import letters
from events.desk import registry
from events.models import Event, User
from faces.finding import progress
from faces.models import ReadyLetter
from faces.notices import ready
from findme.refusals import words_of

logger = logging.getLogger(__name__)

registry.add_panel("faces/desk/_ready_panel.html", position=5)

# Somebody who is in so many photos, if there are, reads the letter that organizers are shown.
EXAMPLE_FOUND = 12


@registry.page("ready", "ready/")
@require_http_methods(["GET", "HEAD", "POST"])
def guests_told(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The letter, to how many it goes, and the question; afterwards what became of the letters."""
    if request.method == "POST":
        try:
            count = ready.tell(event, by=request.user)
        except ready.NotReady as error:
            logger.info("ready_refused code=%s event=%s", error.code, event.pk)
            event.refresh_from_db()
            return _page(request, event, refused=words_of(error.code))
        said = ngettext(
            "%(count)s letter is on its way.", "%(count)s letters are on their way.", count
        )
        messages.success(request, said % {"count": count})
        return redirect("admin:events_event_ready", event.pk)
    return _page(request, event)


@registry.page("ready_progress", "ready/progress/")
@require_safe
def ready_progress(request: HttpRequest, event: Event) -> HttpResponseBase:
    """How many letters are sent, for the page that shows it."""
    context = {"event": event, "told": ready.told(event)}
    return render(request, "faces/desk/_ready_told.html", context)


def _page(request: HttpRequest, event: Event, refused: str = "") -> HttpResponseBase:
    told, photos = ready.told(event), ready.shown(event).count()
    found = min(EXAMPLE_FOUND, photos) or EXAMPLE_FOUND
    context: dict[str, Any] = {
        "title": _("Tell the guests"),
        "told": told,
        "refused": refused,
        "previews": previews(event, found),
        "found": found,
    }
    if told is None:
        count = ready.recipients(event).count()
        context |= {
            "count": count,
            "left_out": event.memberships.guests_and_hosts().count() - count,
            "obstacle": ready.obstacle(event),
            "unpublished": ready.unpublished(event),
            "unseen": progress.of_event(event).waiting,
        }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return registry.show(request, event, "faces/desk/ready.html", context, status=status)


def previews(event: Event, found: int) -> list[tuple[str, str, str, str]]:
    """Code and name of a language, subject and text of the letter in it, for each language of the
    pages, as a guest reads it who is in so many photos."""
    written = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            reader = User(name=pgettext("a guest’s name", "Anna"), address_proven_at=timezone.now())
            letter = ReadyLetter(user=reader, event=event)
            context = ready.letter_context(letter, found=found)
            stop_url = settings.SITE_URL + unquote(reverse("stop_notices", args=["…"]))
            language = str(translation.get_language_info(code)["name_local"]).capitalize()
            words = letters.written("ready", context | {"stop_url": stop_url})
            written.append((code, language, *words))
    return written
