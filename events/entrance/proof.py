"""What a session has proven of who uses it.

Whoever types a new address is in at once, and has proven nothing: that session may use the event it
joined. A session that was begun by a code or link from the mailbox, or by a password, is proven.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from events.models import Event, SignIn, User

logger = logging.getLogger(__name__)

GUESTS = "events.entrance.backends.GuestBackend"
DESK = "events.entrance.backends.DeskBackend"
# In the session: when it was proven (ISO), or the id of the event that it may use.
PROVEN_AT, UNPROVEN_IN = "proven_at", "unproven_in"
# In the session: whose it is since it began, for the sign-in that proves it later.
BEGUN_BY = "begun_by"
# On the request, for a sign-in by `begin`: how.
_HOW, _EVENT = "_sign_in_how", "_sign_in_event"

# An address is proven for the first time, and by another session than whoever typed it: what the
# account has so far was made by somebody else. Sent with `user`, within the transaction.
taken_back = Signal()


class ProvenAuthentication(AuthenticationMiddleware):
    """Django's, whose users know what their session has proven."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: seen(request))  # type: ignore[assignment]


def seen(request: HttpRequest) -> User | AnonymousUser:
    """The user of a request's session, with `proven_at` or `unproven_in`."""
    user = get_user(request)
    if isinstance(user, User):
        _mark(user, request)
    return user


def begin(request: HttpRequest, user: User, how: SignIn.How, *, event: Event | None = None) -> None:
    """Sign a guest in. `event` is the one that a session without proof may use."""
    setattr(request, _HOW, how)
    setattr(request, _EVENT, event)
    login(request, user, backend=GUESTS)


@receiver(user_logged_in)
def note_sign_in(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Every sign-in, whoever did it, has its row; the session says the same."""
    how = getattr(request, _HOW, None) or _how_by_backend(user)
    now, event = timezone.now(), getattr(request, _EVENT, None)
    was_here = request.session.get(BEGUN_BY) == user.pk
    if request.session.session_key is None:  # another's session ended with this sign-in
        request.session.save()
    SignIn.objects.create(
        session_id=request.session.session_key or "", user=user, how=how, at=now, event=event
    )
    request.session[BEGUN_BY] = user.pk
    if how == SignIn.How.JOINED:
        request.session[UNPROVEN_IN] = event.pk if event else 0
    else:
        request.session.pop(UNPROVEN_IN, None)
        request.session[PROVEN_AT] = now.isoformat()
    _mark(user, request)
    logger.info("signed_in user=%s how=%s same_session=%s", user.pk, how, was_here)


def _mark(user: User, request: HttpRequest) -> None:
    at = request.session.get(PROVEN_AT)
    user.proven_at = datetime.fromisoformat(at) if at else None
    user.unproven_in = None if at else request.session.get(UNPROVEN_IN, 0)


def _how_by_backend(user: User) -> SignIn.How:
    is_desk = getattr(user, "backend", DESK) == DESK
    return SignIn.How.PASSWORD if is_desk else SignIn.How.CODE


def is_fresh(request: HttpRequest, minutes: int) -> bool:
    """Whether this session was proven within the last minutes."""
    at = getattr(request.user, "proven_at", None)
    return at is not None and timezone.now() - at < timedelta(minutes=minutes)


def ask(request: HttpRequest, next: str) -> HttpResponseRedirect:  # noqa: A002
    """To the page that asks for a proof, and from there to `next`."""
    return HttpResponseRedirect(f"/account/prove/?{urlencode({'next': next})}")
