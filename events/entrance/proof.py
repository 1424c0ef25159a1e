"""What a session has proven of who uses it.

Whoever types a new address is in at once, and has proven nothing: that session may use the event it
joined. A session that was begun by a code or link from the mailbox, or by a password, is proven. At
an account's first proof, what another session made goes that had begun it by typing the address
(`taken_back`).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from events.access import may_use, to_prove
from events.entrance import devices, sessions
from events.models import Event, SignIn, User
from events.visits import Part, Value, Visit, Visitor
from findme.language import current_language

logger = logging.getLogger(__name__)

GUESTS = "events.entrance.backends.GuestBackend"
DESK = "events.entrance.backends.DeskBackend"
# In the session: when it was proven (ISO), or the id of the event that it may use.
PROVEN_AT, UNPROVEN_IN = "proven_at", "unproven_in"
# In the session: whose it is since it began, for the sign-in that proves it later.
BEGUN_BY = "begun_by"
# In the session: address and name as they were typed, for the sign-in by a code that follows.
TYPED = "typed"
# On the request, for a sign-in by `begin`: how.
_HOW, _EVENT = "_sign_in_how", "_sign_in_event"
# Of an account: what its first proof may change.
PROVEN_FIELDS = ["address_proven_at", "address_typed_at", "name", "language"]

# An address that was typed to join is proven for the first time, and by another session: what the
# account has so far was made by somebody else. Sent with `user` within the transaction, and with
# `removed`, in which receivers count what they remove by the label of its model.
taken_back = Signal()


class ProvenAuthentication(AuthenticationMiddleware):
    """Django's, whose users know what their session has proven."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: seen(request))  # type: ignore[assignment]


def seen(request: HttpRequest) -> User | AnonymousUser:
    """The user of a request's session, with `proven_at` or `unproven_in`."""
    user = _of_visit(request) or get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    _mark(user, request)
    return AnonymousUser() if _is_left_over(user) else user


def visitor(request: HttpRequest, slug: str, part: Part, **parameters: Value) -> Visitor | None:
    """Who asks for an event's address on a short way, and what else a shortcut needs, in one
    statement. None where anything but the usual is to be said: the whole way says it.

    All that `member_required` checks is checked here, by the same functions.
    """
    request.session = session = sessions.SessionStore(
        request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    )
    session.slug, session.part, session.parameters = slug, part, parameters
    if SESSION_KEY not in session or (user := _of_visit(request)) is None:
        return None
    _mark(user, request)
    if _is_left_over(user):
        return None
    found = session.visit
    if found is None or found.event is None or not may_use(user, found.event.pk):
        return None
    request.user = user
    return Visitor(user, found.event, found.more)


def _is_left_over(user: User) -> bool:
    """A session without proof is nobody's once its address was proven: should one be left anywhere,
    it shows nothing of what the owner has made since."""
    return user.proven_at is None and user.address_proven_at is not None


def _of_visit(request: HttpRequest) -> User | None:
    """The account that came with the session's row, where it is the session's without doubt: what
    `get_user` asks is asked of it. None where there is any."""
    session = request.session
    is_begun = SESSION_KEY in session  # which reads its row
    visit: Visit | None = getattr(session, "visit", None)
    account = visit.account if is_begun and visit else None
    if account is None or session[SESSION_KEY] != str(account.pk):
        return None
    backend = session.get(BACKEND_SESSION_KEY)
    if backend not in settings.AUTHENTICATION_BACKENDS or not account.is_active:
        return None
    known = session.get(HASH_SESSION_KEY, "")
    is_same = constant_time_compare(known, account.get_session_auth_hash())
    return account if is_same else None


def begin(request: HttpRequest, user: User, how: SignIn.How, *, event: Event | None = None) -> None:
    """Sign a guest in. `event` is the one that a session without proof may use."""
    setattr(request, _HOW, how)
    setattr(request, _EVENT, event)
    login(request, user, backend=GUESTS)


def is_fresh(request: HttpRequest, minutes: int) -> bool:
    """Whether the session was proven in the last minutes."""
    proven_at = getattr(request.user, "proven_at", None)
    return proven_at is not None and timezone.now() - proven_at <= timedelta(minutes=minutes)


