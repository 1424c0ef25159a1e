"""What a session must have done before the desk opens for it, beside holding a role.

It was at the desk within the last twelve hours, and has used the second factor where the account
has one, or the installation wants one. The session of an idle desk ends as a whole, for the guests'
pages too: one that is half signed in would be hard to explain, and harder to check.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.access import user_of
from events.entrance import leaving, second_factor
from events.entrance.proof import PROVEN_AT

logger = logging.getLogger(__name__)

IDLE = timedelta(hours=12)
# In the session: when it was last at the desk (ISO). It is written this often at most.
SEEN_AT = "desk_seen_at"
SEEN_EVERY = timedelta(minutes=5)
REQUIRED = "required"


def locked(request: HttpRequest) -> HttpResponse | None:
    """What comes first: signing in again, showing the second factor, setting one up. None: open."""
    if _is_idle(request):
        return _end(request)
    if not second_factor.is_used(request):
        user = user_of(request)
        if second_factor.has_one(user):
            return second_factor.show(user, _here(request))
        if settings.DESK_SECOND_FACTOR == REQUIRED:
            words = _("The desk of this site opens with a second factor only. Please set one up.")
            messages.info(request, words)
            return redirect("mfa_index")
    _note(request)
    return None


def is_locked(request: HttpRequest) -> bool:
    """The same for a picture, which leads nowhere: nobody is sent away, and a page's own pictures
    say of nobody that they are there."""
    if _is_idle(request):
        return True
    is_wanted = settings.DESK_SECOND_FACTOR == REQUIRED or second_factor.has_one(user_of(request))
    return is_wanted and not second_factor.is_used(request)


def _end(request: HttpRequest) -> HttpResponse:
    logger.info("desk_session_ended user=%s", request.user.pk)
    address = redirect_to_login(_here(request), reverse("admin:login")).url
    response = leaving.send_out(request, address)
    messages.info(
        request,
        _("You were signed out: nobody had used the desk for twelve hours. Nothing is lost."),
    )
    return response


def _here(request: HttpRequest) -> str:
    """A page to come back to: a form that was sent is not sent again."""
    return request.get_full_path() if request.method == "GET" else reverse("admin:index")


def _last_seen(request: HttpRequest) -> datetime | None:
    """At the desk, or when the session was proven, anew too: whoever did that is there."""
    moments = filter(None, map(request.session.get, (SEEN_AT, PROVEN_AT)))
    return max(map(datetime.fromisoformat, moments), default=None)


def _is_idle(request: HttpRequest) -> bool:
    last = _last_seen(request)
    return last is not None and timezone.now() - last > IDLE


def _note(request: HttpRequest) -> None:
    """What a page asks by itself, to show progress, says of nobody that they are there."""
    now, last = timezone.now(), _last_seen(request)
    if getattr(request, "htmx", False) and request.method == "GET":
        return
    if last is None or now - last > SEEN_EVERY:
        request.session[SEEN_AT] = now.isoformat()
