"""The two links of a notice: to the photos, without a code, and to no more notices."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events.access import holds_desk_role, look_as
from events.entrance import proof
from events.models import Event, SignIn, User
from faces.models import NoticeRequest
from faces.notices import mailing
from faces.notices.mailing import Opened
from findme.refusals import words_of

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def open_notice(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button, which signs in whoever holds the mail, as the code in a log-in mail
    would, and shows the photos: once.

    Looking at it changes nothing: mailboxes open links to check them. Who may open the desk is
    never signed in by a link.
    """
    try:
        opened = mailing.read_open_token(token)
    except BadSignature:
        return _refused(request, "link_invalid", HTTPStatus.GONE)
    person = User.objects.select_related("guardian").filter(pk=opened.user_id).first()
    user = person.reader if person and person.reader.is_active else None
    event = Event.objects.joined_by(user).filter(pk=opened.event_id).first() if user else None
    if person is None or user is None or event is None:
        return _refused(request, "link_of_nobody", HTTPStatus.GONE)
    if request.user.is_authenticated and request.user != user:
        return _refused(request, "link_of_another", HTTPStatus.CONFLICT)
    if not getattr(request.user, "proven_at", None):
        if holds_desk_role(user):
            return _refused(request, "link_of_desk", HTTPStatus.GONE)
        if request.method != "POST":
            return _offer(request, opened, person, event)
        if not mailing.use_link(opened):
            return _refused(request, "link_used", HTTPStatus.GONE)
        proof.begin(request, user, SignIn.How.LINK)
    look_as(request, event, person)
    return redirect("my_photos", slug=event.slug)


@csrf_exempt  # mail programs post here, without cookies (RFC 8058); the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop_notices(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button for people; for mail programs the button's POST itself.

    Looking at it changes nothing: mailboxes open links to check them.
    """
    try:
        user_id, event_id = mailing.read_stop_token(token)
    except BadSignature:
        return _refused(request, "link_invalid", HTTPStatus.GONE)
    if request.method == "POST":
        mailing.stop(user_id=user_id, event_id=event_id)
    event = Event.objects.filter(pk=event_id).first()
    child = User.objects.exclude(guardian=None).filter(pk=user_id).first()
    asked = NoticeRequest.objects.filter(user_id=user_id, event_id=event_id).exists()
    stopped = request.method == "POST"
    context = {"event": event, "child": child, "asked": asked, "stopped": stopped}
    return render(request, "faces/notices/stop_notices.html", context)


def _offer(request: HttpRequest, opened: Opened, person: User, event: Event) -> HttpResponse:
    if not mailing.is_open(opened):
        return _refused(request, "link_used", HTTPStatus.GONE)
    # Who joined in another browser, and has proven nothing there, loses what they made in it.
    guest = person.reader
    is_elsewhere = guest.address_proven_at is None and not request.user.is_authenticated
    child = person if person.guardian_id else None
    context = {"event": event, "guest": guest, "child": child, "is_elsewhere": is_elsewhere}
    return render(request, "faces/notices/open_notice.html", context)


def _refused(request: HttpRequest, code: str, status: HTTPStatus) -> HttpResponse:
    logger.info("notice_link_refused code=%s", code)
    context = {"code": code, "words": words_of(code)}
    return render(request, "faces/notices/notice_link.html", context, status=status)