def ask(request: HttpRequest, next_page: str = "") -> HttpResponseRedirect:
    """To the page that proves the address, and from there to a page of ours: this one, if no other
    is named."""
    return to_prove(next_page or request.get_full_path())


@contextmanager
def as_signed_out(request: HttpRequest) -> Iterator[None]:
    """Have allauth's pages of a sign-in seen by somebody who is signed in: it leads such people
    away from them. Who signs in there stays so."""
    user = request.user
    request.user = AnonymousUser()
    try:
        yield
    finally:
        if not request.user.is_authenticated:
            request.user = user


@receiver(user_logged_in)
def note_sign_in(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Every sign-in, whoever did it, has its row; the session says the same."""
    how = getattr(request, _HOW, None) or _how_by_backend(user)
    now, event = timezone.now(), getattr(request, _EVENT, None)
    was_here = request.session.get(BEGUN_BY) == user.pk
    with transaction.atomic():
        _renew_key(request, was_here=was_here)
        if how != SignIn.How.JOINED:
            _prove(request, user, at=now, was_here=was_here)
        SignIn.objects.create(
            session_id=request.session.session_key or "",
            user=user,
            how=how,
            at=now,
            event=event,
            device=devices.name_of(request),
        )
    request.session[BEGUN_BY] = user.pk
    if how == SignIn.How.JOINED:
        request.session[UNPROVEN_IN] = event.pk if event else 0
    else:
        request.session.pop(UNPROVEN_IN, None)
        request.session[PROVEN_AT] = now.isoformat()
    _mark(user, request)
    logger.info("signed_in user=%s how=%s same_session=%s", user.pk, how, was_here)


def _renew_key(request: HttpRequest, *, was_here: bool) -> None:
    """A session whose user stays would keep its key, which has become worth more."""
    if was_here:
        request.session.cycle_key()
    elif request.session.session_key is None:  # another's session ended with this sign-in
        request.session.save()


def _prove(request: HttpRequest, user: User, *, at: datetime, was_here: bool) -> None:
    """Note that the address is proven, and end the sessions that never were.

    The account is held, so that of two at once one is the first. `no_key`: whoever writes rows that
    refer to it need not wait, and may hold an event that is waited for here.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    SignIn.objects.of(account).unproven().end()
    typed = request.session.pop(TYPED, {})
    if account.address_proven_at is None:
        if account.address_typed_at and not was_here:
            _take_back(request, account)
        if typed.get("email") == account.email:
            account.name = account.name or typed["name"]
        account.language = account.language or current_language()
        account.address_proven_at, account.address_typed_at = at, None
        account.save(update_fields=PROVEN_FIELDS)
    for name in PROVEN_FIELDS:
        setattr(user, name, getattr(account, name))


def _take_back(request: HttpRequest, account: User) -> None:
    """What somebody else made with the address goes, their name and language with it. Names of
    staff are given at the desk."""
    account.language = ""
    if not account.is_staff:
        account.name = ""
    removed: Counter[str] = Counter()
    taken_back.send(sender=User, user=account, removed=removed)
    if not removed.total():
        return
    logger.info("taken_back user=%s rows=%s", account.pk, removed.total())
    text = _(
        "Somebody had used your address before it was confirmed: perhaps you, on another device. "
        "To be safe, what they had added is removed (%(what)s), and they are signed out. A receipt "
        "goes to your mailbox."
    )
    messages.warning(request, text % {"what": in_words(removed)}, fail_silently=True)


def in_words(counts: Counter[str]) -> str:
    """Numbers of rows by the labels of their models, for people."""
    kinds = ((apps.get_model(label)._meta.verbose_name_plural, n) for label, n in counts.items())
    return ", ".join(
        _("%(kind)s: %(count)s") % {"kind": kind, "count": n} for kind, n in kinds if n
    )


def _mark(user: User, request: HttpRequest) -> None:
    at = request.session.get(PROVEN_AT)
    user.proven_at = datetime.fromisoformat(at) if at else None
    user.unproven_in = None if at else request.session.get(UNPROVEN_IN, 0)
    found: Visit | None = getattr(request.session, "visit", None)
    user.holds_role = found.holds_role if found and found.account is user else None


def _how_by_backend(user: User) -> SignIn.How:
    is_desk = getattr(user, "backend", DESK) == DESK
    return SignIn.How.PASSWORD if is_desk else SignIn.How.CODE
