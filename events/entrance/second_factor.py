"""The second factor of who opens the desk: codes of an app, passkeys, and codes for when both are
lost.

allauth keeps and checks them, and asks at sign-in, after a password as after a code by e-mail. Here
is who may have one, what a session has used, and what is asked again before something serious.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import login_code_rejected
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from events.access import holds_desk_role, user_of
from events.entrance import proof
from events.models import User
from findme.compiled_query import CompiledQuery

logger = logging.getLogger(__name__)

FRESH_MINUTES = 15
PASSWORD, SECOND_FACTOR = "password", "mfa"  # allauth's names of what a session has used
View = Callable[..., HttpResponseBase]
OF_USER = CompiledQuery(
    lambda user_id: Authenticator.objects.filter(user_id=user_id).only("pk"), int
)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This is not right. The app’s code changes every 30 seconds, and each is good once."
        ),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "FindMe"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}


def has_one(user: User) -> bool:
    return OF_USER.first(user.pk) is not None


def is_used(request: HttpRequest, *, within_minutes: int | None = None) -> bool:
    """Whether this session was opened with it, or has shown it since. No query."""
    since = time.time() - within_minutes * 60 if within_minutes else 0
    return any(record["at"] > since for record in _records(request, SECOND_FACTOR))


def came_by_password(request: HttpRequest, user: User) -> bool:
    """Whether that was the last that was shown before the second factor: a session that began by
    password may be proven again by a code."""
    methods = [record["method"] for record in get_authentication_records(request, user)]
    return [method for method in methods if method != SECOND_FACTOR][-1:] == [PASSWORD]


def note_password(request: HttpRequest, user: User) -> None:
    record_authentication(request, user, PASSWORD)


def ways_to_show(user: User) -> list[dict[str, Any]]:
    """The pages on which somebody who is signed in shows a second factor, the likeliest first."""
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    ways = []
    if kinds:
        ways.append(_way("mfa_reauthenticate", _("Type a code instead")))
    if Authenticator.Type.WEBAUTHN in kinds:
        passkey = _way("mfa_reauthenticate_webauthn", _("Use a passkey instead"))
        ways.insert(1 if Authenticator.Type.TOTP in kinds else 0, passkey)
    return ways


def _way(name: str, description: str) -> dict[str, Any]:
    return {"id": name, "description": description, "url": reverse(name)}


def show(user: User, address: str) -> HttpResponseRedirect:
    """To the page that asks for the factor, and from there to `address`."""
    return redirect(f"{ways_to_show(user)[0]['url']}?{urlencode({'next': address})}")


def ask_again(request: HttpRequest, address: str) -> HttpResponseBase | None:
    """Before what cannot be undone: where to prove anew who is here; None if that was just done.

    Whoever has a second factor shows that one: a mailbox alone must not switch it off.
    """
    user = user_of(request)
    if has_one(user):
        is_fresh = is_used(request, within_minutes=FRESH_MINUTES)
        return None if is_fresh else show(user, address)
    return None if proof.is_fresh(request, FRESH_MINUTES) else proof.ask(request, address)


def page(view: View, *, fresh: bool = True) -> View:
    """A page on which somebody sets up a second factor: whoever may open a desk, and who has one.

    What changes anything, or shows codes, wants a fresh proof.
    """

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        user = user_of(request)
        if not user.proven_at or not (holds_desk_role(user) or has_one(user)):
            raise Http404
        asked = ask_again(request, request.get_full_path()) if fresh else None
        return asked or view(request, **kwargs)

    return guarded


def _records(request: HttpRequest, method: str) -> list[dict[str, Any]]:
    records = get_authentication_records(request, request.user)
    return [record for record in records if record["method"] == method]


# --- what the log says of it ---


@receiver(signals.authenticator_added)
def note_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever sets one up has just shown it."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, SECOND_FACTOR, type=authenticator.type)
    logger.info("second_factor_added user=%s kind=%s", user.pk, authenticator.type)


@receiver(signals.authenticator_reset)
def note_reset(user: User, authenticator: Authenticator, **_: Any) -> None:
    logger.info("second_factor_renewed user=%s kind=%s", user.pk, authenticator.type)


@receiver(signals.authenticator_removed)
def note_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    logger.info("second_factor_removed user=%s kind=%s", user.pk, authenticator.type)


@receiver(signals.authentication_failed)
def note_wrong_factor(user: User, **_: Any) -> None:
    logger.info("sign_in_failed user=%s by=second_factor", user.pk)


@receiver(login_code_rejected)
def note_wrong_code(user: User, **_: Any) -> None:
    logger.info("sign_in_failed user=%s by=code", user.pk)
